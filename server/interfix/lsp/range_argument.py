"""The selection a command is about, as its argument spells it."""

from typing import Annotated

import msgspec
from lsprotocol import types

from interfix.lsp import converters
from interfix.lsp.session import Session
from interfix.syntax.document import Snapshot

_Uinteger = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
"""LSP's, for what is counted."""


class Position(msgspec.Struct, frozen=True):
    """LSP's position."""

    line: _Uinteger
    """From 0."""
    character: _Uinteger
    """From 0, in the units agreed on."""


class Range(msgspec.Struct, frozen=True):
    """LSP's range."""

    start: Position
    """Its beginning."""
    end: Position
    """Its end, exclusive."""


def resolve_range(session: Session, uri: str, selection: Range) -> tuple[Snapshot, int, int]:
    """The document now and the byte range in it, in order even where the editor gives the cursor's end first."""
    snapshot = session.snapshot(uri).exact_copy
    ends = [
        converters.byte_offset(snapshot, types.Position(end.line, end.character), session.encoding)
        for end in (selection.start, selection.end)
    ]
    return snapshot, min(ends), max(ends)
