"""A text with its scopes, from which skeletons, signatures and outlines are made."""

import msgspec

from interfix.syntax.definitions import Scope, find_scopes
from interfix.syntax.snapshot import Snapshot


class CodeScopes(msgspec.Struct, frozen=True):
    """A text, and the scopes of it or of a part of it."""

    snapshot: Snapshot
    """The text."""
    scopes: tuple[Scope, ...]
    """In the order of the text."""
    skeletons: dict[tuple[int, int, bool], str] = {}
    """Those that were made of it, by their lines and whether they are terse: the same are wanted at every line that is typed."""


def find_code_scopes(snapshot: Snapshot, lines: range | None = None) -> CodeScopes:
    """The scopes that touch some lines; None: those of the whole text."""
    if lines is None:
        return CodeScopes(snapshot, find_scopes(snapshot, 0, len(snapshot.data)))
    if not lines:
        return CodeScopes(snapshot, ())
    start, end = snapshot.lines.find_start(lines.start), snapshot.lines.find_next_start(snapshot.data, lines.stop - 1)
    return CodeScopes(snapshot, find_scopes(snapshot, start, end))
