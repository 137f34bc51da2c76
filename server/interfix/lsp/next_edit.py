"""`textDocument/copilotInlineEdit`: the edit that follows from the last. `didShowInlineEdit`, `didFocus`: what was shown."""

from collections.abc import Awaitable, Iterator
from contextlib import suppress
from typing import Any

import msgspec
from lsprotocol import types

from interfix.errors import UsageError
from interfix.lsp import accept_command, converters
from interfix.lsp.command_params import DiagnosticParams
from interfix.lsp.cursor_read_ahead import watch_cursor
from interfix.lsp.range_argument import Position
from interfix.lsp.session import Session
from interfix.next_edit.edit_context import EditorDiagnostic
from interfix.next_edit.next_edit_types import NextEdit
from interfix.syntax.document import Snapshot

NEXT_EDIT = "textDocument/copilotInlineEdit"
DID_SHOW = "textDocument/didShowInlineEdit"
DID_FOCUS = "textDocument/didFocus"

MAX_DIAGNOSTICS = 200
"""Diagnostics of a request that are looked at, those nearest to the cursor."""


class _DocumentParams(msgspec.Struct, frozen=True):
    uri: str
    version: int | None = None


class _ContextParams(msgspec.Struct, frozen=True, rename="camel"):
    trigger_kind: int = 2
    diagnostics: Any = ()
    """Those that are as LSP has them are used, the others passed over."""


class NextEditParams(msgspec.Struct, frozen=True, rename="camel"):
    """The parameters of a request."""

    text_document: _DocumentParams
    """Which document, and which version of it."""
    position: Position
    """Where the cursor is."""
    context: _ContextParams = _ContextParams()
    """Who asks, and what is known to be wrong in the document."""


def next_edit(session: Session, params: Any) -> Awaitable[dict[str, Any]]:
    """At most one edit; none where the version is not the newest, or a newer request for the document came."""
    try:
        request = msgspec.convert(converters.to_builtins(params), NextEditParams)
    except msgspec.ValidationError as error:
        raise UsageError(f"The parameters of {NEXT_EDIT} are not as they should be: {error}.") from error
    snapshot = session.snapshot(request.text_document.uri)
    position = types.Position(request.position.line, request.position.character)
    offset = converters.byte_offset(snapshot, position, session.encoding)
    watch_cursor(session, snapshot, offset)
    near = sorted(_list_diagnostics(request.context.diagnostics), key=lambda each: abs(each.range.start.line - position.line))[
        :MAX_DIAGNOSTICS
    ]
    diagnostics = [_convert_diagnostic(session, snapshot, each) for each in near]
    stale = request.text_document.version not in (None, snapshot.version)
    return _answer(session, snapshot, offset, diagnostics, explicit=request.context.trigger_kind == 1, stale=stale)


def did_show_inline_edit(session: Session, params: Any) -> None:
    """Take note; clients send the edit, or only its command."""
    match converters.to_builtins(params):
        case {"item": {"command": {"arguments": [{"id": str(id)}, *_]}}}:
            session.next_edits.record_shown(id)


def did_focus(session: Session, params: Any) -> None:
    """The user has gone to a document: what was offered elsewhere is looked at anew when it is asked for."""
    match converters.to_builtins(params):
        case {"textDocument": {"uri": str(uri)}}:
            document = session.documents.find(uri)
            session.next_edits.record_focus(document.snapshot().uri if document is not None else uri)


async def _answer(
    session: Session, snapshot: Snapshot, offset: int, diagnostics: list[EditorDiagnostic], *, explicit: bool, stale: bool
) -> dict[str, Any]:
    if stale:
        return {"edits": []}
    edit = await session.suggest_next_edit(snapshot, offset, diagnostics, explicit=explicit)
    return {"edits": [] if edit is None else [_encode(session, edit)]}


def _encode(session: Session, edit: NextEdit) -> dict[str, Any]:
    snapshot = edit.snapshot
    return {
        "text": edit.text,
        "textDocument": {
            "uri": snapshot.uri,
            "version": snapshot.version if session.documents.find(snapshot.uri) is not None else None,
        },
        "range": converters.convert_range(snapshot, edit.start, edit.end, session.encoding),
        "command": accept_command.build_command(edit.id),
        "finder": edit.finder,
        "label": edit.label,
        "certainty": edit.certainty,
    }


def _list_diagnostics(given: Any) -> Iterator[DiagnosticParams]:
    """Those that can be read: what another server sent wrongly is no reason to suggest nothing."""
    for each in given if isinstance(given, list | tuple) else ():
        with suppress(msgspec.ValidationError):
            yield msgspec.convert(each, DiagnosticParams)


def _convert_diagnostic(session: Session, snapshot: Snapshot, diagnostic: DiagnosticParams) -> EditorDiagnostic:
    start, end = (
        converters.byte_offset(snapshot, types.Position(at.line, at.character), session.encoding)
        for at in (diagnostic.range.start, diagnostic.range.end)
    )
    code = "" if diagnostic.code is None else str(diagnostic.code)
    return EditorDiagnostic(start, max(start, end), diagnostic.message, diagnostic.source or "", code)
