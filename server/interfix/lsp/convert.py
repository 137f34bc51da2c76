"""LSP's values to ours and back: positions, edits, errors. Decides nothing and keeps nothing."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from interfix.commands.asking import Unusable
from interfix.errors import BadUsage, InterfixError
from interfix.lsp.logs import where
from interfix.output.notification import notification_text
from interfix.syntax.document import Edit, Encoding, Snapshot

log = logging.getLogger(__name__)

_PREFERRED = (Encoding.UTF8, Encoding.UTF16, Encoding.UTF32)


class Stale(InterfixError):
    """The document changed while its answer was made."""


def encoding(capabilities: types.ClientCapabilities) -> Encoding:
    """The unit of columns to agree on: UTF-8 where the client has it, since no text is then converted; UTF-16 is LSP's default."""
    offered = (capabilities.general.position_encodings if capabilities.general else None) or ()
    return next((ours for ours in _PREFERRED if ours.value in offered), Encoding.UTF16)


def folder(uri: str) -> Path | None:
    """The folder a `file:` URI names."""
    path = to_fs_path(uri)
    return Path(path) if path and uri.startswith("file:") else None


def edits(changes: Sequence[types.TextDocumentContentChangeEvent]) -> list[Edit]:
    """Content changes, in order."""
    return [_edit(change) for change in changes]


def _edit(change: types.TextDocumentContentChangeEvent) -> Edit:
    if isinstance(change, types.TextDocumentContentChangePartial):
        start, end = change.range.start, change.range.end
        return Edit((start.line, start.character), (end.line, end.character), change.text)
    return Edit(None, None, change.text)


def offset(snapshot: Snapshot, position: types.Position, unit: Encoding) -> int:
    """Byte offset of a position."""
    return snapshot.offset(position.line, position.character, unit)


def lsp_range(snapshot: Snapshot, start: int, end: int, unit: Encoding) -> types.Range:
    """The range between two byte offsets."""
    return types.Range(types.Position(*snapshot.position(start, unit)), types.Position(*snapshot.position(end, unit)))


def plain(value: Any) -> Any:
    """What the protocol's library makes of free-form data, as dictionaries and lists again."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def failure(error: BaseException) -> types.ResponseError:
    """An error reply a person can read; what nobody foresaw is logged and told without its details."""
    match error:
        case JsonRpcException():
            return types.ResponseError(error.code, notification_text(error.message))
        case Stale():
            return types.ResponseError(types.LSPErrorCodes.ContentModified, notification_text(str(error)))
        case BadUsage():
            return types.ResponseError(types.ErrorCodes.InvalidParams, notification_text(str(error)))
        case Unusable():
            return types.ResponseError(types.LSPErrorCodes.RequestFailed, notification_text(str(error)), {"answer": error.answer})
        case InterfixError():
            return types.ResponseError(types.LSPErrorCodes.RequestFailed, notification_text(str(error)))
        case _:
            log.error("%s at %s", type(error).__name__, where(error))
            log.debug("in full", exc_info=error)
            return types.ResponseError(
                types.ErrorCodes.InternalError, "Interfix failed on this request; `interfix doctor` says where its log is."
            )
