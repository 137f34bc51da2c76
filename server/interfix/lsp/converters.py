"""LSP's values to ours and back: positions, edits, errors."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from interfix.commands.instruct_client import UnusableAnswer
from interfix.config.log_files import describe_origin
from interfix.errors import InterfixError, UsageError
from interfix.output.notification_sanitizer import format_notification
from interfix.syntax.document import DocumentEdit, PositionEncoding, Snapshot
from interfix.syntax.document_key import parse_file_path

log = logging.getLogger(__name__)

_PREFERRED_ENCODINGS = (PositionEncoding.UTF8, PositionEncoding.UTF16, PositionEncoding.UTF32)


class StaleDocument(InterfixError):
    """The document changed while its answer was made."""


def choose_encoding(capabilities: types.ClientCapabilities) -> PositionEncoding:
    """The unit of columns to agree on: UTF-8 where the client has it, since no text is then converted; UTF-16 is LSP's default."""
    offered = (capabilities.general.position_encodings if capabilities.general else None) or ()
    return next((ours for ours in _PREFERRED_ENCODINGS if ours.value in offered), PositionEncoding.UTF16)


def to_path(uri: str) -> Path | None:
    """The folder that a URI names; None where it names none."""
    path = parse_file_path(uri)
    return Path(path) if path else None


def convert_edits(changes: Sequence[types.TextDocumentContentChangeEvent]) -> list[DocumentEdit]:
    """Content changes, in order."""
    return [_convert_edit(change) for change in changes]


def _convert_edit(change: types.TextDocumentContentChangeEvent) -> DocumentEdit:
    if isinstance(change, types.TextDocumentContentChangePartial):
        start, end = change.range.start, change.range.end
        return DocumentEdit((start.line, start.character), (end.line, end.character), change.text)
    return DocumentEdit(None, None, change.text)


def byte_offset(snapshot: Snapshot, position: types.Position, encoding: PositionEncoding) -> int:
    """Byte offset of a position."""
    return snapshot.to_offset(position.line, position.character, encoding)


def convert_range(snapshot: Snapshot, start: int, end: int, encoding: PositionEncoding) -> types.Range:
    """The range between two byte offsets."""
    return types.Range(types.Position(*snapshot.to_position(start, encoding)), types.Position(*snapshot.to_position(end, encoding)))


def to_builtins(value: Any) -> Any:
    """What the protocol's library makes of free-form data, as dictionaries and lists again.

    Half of a surrogate pair, which JSON can spell and no text can hold, becomes a replacement character.
    """
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: to_builtins(each) for key, each in value.items()}
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return [to_builtins(each) for each in value] if isinstance(value, list | tuple) else value


def to_error_response(error: BaseException) -> types.ResponseError:
    """An error reply a person can read; what nobody foresaw is logged and told without its details."""
    match error:
        case JsonRpcException():
            return types.ResponseError(error.code, format_notification(error.message))
        case StaleDocument():
            return types.ResponseError(types.LSPErrorCodes.ContentModified, format_notification(str(error)))
        case UsageError():
            return types.ResponseError(types.ErrorCodes.InvalidParams, format_notification(str(error)))
        case UnusableAnswer():
            return types.ResponseError(types.LSPErrorCodes.RequestFailed, format_notification(str(error)), {"answer": error.answer})
        case InterfixError():
            return types.ResponseError(types.LSPErrorCodes.RequestFailed, format_notification(str(error)))
        case _:
            log.error("%s at %s", type(error).__name__, describe_origin(error))
            log.debug("in full", exc_info=error)
            return types.ResponseError(
                types.ErrorCodes.InternalError, 'Interfix failed on this request; "interfix doctor" says where its log is.'
            )
