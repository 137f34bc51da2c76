"""A document that is edited anywhere in a headless editor, as a user edits who changes code and writes none."""

import asyncio
from typing import Any

from lsprotocol import types

from interfix.bench.headless_client import HeadlessEditor
from interfix.bench.next_edit_cases import LINE_END, Keystrokes


class EditedDocument:
    """Open from its beginning until `close`. Places are characters from the beginning of the text."""

    def __init__(self, client: HeadlessEditor, uri: str, language: str, text: str) -> None:
        self.text = text
        self.uri = uri
        self._client, self._version = client, 1
        opened = types.TextDocumentItem(uri, language, 1, text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(opened))

    def close(self) -> None:
        """Close it."""
        self._client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(self.uri)))

    async def type_over(self, keys: Keystrokes, pause_ms: float) -> None:
        """Select a text, delete it, and type another, key by key."""
        start, end = (self.find_place(*at) for at in (keys.start, keys.end))
        await self.replace_by_keys(start, end, keys.text, pause_ms)

    async def replace_by_keys(self, start: int, end: int, text: str, pause_ms: float) -> None:
        """Delete what stands from one place to another, and type a text there, key by key."""
        if start != end:
            self.replace(start, end, "")
        for number, key in enumerate(text):
            self.replace(start + number, start + number, key)
            if pause_ms:
                await asyncio.sleep(pause_ms / 1000)

    async def pause(self, ms: float) -> None:
        """Wait, as somebody does who looks what is shown."""
        await asyncio.sleep(ms / 1000)

    async def request_edit(self, line: int, column: int) -> Any:
        """Ask for the next edit with the cursor at a column in characters."""
        return await self.request_edit_at(self.find_place(line, column), explicit=False)

    async def request_edit_at(self, offset: int, *, explicit: bool) -> Any:
        """Ask for the next edit with the cursor at a place."""
        position = self.find_position(offset)
        params = {
            "textDocument": {"uri": self.uri, "version": self._version},
            "position": {"line": position.line, "character": position.character},
            "context": {"triggerKind": 1 if explicit else 2},
        }
        with self._client.translate_exit():
            return await self._client.protocol.send_request_async("textDocument/copilotInlineEdit", params)

    def find_offset(self, line: int, character: int) -> int:
        """The place of a position in UTF-16 units, characters from the beginning."""
        start = self.find_place(line, 0)
        rest = self.text[start : self.find_place(line, LINE_END)].encode("utf-16-le", "surrogatepass")
        return start + len(rest[: 2 * character].decode("utf-16-le", "surrogatepass"))

    def find_place(self, line: int, column: int) -> int:
        """The place of a column, in characters; the line's end where there is no such column."""
        start = 0
        for _ in range(line):
            newline = self.text.find("\n", start)
            if newline < 0:
                return len(self.text)
            start = newline + 1
        end = self.text.find("\n", start)
        return min(start + column, len(self.text) if end < 0 else end)

    def find_position(self, offset: int) -> types.Position:
        """A place as LSP has it."""
        line = self.text.count("\n", 0, offset)
        before = self.text[self.text.rfind("\n", 0, offset) + 1 : offset]
        return types.Position(line, len(before.encode("utf-16-le", "surrogatepass")) // 2)

    def replace(self, start: int, end: int, text: str) -> None:
        """Replace what stands from one place to another, in one change."""
        self._version += 1
        changed = types.VersionedTextDocumentIdentifier(self._version, self.uri)
        edit = types.TextDocumentContentChangePartial(types.Range(self.find_position(start), self.find_position(end)), text)
        self.text = self.text[:start] + text + self.text[end:]
        self._client.text_document_did_change(types.DidChangeTextDocumentParams(changed, [edit]))
