"""The parts of a file away from the cursor: which lines are one definition each, and what can stand for it."""

from collections.abc import Sequence

from interfix.context.skeleton import build_skeleton
from interfix.syntax.definitions import Scope
from interfix.syntax.indent_structure import get_line_text
from interfix.syntax.snapshot import Snapshot

MAX_DOCUMENTED_CHARACTERS = 600
"""Longer signatures, such as those of a class of many methods, go without docstrings and remarks."""
MAX_TERSE_CHARACTERS = 1500
"""Those that are still longer end early."""
_COMMENT_STARTS = (b"//", b"#", b"*", b"/*", b"--", b"@", b"[")
"""What a line directly above a definition begins with that belongs to it: comments, attributes."""


def find_definition_ranges(snapshot: Snapshot, first: int, last: int, offset: int, scopes: Sequence[Scope]) -> tuple[range, ...]:
    """The lines of each outermost definition among `scopes` that lies wholly in the lines `first` up to but not `last`.

    What holds the byte `offset` is none of them, but what it holds beside that is. Comments directly above belong to a definition.
    """
    found: list[range] = []
    for scope in scopes:
        if scope.start <= offset <= scope.end:
            continue
        start, end = snapshot.lines.find_line(scope.start), snapshot.lines.find_line(max(scope.start, scope.end - 1)) + 1
        floor = max(first, found[-1].stop if found else first)
        if floor <= start and end <= last:
            while start > floor and get_line_text(snapshot, start - 1).lstrip().startswith(_COMMENT_STARTS):
                start -= 1
            found.append(range(start, end))
    return tuple(found)


def summarize_signatures(snapshot: Snapshot, lines: range, scopes: Sequence[Scope]) -> str:
    """The signatures of the definition on these lines, with short docstrings where there is room; of very many the first."""
    text = build_skeleton(snapshot, lines.start, lines.stop, scopes)
    if len(text) <= MAX_DOCUMENTED_CHARACTERS:
        return text
    text = build_skeleton(snapshot, lines.start, lines.stop, scopes, terse=True)
    if len(text) <= MAX_TERSE_CHARACTERS:
        return text
    end = text.rfind("\n", 0, MAX_TERSE_CHARACTERS) + 1
    return text[:end] + "..." + snapshot.newline if end else ""
