"""`interfix/names`: asks the editor what its other language servers offer at a place, if it can be asked."""

import logging
from typing import Annotated

import msgspec
from lsprotocol import types
from msgspec import Meta

from interfix.context.names.completion_item_names import MAX_OFFERED, OfferedName, OfferedNames
from interfix.lsp import converters
from interfix.lsp.client import EditorClient
from interfix.lsp.open_documents import OpenDocuments
from interfix.syntax.positions import PositionEncoding
from interfix.syntax.snapshot import Snapshot

log = logging.getLogger(__name__)

METHOD = "interfix/names"
_Text = Annotated[str, Meta(max_length=2_000)]


class NamesReply(msgspec.Struct, frozen=True):
    """What an editor answers: lists of one length, so that thousands of entries cost no object each."""

    names: Annotated[list[_Text], Meta(max_length=MAX_OFFERED)]
    """What each entry would write."""
    kinds: list[int] = []
    """Of each, as of LSP's `CompletionItemKind`; empty: not told."""
    details: list[_Text] = []
    """What each entry tells of itself, such as its type; empty: nothing."""
    incomplete: bool = False
    """There are more."""


async def request_names(
    client: EditorClient, documents: OpenDocuments, snapshot: Snapshot, offset: int, encoding: PositionEncoding
) -> OfferedNames | None:
    """What is offered at a byte offset where a name begins; None where the editor does not say."""
    if not can_be_asked(client.capabilities):
        return None
    document = documents.find(snapshot.uri)
    if document is None or document.snapshot().data[:offset] != snapshot.data[:offset]:
        return None  # what is suggested ahead is not there yet, so the editor would answer for another place
    position = converters.convert_range(snapshot, offset, offset, encoding).start
    answer = await client.request(
        METHOD, {"textDocument": {"uri": snapshot.uri}, "position": {"line": position.line, "character": position.character}}
    )
    return decode_names(converters.to_builtins(answer))


def can_be_asked(capabilities: types.ClientCapabilities) -> bool:
    """Whether a client answers this request."""
    match converters.to_builtins(capabilities.experimental):
        case {"interfix": {"names": True}}:
            return True
    return False


def decode_names(answer: object) -> OfferedNames | None:
    """An editor's answer; None where it is none, or not as it should be."""
    if answer is None:
        return None
    try:
        reply = msgspec.convert(answer, NamesReply)
    except msgspec.ValidationError as error:
        log.warning("the editor's names are left out: %s", error)
        return None
    kinds = reply.kinds if len(reply.kinds) == len(reply.names) else [0] * len(reply.names)
    details = reply.details if len(reply.details) == len(reply.names) else [""] * len(reply.names)
    items = tuple(OfferedName(name, "", kind, detail) for name, kind, detail in zip(reply.names, kinds, details, strict=True))
    return OfferedNames(items, reply.incomplete)
