"""The selection a command is about, as its argument spells it."""

import msgspec
from lsprotocol import types

from interfix.lsp import convert
from interfix.lsp.session import Session
from interfix.syntax.document import Snapshot


class Position(msgspec.Struct, frozen=True):
    """LSP's position."""

    line: int
    """From 0."""
    character: int
    """From 0, in the units agreed on."""


class Range(msgspec.Struct, frozen=True):
    """LSP's range."""

    start: Position
    """Its beginning."""
    end: Position
    """Its end, exclusive."""


def selected(session: Session, uri: str, range: Range) -> tuple[Snapshot, int, int]:
    """The document now and the byte range in it, in order even where the editor gives the cursor's end first."""
    snapshot = session.snapshot(uri).settled
    ends = [convert.offset(snapshot, types.Position(end.line, end.character), session.encoding) for end in (range.start, range.end)]
    return snapshot, min(ends), max(ends)
