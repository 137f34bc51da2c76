"""`textDocument/inlineCompletion`: the suggestion at the cursor as ghost text."""

from collections.abc import Awaitable

from lsprotocol import types

from interfix.lsp import convert
from interfix.lsp.session import Session
from interfix.syntax.document import Snapshot


def inline_completion(session: Session, params: types.InlineCompletionParams) -> Awaitable[types.InlineCompletionList]:
    """One item, or none. A selected entry of the completion menu is not continued: the text at the cursor is."""
    snapshot = session.snapshot(params.text_document.uri)
    offset = convert.offset(snapshot, params.position, session.encoding)
    automatic = params.context.trigger_kind is types.InlineCompletionTriggerKind.Automatic
    return _answer(session, snapshot, offset, automatic)


async def _answer(session: Session, snapshot: Snapshot, offset: int, automatic: bool) -> types.InlineCompletionList:
    suggestion = await session.suggest(snapshot, offset, automatic=automatic)
    if suggestion is None:
        return types.InlineCompletionList([])
    at = convert.lsp_range(snapshot, suggestion.offset, suggestion.offset, session.encoding)
    return types.InlineCompletionList([types.InlineCompletionItem(insert_text=suggestion.text, range=at)])
