"""The parts of a file away from the cursor: which lines are one definition each, and what can stand for it. Knows no budget."""

from collections.abc import Sequence

from interfix.context.skeleton import skeleton
from interfix.syntax.definitions import Scope
from interfix.syntax.indentation import text_of
from interfix.syntax.snapshot import Snapshot

BRIEF_CHARACTERS = 600
"""Longer signatures, such as those of a class of many methods, go without docstrings and remarks."""
TERSE_CHARACTERS = 1500
"""Those that are still longer end early."""
_REMARKS = (b"//", b"#", b"*", b"/*", b"--", b"@", b"[")
"""What a line directly above a definition begins with that belongs to it: comments, attributes."""


def definitions(snapshot: Snapshot, first: int, last: int, offset: int, scopes: Sequence[Scope]) -> tuple[range, ...]:
    """The lines of each outermost definition among `scopes` that lies wholly in the lines `first` up to but not `last`.

    What holds the byte `offset` is none of them, but what it holds beside that is. Comments directly above belong to a definition.
    """
    found: list[range] = []
    for scope in scopes:
        if scope.start <= offset <= scope.end:
            continue
        start, end = snapshot.lines.at(scope.start), snapshot.lines.at(max(scope.start, scope.end - 1)) + 1
        floor = max(first, found[-1].stop if found else first)
        if floor <= start and end <= last:
            while start > floor and text_of(snapshot, start - 1).lstrip().startswith(_REMARKS):
                start -= 1
            found.append(range(start, end))
    return tuple(found)


def brief(snapshot: Snapshot, lines: range, scopes: Sequence[Scope]) -> str:
    """The signatures of the definition on these lines, with short docstrings where there is room; of very many the first."""
    text = skeleton(snapshot, lines.start, lines.stop, scopes)
    if len(text) <= BRIEF_CHARACTERS:
        return text
    text = skeleton(snapshot, lines.start, lines.stop, scopes, terse=True)
    if len(text) <= TERSE_CHARACTERS:
        return text
    end = text.rfind("\n", 0, TERSE_CHARACTERS) + 1
    return text[:end] + "..." + snapshot.newline if end else ""
