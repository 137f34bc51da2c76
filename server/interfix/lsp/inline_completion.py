"""`textDocument/inlineCompletion`: the suggestion at the cursor as ghost text."""

from collections.abc import Awaitable

from lsprotocol import types

from interfix.lsp import accept_command, converters
from interfix.lsp.session import Session
from interfix.syntax.document import Snapshot


def inline_completion(session: Session, params: types.InlineCompletionParams) -> Awaitable[types.InlineCompletionList]:
    """One item, or none; several where one is asked for that is shown already.

    A selected entry of the completion menu is not continued: the text at the cursor is.
    """
    snapshot = session.snapshot(params.text_document.uri)
    offset = converters.byte_offset(snapshot, params.position, session.encoding)
    automatic = params.context.trigger_kind is types.InlineCompletionTriggerKind.Automatic
    return _suggest(session, snapshot, offset, automatic)


async def _suggest(session: Session, snapshot: Snapshot, offset: int, automatic: bool) -> types.InlineCompletionList:
    suggestions = await session.suggest(snapshot, offset, automatic=automatic)
    at = converters.convert_range(snapshot, offset, offset, session.encoding)
    return types.InlineCompletionList(
        [
            types.InlineCompletionItem(insert_text=each.text, range=at, command=accept_command.build_command(each.id))
            for each in suggestions
        ]
    )
