"""The whole server as an editor meets it: over stdio, with the real engine host and the real small model."""

import ast
import asyncio
import sys
import uuid
from pathlib import Path

import psutil
import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import make_test_lsp_client

from interfix.syntax.document import Document, DocumentEdit, PositionEncoding
from tests.e2e.server_process import TIMEOUT_SECONDS, ServerProcess, await_within, start_server
from tests.isolated_home import INTERFIX_COMMAND

HOLE = """def read_lines(path):
    '''The lines of a text file.'''
    with open(path) as file:
        return\x20


print(read_lines("a.txt"))
"""
FUNCTION = """def total(numbers):
    result = 0
    for number in numbers:
        result += number
    return result


print(total([1]))
"""
BODY = {"start": {"line": 0, "character": 0}, "end": {"line": 5, "character": 0}}
LONG = "".join(f"def step_{i}(value):\n    return value * {i} + {i % 7}\n\n\n" for i in range(60)) + "def last_step(value):\n    "
LONG_END = (LONG.count("\n"), 4)


def send_request(server: ServerProcess, method: str, params: object) -> tuple[str, "asyncio.Future[object]"]:
    """Send a request; its id, and its reply to come."""
    number = str(uuid.uuid4())
    return number, asyncio.wrap_future(server.client.protocol.send_request(method, params, msg_id=number))


async def await_read(server: ServerProcess) -> None:
    """The server has read all that was sent before: it answers a request that nobody takes."""
    with pytest.raises(JsonRpcException):
        await await_within(server.client.protocol.send_request_async("interfix/nonesuch", {}))


class StreamPieces:
    """The pieces of a stream as they come."""

    def __init__(self, server: ServerProcess, token: str) -> None:
        self.token = token
        self._reports = server.client.progress_reports.setdefault(token, [])
        self._server = server

    def texts(self) -> list[str]:
        return [value.message for value in self._reports if isinstance(value, types.WorkDoneProgressReport)]

    async def wait_for_first(self) -> None:
        while not self.texts():
            await await_within(self._server.client.wait_for_notification(types.PROGRESS))


async def test_a_completion_parses(server: ServerProcess) -> None:
    item = await server.request_suggestion(server.open(HOLE), 3, 15)
    assert item is not None
    assert item.range == types.Range(types.Position(3, 15), types.Position(3, 15))
    lines = HOLE.split("\n")
    lines[3] += str(item.insert_text)
    ast.parse("\n".join(lines))


@pytest.mark.parametrize(
    ("encodings", "agreed"), [(("utf-16",), PositionEncoding.UTF16), (("utf-32", "utf-8"), PositionEncoding.UTF8)]
)
async def test_edits_in_a_file_of_two_byte_units_and_line_endings(
    uninitialized_server: ServerProcess, encodings: tuple[str, ...], agreed: PositionEncoding
) -> None:
    await uninitialized_server.initialize(encodings=encodings)
    text = HOLE.replace("\n", "\r\n").replace("text file", "text 😀 file")
    uri = uninitialized_server.open(text)
    own = Document(uri, text, 1, "python")
    column = own.snapshot().to_position(text.encode().index(b" file."), agreed)[1]
    edits = [
        DocumentEdit((1, column), (1, column + 5), "\u2028🎉 file é"),
        DocumentEdit((7, 0), (7, 0), "# end"),
        DocumentEdit((0, 4), (0, 8), "load"),
        DocumentEdit((6, 6), (6, 10), "load"),
    ]
    own.apply(edits, 2, agreed)
    changes = [
        types.TextDocumentContentChangePartial(types.Range(types.Position(*edit.start), types.Position(*edit.end)), edit.text)
        for edit in edits
        if edit.start is not None and edit.end is not None
    ]
    identifier = types.VersionedTextDocumentIdentifier(2, uri)
    uninitialized_server.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))
    item = await uninitialized_server.request_suggestion(uri, 3, 15)
    assert item is not None
    assert item.range is not None
    assert item.range.start == types.Position(3, 15)
    inserted = str(item.insert_text)
    assert "\n" not in inserted.replace("\r\n", "")
    at = own.snapshot().to_offset(3, 15, agreed)
    ast.parse(own.snapshot().replace_range(at, at, inserted).text)


async def test_an_explanation_streams_and_ends_by_itself(server: ServerProcess) -> None:
    uri = server.open(FUNCTION)
    pieces = StreamPieces(server, "explain")
    markdown = (await server.run_command("explain", uri=uri, range=BODY, token=pieces.token))["markdown"]
    assert "".join(pieces.texts()) == markdown
    assert len(markdown) > 40
    assert 5 < len(pieces.texts()) < 1000, "it was cut off rather than ended"


async def test_a_cancelled_completion_is_answered_and_the_next_one_works(server: ServerProcess) -> None:
    uri = server.open(LONG)
    number, reply = send_request(server, types.TEXT_DOCUMENT_INLINE_COMPLETION, server.inline_params(uri, *LONG_END))
    server.client.cancel_request(types.CancelParams(number))
    with pytest.raises(JsonRpcException) as caught:
        await await_within(reply)
    assert caught.value.code == types.LSPErrorCodes.RequestCancelled
    assert await server.request_suggestion(server.open(HOLE, "file:///project/other.py"), 3, 15)


async def test_a_cancelled_explanation_frees_the_engine(server: ServerProcess) -> None:
    uri = server.open(FUNCTION)
    pieces = StreamPieces(server, "cancelled")
    number, reply = send_request(
        server, types.WORKSPACE_EXECUTE_COMMAND, server.command_params("explain", uri=uri, range=BODY, token=pieces.token)
    )
    await pieces.wait_for_first()
    server.client.cancel_request(types.CancelParams(number))
    with pytest.raises(JsonRpcException) as caught:
        await await_within(reply)
    assert caught.value.code == types.LSPErrorCodes.RequestCancelled
    came = len(pieces.texts())
    assert await server.request_suggestion(server.open(HOLE, "file:///project/other.py"), 3, 15)
    assert len(pieces.texts()) == came


async def test_an_engine_killed_in_a_completion_is_survived(server: ServerProcess) -> None:
    uri = server.open(LONG)
    host = await server.find_host()
    _, reply = send_request(server, types.TEXT_DOCUMENT_INLINE_COMPLETION, server.inline_params(uri, *LONG_END))
    await await_read(server)
    host.kill()
    items = await await_within(reply)
    assert isinstance(items, types.InlineCompletionList)
    assert await server.request_suggestion(server.open(HOLE, "file:///project/other.py"), 3, 15)
    assert (await server.find_host()).pid != host.pid


async def test_an_engine_killed_in_an_explanation_is_an_error_and_survived(server: ServerProcess) -> None:
    uri = server.open(FUNCTION)
    host = await server.find_host()
    pieces = StreamPieces(server, "killed")
    _, reply = send_request(
        server, types.WORKSPACE_EXECUTE_COMMAND, server.command_params("explain", uri=uri, range=BODY, token=pieces.token)
    )
    await pieces.wait_for_first()
    host.kill()
    with pytest.raises(JsonRpcException) as caught:
        await await_within(reply)
    assert caught.value.code == types.LSPErrorCodes.RequestFailed
    assert [message.message for message in server.client.messages] == [caught.value.message]
    assert await server.request_suggestion(server.open(HOLE, "file:///project/other.py"), 3, 15)


async def test_a_shutdown_leaves_nothing_running(isolated_server: ServerProcess) -> None:
    assert await isolated_server.request_suggestion(isolated_server.open(HOLE), 3, 15)
    host = await isolated_server.find_host()
    server = psutil.Process(isolated_server.process.pid)
    children = server.children(recursive=True)
    assert await isolated_server.shut_down() == 0
    _, alive = await asyncio.to_thread(psutil.wait_procs, [host, *children], timeout=TIMEOUT_SECONDS)
    assert alive == []


async def test_exit_without_shutdown_is_exit_code_1(server: ServerProcess) -> None:
    server.client.exit(None)
    assert await await_within(server.process.wait()) == 1


async def test_the_server_follows_its_parent(uninitialized_server: ServerProcess) -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    await uninitialized_server.initialize(process_id=parent.pid)
    parent.kill()
    await parent.wait()
    assert await await_within(uninitialized_server.process.wait()) == 1


async def test_a_closed_stream_ends_the_server(server: ServerProcess) -> None:
    assert server.process.stdin is not None
    server.process.stdin.close()
    assert await await_within(server.process.wait()) == 1


def read_logs(folder: Path) -> str:
    """All that is in any log."""
    return "".join(path.read_text() for path in folder.rglob("*.log"))


async def test_the_log_holds_no_source_text(server: ServerProcess, environment: dict[str, str]) -> None:
    uri = server.open(f"hunter2 = 1\n{HOLE}")
    await server.request_suggestion(uri, 4, 15)
    broken = {"textDocument": {"uri": uri}, "contentChanges": [{"text": "hunter2"}]}
    server.client.protocol._send_data({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": broken})
    with pytest.raises(JsonRpcException):
        await server.run_command("refactor", uri=uri, range="hunter2", instruction="hunter2")
    assert await server.shut_down() == 0
    logs = read_logs(Path(environment["XDG_STATE_HOME"]))
    assert "the session has ended" in logs
    assert "hunter2" not in logs


async def test_one_client_is_served_over_tcp(environment: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        INTERFIX_COMMAND, "serve", "--tcp", "127.0.0.1:0", env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    port = int((await await_within(process.stderr.readline())).rpartition(b":")[2])
    client = make_test_lsp_client()
    await client.start_tcp("127.0.0.1", port)
    result = await await_within(client.initialize_session(types.InitializeParams(types.ClientCapabilities())))
    assert result.server_info.name == "interfix"
    await await_within(client.shutdown_async(None))
    client.exit(None)
    assert await await_within(process.wait()) == 0
    await client.stop()


async def test_ten_servers_share_one_host(environment: dict[str, str]) -> None:
    servers = [await start_server(environment) for _ in range(10)]
    try:
        await asyncio.gather(*(server.initialize() for server in servers))
        hosts = [await server.find_host() for server in servers]
        assert len({host.pid for host in hosts}) == 1
    finally:
        await asyncio.gather(*(server.stop() for server in servers))
