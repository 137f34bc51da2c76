"""A text with its scopes, from which skeletons, signatures and outlines are made."""

import msgspec

from interfix.syntax.definitions import Scope, find_docstring, find_scopes
from interfix.syntax.incremental_trees import Span
from interfix.syntax.query_matches import find_captures
from interfix.syntax.snapshot import Snapshot


class CodeStructure(msgspec.Struct, frozen=True, array_like=True):
    """What skeletons need of a text's tree, so that one who has it need not parse the text. Offsets are bytes."""

    scopes: tuple[Scope, ...]
    """In the order of the text."""
    docstrings: dict[int, Span]
    """By where the body of a scope begins, the docstring that it begins with."""
    attributes: tuple[Span, ...]
    """Where constructors set attributes, in the order of the text."""


class CodeScopes(msgspec.Struct, frozen=True):
    """A text, and the scopes of it or of a part of it."""

    snapshot: Snapshot
    """The text."""
    scopes: tuple[Scope, ...]
    """In the order of the text."""
    structure: CodeStructure | None = None
    """What else its tree tells; None: it is asked for that."""
    skeletons: dict[tuple[int, int, bool], str] = {}
    """Those that were made of it, by their lines and whether they are terse: the same are wanted at every line that is typed."""

    def find_docstring(self, scope: Scope) -> Span | None:
        """The bytes of the docstring that a scope's body begins with."""
        return find_docstring(self.snapshot, scope) if self.structure is None else self.structure.docstrings.get(scope.body_start)

    def find_attributes(self, start: int, end: int) -> list[Span]:
        """The bytes at which constructors set attributes, of those that touch the bytes `start` to `end`."""
        if self.structure is None:
            return find_captures(self.snapshot, "attributes", "attribute", start, end)
        return [span for span in self.structure.attributes if span[0] < end and start < span[1]]


def find_code_scopes(snapshot: Snapshot, lines: range | None = None) -> CodeScopes:
    """The scopes that touch some lines; None: those of the whole text."""
    if lines is None:
        return CodeScopes(snapshot, find_scopes(snapshot, 0, len(snapshot.data)))
    if not lines:
        return CodeScopes(snapshot, ())
    start, end = snapshot.lines.find_start(lines.start), snapshot.lines.find_next_start(snapshot.data, lines.stop - 1)
    return CodeScopes(snapshot, find_scopes(snapshot, start, end))


def read_structure(snapshot: Snapshot) -> CodeStructure:
    """The structure of a whole text, by its tree."""
    scopes = find_scopes(snapshot, 0, len(snapshot.data))
    docstrings = {scope.body_start: docstring for scope in scopes if (docstring := find_docstring(snapshot, scope)) is not None}
    return CodeStructure(scopes, docstrings, tuple(find_captures(snapshot, "attributes", "attribute", 0, len(snapshot.data))))
