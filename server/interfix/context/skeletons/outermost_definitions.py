"""Which lines of a file are one definition each."""

from interfix.context.skeletons.code_structure import CodeScopes
from interfix.syntax.indent_structure import get_line_text

_COMMENT_STARTS = (b"//", b"#", b"*", b"/*", b"--", b"@", b"[")
"""What a line directly above a definition begins with that belongs to it: comments, attributes."""


def find_definition_ranges(code: CodeScopes, lines: range, offset: int) -> tuple[range, ...]:
    """The lines of each outermost definition that lies wholly in `lines`.

    What holds the byte `offset` is none of them, but what it holds beside that is. Comments directly above belong to a definition.
    """
    snapshot, ranges = code.snapshot, list[range]()
    for scope in code.scopes:
        if scope.start <= offset <= scope.end:
            continue
        start, end = snapshot.lines.find_line(scope.start), snapshot.lines.find_line(max(scope.start, scope.end - 1)) + 1
        floor = max(lines.start, ranges[-1].stop if ranges else lines.start)
        if floor <= start and end <= lines.stop:
            while start > floor and get_line_text(snapshot, start - 1).lstrip().startswith(_COMMENT_STARTS):
                start -= 1
            ranges.append(range(start, end))
    return tuple(ranges)
