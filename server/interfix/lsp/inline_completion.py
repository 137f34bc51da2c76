"""`textDocument/inlineCompletion`: the suggestion at the cursor as ghost text."""

from collections.abc import Awaitable

from lsprotocol import types

from interfix.completion.selected_list_entry import ListEntry
from interfix.completion.suggestion import Suggestion
from interfix.lsp import accept_command, converters
from interfix.lsp.session import Session
from interfix.syntax.document import Snapshot


def inline_completion(session: Session, params: types.InlineCompletionParams) -> Awaitable[types.InlineCompletionList]:
    """One item, or none; several where one is asked for that is shown already.

    While an entry of the completion list is selected, an item begins with it and covers its range: VS Code shows no other.
    """
    snapshot = session.snapshot(params.text_document.uri)
    offset = converters.byte_offset(snapshot, params.position, session.encoding)
    automatic = params.context.trigger_kind is types.InlineCompletionTriggerKind.Automatic
    selected = params.context.selected_completion_info
    entry = _find_entry(session, snapshot, offset, selected) if selected else None
    return _suggest(session, snapshot, offset, automatic, entry)


def _find_entry(session: Session, snapshot: Snapshot, offset: int, selected: types.SelectedCompletionInfo) -> ListEntry | None:
    """The selected entry; None where it inserts nothing, or not at the cursor. An editor's range may be one key old."""
    start, end = (
        converters.byte_offset(snapshot, position, session.encoding) for position in (selected.range.start, selected.range.end)
    )
    if not selected.text or start > offset or b"\n" in snapshot.data[start:offset]:
        return None
    return ListEntry.from_range(snapshot, start, max(end, offset), selected.text, [each.snapshot() for each in session.documents])


async def _suggest(
    session: Session, snapshot: Snapshot, offset: int, automatic: bool, entry: ListEntry | None
) -> types.InlineCompletionList:
    suggestions = await session.suggest(snapshot, offset, automatic=automatic, entry=entry)
    return types.InlineCompletionList([_build_item(session, snapshot, each) for each in suggestions])


def _build_item(session: Session, snapshot: Snapshot, suggestion: Suggestion) -> types.InlineCompletionItem:
    start = suggestion.offset
    replaced_range = converters.convert_range(snapshot, start, start + suggestion.replaced_bytes, session.encoding)
    return types.InlineCompletionItem(
        insert_text=suggestion.text, range=replaced_range, command=accept_command.build_command(suggestion.id)
    )
