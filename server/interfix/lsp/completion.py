"""`textDocument/completion`: the same suggestion as an entry of the menu, for editors without inline completion."""

from collections.abc import Awaitable

from lsprotocol import types

from interfix.lsp import convert
from interfix.lsp.session import Session
from interfix.syntax.document import Snapshot


def completion(session: Session, params: types.CompletionParams) -> Awaitable[types.CompletionList]:
    """One item, or none; the menu asks again as the user types on.

    Editors do not say whether the user asked or typed, so it counts as automatic.
    """
    snapshot = session.snapshot(params.text_document.uri)
    return _answer(session, snapshot, convert.offset(snapshot, params.position, session.encoding))


async def _answer(session: Session, snapshot: Snapshot, offset: int) -> types.CompletionList:
    suggestion = await session.suggest(snapshot, offset, automatic=True)
    if suggestion is None or not suggestion.text.strip():
        return types.CompletionList(is_incomplete=True, items=[])
    at = convert.lsp_range(snapshot, suggestion.offset, suggestion.offset, session.encoding)
    lines = suggestion.text.strip().splitlines()
    item = types.CompletionItem(
        label=lines[0].strip() + (" …" if len(lines) > 1 else ""),
        kind=types.CompletionItemKind.Text,
        detail="Interfix",
        documentation=suggestion.text if len(lines) > 1 else None,
        # After every name a language's own server sorts by.
        sort_text="~",
        filter_text=_word_before(snapshot, offset) + suggestion.text.strip(),
        text_edit=types.TextEdit(range=at, new_text=suggestion.text),
        insert_text_format=types.InsertTextFormat.PlainText,
    )
    return types.CompletionList(is_incomplete=True, items=[item])


def _word_before(snapshot: Snapshot, offset: int) -> str:
    """What the editor matches entries against: the word that ends at the cursor."""
    line = snapshot.data[:offset].decode(errors="replace").rpartition("\n")[2]
    start = len(line)
    while start and (line[start - 1].isalnum() or line[start - 1] == "_"):
        start -= 1
    return line[start:]
