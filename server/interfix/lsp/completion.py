"""`textDocument/completion`, `completionItem/resolve`: the suggestion as an entry of the menu, for editors without ghost text."""

from collections.abc import Awaitable

from lsprotocol import types

from interfix.completion.suggestion import Suggestion
from interfix.lsp import accept_command, converters
from interfix.lsp.session import Session
from interfix.output.markdown_sanitizer import code_block
from interfix.syntax.document import Snapshot

_MAX_LABEL_CHARACTERS = 60
"""Characters; a menu grows as wide as its widest entry."""


def completion(session: Session, params: types.CompletionParams) -> Awaitable[types.CompletionList]:
    """One item, or none; the menu asks again as the user types on.

    Editors do not say whether the user asked or typed, so it counts as automatic.
    """
    snapshot = session.snapshot(params.text_document.uri)
    return _suggest(session, snapshot, converters.byte_offset(snapshot, params.position, session.encoding))


def resolve_item(_session: Session, item: types.CompletionItem) -> types.CompletionItem:
    """Add what is looked at only while the entry is selected: the whole text, if the label does not show it."""
    text = item.text_edit.new_text if item.text_edit else ""
    language = item.data.get("language", "") if isinstance(item.data, dict) else ""
    if text.strip() not in ("", item.label):
        item.documentation = types.MarkupContent(types.MarkupKind.Markdown, code_block(text.strip(), str(language)))
    return item


async def _suggest(session: Session, snapshot: Snapshot, offset: int) -> types.CompletionList:
    suggestions = [each for each in await session.suggest(snapshot, offset, automatic=True) if each.text.strip()]
    return types.CompletionList(is_incomplete=True, items=[_build_item(session, snapshot, each) for each in suggestions[:1]])


def _build_item(session: Session, snapshot: Snapshot, suggestion: Suggestion) -> types.CompletionItem:
    # It takes the place of the word that ends at the cursor: Vim begins all entries of a menu at one column.
    word = _word_before(snapshot, suggestion.offset)
    replaced_range = converters.convert_range(snapshot, suggestion.offset - len(word.encode()), suggestion.offset, session.encoding)
    text = word + suggestion.text
    first = text.strip().splitlines()[0].rstrip()
    return types.CompletionItem(
        label=first if first == text.strip() and len(first) <= _MAX_LABEL_CHARACTERS else first[:_MAX_LABEL_CHARACTERS] + " …",
        label_details=types.CompletionItemLabelDetails(description="Interfix"),
        kind=types.CompletionItemKind.Text,
        detail=suggestion.model,
        # After every name a language's own server sorts by.
        sort_text="~",
        filter_text=text.strip(),
        text_edit=types.TextEdit(range=replaced_range, new_text=text),
        insert_text_format=types.InsertTextFormat.PlainText,
        command=accept_command.build_command(suggestion.id),
        data={"language": snapshot.language.id if snapshot.language else ""},
    )


def _word_before(snapshot: Snapshot, offset: int) -> str:
    """The word that ends at the cursor; editors match entries against it."""
    line = snapshot.data[:offset].decode(errors="replace").rpartition("\n")[2]
    start = len(line)
    while start and (line[start - 1].isalnum() or line[start - 1] == "_"):
        start -= 1
    return line[start:]
