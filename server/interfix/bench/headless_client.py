"""An editor without a screen: starts the server, opens a document, asks for an inline completion."""

import asyncio
import os
import re
import sys
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from interfix.errors import UnavailableError
from interfix.system.child_process import GROUP_FLAGS, LEADS_SESSION, end_family

SERVE_COMMAND = (sys.executable, "-P", "-m", "interfix.cli", "serve")
"""The command that starts the server."""

_EXIT_SECONDS = 10.0
"""How long the server may take to leave, seconds."""
_INDEXING_SECONDS = 300.0
"""How long it may take to index a folder, seconds."""
_POLL_SECONDS = 0.02
"""Time between two questions whether the server is at rest, seconds."""
_LINE_END = re.compile(r"\r\n|\r|\n")


class HeadlessEditor(LanguageClient):
    """One session with a server of its own."""

    def __init__(self) -> None:
        super().__init__("interfix-bench", "1")
        self.server_messages: list[str] = []
        """What the server told the user, failures and warnings only."""
        self._last_stderr_line: deque[str] = deque(maxlen=1)
        self._listener: asyncio.Task[None] | None = None

        # A function of its own: pygls marks what it registers, and a bound method takes no marks.
        def message(params: types.ShowMessageParams) -> None:
            if params.type in (types.MessageType.Error, types.MessageType.Warning):
                self.server_messages.append(params.message)

        self.feature(types.WINDOW_SHOW_MESSAGE)(message)

    async def start_session(self, root: Path, environ: Mapping[str, str], settings: Mapping[str, Any] | None) -> None:
        """Start the server and greet it, with `root` as its only folder."""
        # What a bench does must not count as the user's own doing; only what the caller says holds.
        environ = {name: value for name, value in environ.items() if not name.startswith("INTERFIX_STATISTICS_")}
        await self.start_io(*SERVE_COMMAND, env=environ, start_new_session=LEADS_SESSION, creationflags=GROUP_FLAGS)
        self._listener = asyncio.create_task(self._drain())
        with self.translate_exit():
            await self.initialize_async(_initialize_params(root, settings))
            self.initialized(types.InitializedParams())

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._server is not None, "opened before"
        return self._server.pid

    async def wait_until_idle(self) -> None:
        """Wait until the server has indexed its folder and read what an opened document needs, as it has when a user types."""
        async with asyncio.timeout(_INDEXING_SECONDS):
            while not await self._is_idle():  # noqa: ASYNC110 the server is another process
                await asyncio.sleep(_POLL_SECONDS)

    @asynccontextmanager
    async def open_document(self, uri: str, language: str, text: str) -> AsyncGenerator[types.TextDocumentIdentifier, None]:
        """A document that is open meanwhile."""
        document = types.TextDocumentIdentifier(uri)
        with self.translate_exit():
            opened = types.TextDocumentItem(uri, language, 1, text)
            self.text_document_did_open(types.DidOpenTextDocumentParams(opened))
            try:
                yield document
            finally:
                self.text_document_did_close(types.DidCloseTextDocumentParams(document))

    async def complete(self, document: types.TextDocumentIdentifier, prefix: str, suffix: str) -> str:
        """Ask for a completion between the two parts of an open document, as a user's key would; empty if none is shown."""
        context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Invoked)
        cursor = end_position(prefix)
        with self.translate_exit():
            answer = await self.text_document_inline_completion_async(types.InlineCompletionParams(context, document, cursor))
        items = answer.items if isinstance(answer, types.InlineCompletionList) else answer
        return compute_insertion(items[0], prefix, suffix, cursor) if items else ""

    async def fetch_prompt_report(self, document: types.TextDocumentIdentifier, prefix: str | None = None) -> dict[str, Any]:
        """What the last suggestion was made from, and what became of it; behind a `prefix` the exact prompt of one.

        Empty where there is none.
        """
        at = (
            {} if prefix is None else {"position": {"line": end_position(prefix).line, "character": end_position(prefix).character}}
        )
        try:
            return await self._run_command("interfix.why", {"uri": document.uri, **at})
        except JsonRpcException:
            return {}

    async def _is_idle(self) -> bool:
        status = await self._run_command("interfix.status", {})
        return not status["reading"] and all(index["ready"] for index in status["indexes"].values())

    async def _run_command(self, name: str, argument: dict[str, Any]) -> dict[str, Any]:
        with self.translate_exit():
            return dict(await self.workspace_execute_command_async(types.ExecuteCommandParams(name, [argument])) or {})

    async def leave(self) -> None:
        """Shut the server down; it is killed if it does not go by itself."""
        if self._server is None:
            return
        try:
            async with asyncio.timeout(_EXIT_SECONDS):
                await self.shutdown_async(None)
                self.exit(None)
                await self._server.wait()
        except (TimeoutError, JsonRpcException, RuntimeError, OSError):
            if self._server.returncode is None:
                await asyncio.to_thread(end_family, self._server.pid)
        await self.stop()  # type: ignore[no-untyped-call]
        if self._listener is not None:
            await self._listener

    @contextmanager
    def translate_exit(self) -> Iterator[None]:
        """Turns the many ways in which a server's end shows into one sentence."""
        try:
            yield
        except (RuntimeError, OSError):
            words = f" Its last words: {self._last_stderr_line[0]}" if self._last_stderr_line else ""
            raise UnavailableError(f"The server has stopped. `interfix doctor` may say why.{words}") from None

    async def _drain(self) -> None:
        """Read stderr, or a talkative server would wait for ever."""
        while self._server and self._server.stderr and (line := await self._server.stderr.readline()):
            self._last_stderr_line.append(line.decode(errors="replace").strip())


@asynccontextmanager
async def open_editor(
    root: Path, environ: Mapping[str, str] = os.environ, settings: Mapping[str, Any] | None = None
) -> AsyncGenerator[HeadlessEditor, None]:
    """An open session, left at the end. Raises Unavailable where the server does not start."""
    client = HeadlessEditor()
    try:
        await client.start_session(root, environ, settings)
        yield client
    finally:
        await client.leave()


def end_position(prefix: str) -> types.Position:
    """The zero-based position at the end of a text, its column in UTF-16 units."""
    lines = _LINE_END.split(prefix)
    return types.Position(len(lines) - 1, _count_utf16(lines[-1]))


def compute_insertion(item: types.InlineCompletionItem, prefix: str, suffix: str, cursor: types.Position) -> str:
    """What accepting an item would add at the cursor: its text without what its range, on the cursor's line, has already."""
    text = item.insert_text if isinstance(item.insert_text, str) else item.insert_text.value
    if item.range is None:
        return text
    left, right = _LINE_END.split(prefix)[-1], _LINE_END.split(suffix, maxsplit=1)[0]
    left_units = cursor.character - item.range.start.character
    right_units = item.range.end.character - cursor.character
    before = left.encode("utf-16-le")[len(left.encode("utf-16-le")) - 2 * left_units :].decode("utf-16-le", "replace")
    after = right.encode("utf-16-le")[: 2 * right_units].decode("utf-16-le", "replace")
    return text.removeprefix(before).removesuffix(after)


def _initialize_params(root: Path, settings: Mapping[str, Any] | None) -> types.InitializeParams:
    utf16 = types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf16])
    inline = types.TextDocumentClientCapabilities(inline_completion=types.InlineCompletionClientCapabilities())
    return types.InitializeParams(
        process_id=os.getpid(),
        root_uri=root.as_uri(),
        workspace_folders=[types.WorkspaceFolder(root.as_uri(), root.name)],
        initialization_options={"statistics.enabled": False, **(settings or {})},
        capabilities=types.ClientCapabilities(general=utf16, text_document=inline),
    )


def _count_utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
