"""`interfix.refactor`: the selection rewritten by an instruction, as an edit of the very version it was asked about."""

from collections.abc import Awaitable
from typing import Any

import msgspec
from lsprotocol import types

from interfix.commands import refactor as command
from interfix.errors import BadUsage
from interfix.lsp import convert
from interfix.lsp.selection import Range, selected
from interfix.lsp.session import Session
from interfix.syntax.document import Snapshot


class Arguments(msgspec.Struct, frozen=True):
    """What to change, and how."""

    uri: str
    """The open document."""
    range: Range
    """The selection."""
    instruction: str
    """What the user wants, in their words."""
    token: int | str | None = None
    """Where to show that work is under way."""


def refactor(session: Session, arguments: Arguments, token: int | str | None) -> Awaitable[dict[str, Any]]:
    """The edit and the verdict; `Stale` where the document has changed before they were there."""
    if not arguments.instruction.strip():
        raise BadUsage("interfix.refactor needs an instruction: what is to change?")
    snapshot, start, end = selected(session, arguments.uri, arguments.range)
    return _answer(session, snapshot, start, end, arguments.instruction, token)


async def _answer(
    session: Session, snapshot: Snapshot, start: int, end: int, instruction: str, token: int | str | None
) -> dict[str, Any]:
    model = await session.supply.instruct()
    with session.client.answering("Refactoring", token):
        done = await command.refactor(session.engine, model, snapshot, start, end, instruction, session.settings.commands)
    document = session.documents.get(snapshot.uri)
    if document is None or document.snapshot().version != snapshot.version:
        raise convert.Stale("The document changed while the edit was being made, so it is left alone; ask again.")
    changes: list[types.TextDocumentEdit] = []
    if done.text.encode("utf-8", "surrogatepass") != snapshot.data[done.start : done.end]:
        at = convert.lsp_range(snapshot, done.start, done.end, session.encoding)
        versioned = types.OptionalVersionedTextDocumentIdentifier(snapshot.uri, snapshot.version)
        changes.append(types.TextDocumentEdit(versioned, [types.TextEdit(at, done.text)]))
    return {"edit": types.WorkspaceEdit(document_changes=changes), "verdict": done.verdict}
