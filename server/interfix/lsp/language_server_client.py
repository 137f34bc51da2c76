"""A language server beside ours, for where no editor runs one: started by a command, asked what it offers at a place."""

import asyncio
import contextlib
import shlex
import shutil
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from interfix.context.names.completion_item_names import OfferedName, OfferedNames
from interfix.context.names.name_search import AskServer
from interfix.errors import UnavailableError, UsageError
from interfix.lsp import converters
from interfix.syntax.positions import PositionEncoding
from interfix.syntax.snapshot import Snapshot
from interfix.system.child_process import end_family

START_SECONDS = 20.0
"""So long it may take to say what it can do."""
ANSWER_SECONDS = 15.0
"""So long it may take to answer: its first answer comes when it has read the project."""
EXIT_SECONDS = 3.0


class LanguageServerClient(LanguageClient):
    """One session with a language server."""

    def __init__(self, command: str, root: Path) -> None:
        """`command` is a program and its arguments, as in a shell. Raises `UsageError` where there is no such program."""
        super().__init__("interfix", "1")
        self._command = shlex.split(command)
        self._root = root
        self._encoding = PositionEncoding.UTF16
        self._versions: dict[str, int] = {}
        self._stderr: asyncio.Task[None] | None = None
        if not self._command or shutil.which(self._command[0]) is None:
            raise UsageError(f"There is no program {command!r} to start as a language server. Name one that is on the PATH.")

        # Functions of their own: pygls marks what it registers, and a bound method takes no marks.
        def configuration(params: types.ConfigurationParams) -> list[Any]:
            return [None for _ in params.items]

        def nothing(_params: Any) -> None:
            return None

        self.feature(types.WORKSPACE_CONFIGURATION)(configuration)
        for method in (types.CLIENT_REGISTER_CAPABILITY, types.WINDOW_WORK_DONE_PROGRESS_CREATE):
            self.feature(method)(nothing)

    async def open(self) -> None:
        """Start the server and greet it. Raises `UnavailableError` where it does not answer."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await self.start_io(*self._command)
                self._stderr = asyncio.create_task(self._drain())
                answer = await self.initialize_async(_make_greeting(self._root))
        except (OSError, TimeoutError, JsonRpcException) as error:
            await self.leave()
            raise UnavailableError(f"The language server {self._command[0]} does not start.") from error
        if (encoding := answer.capabilities.position_encoding) is not None:
            self._encoding = PositionEncoding(encoding)
        self.initialized(types.InitializedParams())

    async def fetch_names(self, snapshot: Snapshot, offset: int) -> OfferedNames | None:
        """What is offered at a byte offset of a document as it stands; None where no answer comes in time."""
        uri, text = snapshot.uri, snapshot.data.decode("utf-8", "replace")
        version = self._versions[uri] = self._versions.get(uri, 0) + 1
        if version == 1:
            language = snapshot.language.ids[0] if snapshot.language else ""
            opened = types.TextDocumentItem(uri, language, version, text)
            self.text_document_did_open(types.DidOpenTextDocumentParams(opened))
        else:
            changed = types.TextDocumentContentChangeWholeDocument(text)
            versioned = types.VersionedTextDocumentIdentifier(version, uri)
            self.text_document_did_change(types.DidChangeTextDocumentParams(versioned, [changed]))
        position = converters.convert_range(snapshot, offset, offset, self._encoding).start
        link = next((each for each in (".", ":", ">") if snapshot.data[:offset].endswith(each.encode())), None)
        kind = types.CompletionTriggerKind.TriggerCharacter if link else types.CompletionTriggerKind.Invoked
        context = types.CompletionContext(kind, link)
        reply = self.text_document_completion_async(types.CompletionParams(types.TextDocumentIdentifier(uri), position, context))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                # Shielded: pygls cannot take a late reply to a request that was cancelled.
                answer = await asyncio.shield(reply)
        except (TimeoutError, JsonRpcException):
            return None
        items = answer.items if isinstance(answer, types.CompletionList) else answer or ()
        return OfferedNames(tuple(_read_items(items)), isinstance(answer, types.CompletionList) and answer.is_incomplete)

    async def leave(self) -> None:
        """Shut the server down; it is killed if it does not go by itself."""
        if self._server is None:
            return
        with contextlib.suppress(Exception):
            async with asyncio.timeout(EXIT_SECONDS):
                await self.shutdown_async(None)
                self.exit(None)
                await self._server.wait()
        if self._server.returncode is None:
            await asyncio.to_thread(end_family, self._server.pid)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(EXIT_SECONDS):
                await self.stop()  # type: ignore[no-untyped-call]
        if self._stderr is not None:
            self._stderr.cancel()

    async def _drain(self) -> None:
        """Read what it says beside the protocol, or a talkative server would wait for ever."""
        while self._server and self._server.stderr and await self._server.stderr.readline():
            pass


@contextlib.asynccontextmanager
async def open_language_server(command: str, root: Path | None) -> AsyncGenerator[AskServer | None, None]:
    """Asks a server that runs meanwhile; None for no command."""
    if not command:
        yield None
        return
    client = LanguageServerClient(command, root or Path.cwd())
    await client.open()
    try:
        yield client.fetch_names
    finally:
        await client.leave()


def _read_items(items: Iterable[types.CompletionItem]) -> Iterable[OfferedName]:
    for item in items:
        details = item.label_details
        detail = item.detail or (f"{details.detail or ''} {details.description or ''}" if details else "")
        written = item.text_edit.new_text if item.text_edit else item.insert_text
        yield OfferedName(item.label, written or "", int(item.kind or 0), detail)


def _make_greeting(root: Path) -> types.InitializeParams:
    capabilities = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=["utf-8", "utf-16"]),
        text_document=types.TextDocumentClientCapabilities(
            completion=types.CompletionClientCapabilities(
                completion_item=types.ClientCompletionItemOptions(snippet_support=False, label_details_support=True)
            )
        ),
        workspace=types.WorkspaceClientCapabilities(configuration=True, workspace_folders=True),
    )
    folder = types.WorkspaceFolder(root.as_uri(), root.name)
    return types.InitializeParams(capabilities, root_uri=root.as_uri(), workspace_folders=[folder])
