"""A document that is being written in a headless editor, always at one cursor."""

from types import TracebackType
from typing import Self

from lsprotocol import types

from interfix.bench.acceptance_policy import AcceptedPart, AcceptGranularity
from interfix.bench.headless_client import HeadlessEditor, compute_insertion, end_position


class HeadlessDocument:
    """Open between `with` and its end. What is put in reaches the server before anything is asked of it."""

    def __init__(self, client: HeadlessEditor, uri: str, language: str, before: str, after: str) -> None:
        self._client = client
        self._document = types.TextDocumentIdentifier(uri)
        self._language = language
        self._before, self._after = before, after
        self._version = 1
        self._accept_command: types.Command | None = None

    def __enter__(self) -> Self:
        opened = types.TextDocumentItem(self._document.uri, self._language, self._version, self._before + self._after)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(opened))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.text_document_did_close(types.DidCloseTextDocumentParams(self._document))

    async def insert(self, text: str) -> None:
        """Put a text in at the cursor."""
        here = end_position(self._before)
        self._before += text
        self._change(here, here, text)

    async def backspace(self) -> None:
        """Take the character before the cursor away."""
        end = end_position(self._before)
        self._before = self._before[:-1]
        self._change(end_position(self._before), end, "")

    async def accept(self, accepted: AcceptedPart) -> None:
        """Put in what was suggested last, or the beginning of it; only of the whole an editor tells the server by itself."""
        await self.insert(accepted.text)
        if accepted.granularity is AcceptGranularity.WHOLE and self._accept_command is not None:
            command = types.ExecuteCommandParams(self._accept_command.command, self._accept_command.arguments)
            self._client.workspace_execute_command(command, lambda _: None)

    async def look(self, expected: str) -> str:
        """What is suggested now: nobody but the user changes it here."""
        return expected

    async def request_suggestion(self) -> str:
        """What the server suggests at the cursor, as if a key had just been pressed; empty for nothing or what comes too late."""
        before, cursor = self._before, end_position(self._before)
        context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
        params = types.InlineCompletionParams(context, self._document, cursor)
        answer = await self._client.text_document_inline_completion_async(params)
        items = answer.items if isinstance(answer, types.InlineCompletionList) else answer
        if not items or self._before != before:
            return ""
        self._accept_command = items[0].command
        return compute_insertion(items[0], before, self._after, cursor)

    def _change(self, start: types.Position, end: types.Position, text: str) -> None:
        self._version += 1
        changed = types.VersionedTextDocumentIdentifier(self._version, self._document.uri)
        edit = types.TextDocumentContentChangePartial(types.Range(start, end), text)
        self._client.text_document_did_change(types.DidChangeTextDocumentParams(changed, [edit]))
