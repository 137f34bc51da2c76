"""A server process as an editor holds it: by its two streams."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import psutil
from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

from tests.isolated_home import INTERFIX_COMMAND

TIMEOUT_SECONDS = 120
"""A hang ends here; nothing is expected to take near as long."""


class ServerProcess:
    """A server process and the client at its other end."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client

    @property
    def process(self) -> asyncio.subprocess.Process:
        process = self.client._server
        assert process is not None
        return process

    async def initialize(
        self, process_id: int | None = None, encodings: tuple[str, ...] = ("utf-8", "utf-16"), root: Path | None = None
    ) -> None:
        capabilities = client_capabilities("neovim")
        assert capabilities.text_document is not None
        capabilities.text_document.inline_completion = types.InlineCompletionClientCapabilities()
        capabilities.general = types.GeneralClientCapabilities(position_encodings=list(encodings))
        await self.client.initialize_session(
            types.InitializeParams(capabilities, process_id=process_id, root_uri=root.as_uri() if root else None)
        )

    def open(self, text: str, uri: str = "file:///project/code.py") -> str:
        document = types.TextDocumentItem(uri, types.LanguageKind.Python, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(document))
        return uri

    def inline_params(self, uri: str, line: int, character: int) -> types.InlineCompletionParams:
        context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Invoked)
        return types.InlineCompletionParams(context, types.TextDocumentIdentifier(uri), types.Position(line, character))

    async def request_suggestion(self, uri: str, line: int, character: int) -> types.InlineCompletionItem | None:
        reply = await await_within(self.client.text_document_inline_completion_async(self.inline_params(uri, line, character)))
        assert isinstance(reply, types.InlineCompletionList)
        return reply.items[0] if reply.items else None

    def command_params(self, called: str, **argument: object) -> types.ExecuteCommandParams:
        return types.ExecuteCommandParams(f"interfix.{called}", [argument] if argument else None)

    async def run_command(self, called: str, **argument: object) -> dict[str, Any]:
        """What a command results in."""
        result: dict[str, Any] = await await_within(
            self.client.workspace_execute_command_async(self.command_params(called, **argument))
        )
        return result

    async def find_host(self) -> psutil.Process:
        """The engine host's process."""
        return psutil.Process((await self.run_command("status"))["engine"]["pid"])

    async def shut_down(self) -> int:
        """Shut down, exit, and the exit code."""
        await await_within(self.client.shutdown_async(None))
        self.client.exit(None)
        code: int = await await_within(self.process.wait())
        return code

    async def stop(self) -> None:
        """End it, if it has not ended by itself."""
        if self.process.returncode is None:
            self.process.kill()
        await self.client.stop()


async def await_within(work: Awaitable[Any]) -> Any:
    """What a reply or a process comes to."""
    return await asyncio.wait_for(work, TIMEOUT_SECONDS)


async def start_server(environment: dict[str, str]) -> ServerProcess:
    client = make_test_lsp_client()
    await client.start_io(INTERFIX_COMMAND, "serve", "--stdio", env=environment)
    return ServerProcess(client)
