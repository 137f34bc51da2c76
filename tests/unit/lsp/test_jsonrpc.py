"""The life of a connection: every request gets its reply, whatever the client does."""

import asyncio
import json
import os
import sys

import pytest

from interfix.lsp.server import ROUTES
from tests.fake_engine import FakeEngine
from tests.unit.lsp.fake_editor import DOCUMENT_URI, INLINE_CAPABILITIES, FakeEditor, LspError

START = {"line": 0, "character": 0}
REQUESTS_WITH_PARAMETERS = (
    "textDocument/inlineCompletion",
    "textDocument/copilotInlineEdit",
    "textDocument/completion",
    "completionItem/resolve",
    "textDocument/codeAction",
    "codeAction/resolve",
    "workspace/executeCommand",
)


async def test_capabilities_are_what_is_offered(editor: FakeEditor) -> None:
    capabilities = (await editor.initialize())["capabilities"]
    assert capabilities["inlineCompletionProvider"] == {}
    assert "completionProvider" not in capabilities
    names = ("explain", "ask", "refactor", "document", "test", "fix", "run", "answer", "commitMessage", "status", "why")
    names += ("models", "pull", "statistics", "accepted", "dismissed", "snooze")
    assert capabilities["executeCommandProvider"]["commands"] == [f"interfix.{name}" for name in names]
    assert capabilities["codeActionProvider"]["resolveProvider"]
    assert capabilities["textDocumentSync"]["change"] == 2


async def test_an_editor_without_inline_completion_gets_the_menu(editor: FakeEditor) -> None:
    assert (await editor.initialize({}))["capabilities"]["completionProvider"]


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-16"], "utf-16"),
        (["utf-16", "utf-8"], "utf-8"),
        (["utf-32", "utf-16"], "utf-16"),
        (["utf-32"], "utf-32"),
        (["nonesuch"], "utf-16"),
    ],
)
async def test_the_encoding_is_agreed_on(editor: FakeEditor, offered: list[str] | None, agreed: str) -> None:
    general = {} if offered is None else {"general": {"positionEncodings": offered}}
    assert (await editor.initialize({**INLINE_CAPABILITIES, **general}))["capabilities"]["positionEncoding"] == agreed


async def test_shutdown_and_exit_end_with_0(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    assert await editor.request("shutdown", None) is None
    editor.notify("exit", None)
    assert await editor.wait_for_exit() == 0
    assert engine.is_closed


async def test_shutdown_and_exit_in_one_breath_end_with_0_too(editor: FakeEditor) -> None:
    await editor.initialize()
    message, reply = editor.prepare_request("shutdown", None)
    editor.send(message, {"method": "exit", "params": None})
    assert await editor.wait_for_exit() == 0
    assert reply.result() is None


async def test_exit_without_shutdown_ends_with_1(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.notify("exit", None)
    assert await editor.wait_for_exit() == 1
    assert engine.is_closed


@pytest.mark.parametrize("rest", [b"", b"Content-Len", b"Content-Length: 50\r\n\r\n{"])
async def test_a_stream_that_breaks_off_ends_with_1(editor: FakeEditor, engine: FakeEngine, rest: bytes) -> None:
    await editor.initialize()
    editor.send_raw(rest)
    editor.hang_up()
    assert await editor.wait_for_exit() == 1
    assert engine.is_closed


@pytest.mark.parametrize(
    "header", ["Content-Length: {}", "content-length: {}", "CONTENT-LENGTH:{}", "content-type: x/y\r\ncontent-length:  {} "]
)
async def test_a_header_is_read_however_it_is_spelled(editor: FakeEditor, header: str) -> None:
    await editor.initialize()
    message, reply = editor.prepare_request("interfix/nonesuch", {})
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    editor.send_raw(header.format(len(body)).encode() + b"\r\n\r\n" + body)
    with pytest.raises(LspError):
        await reply


async def test_the_end_of_the_clients_process_ends_with_1(editor: FakeEditor) -> None:
    client = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    await editor.initialize(processId=client.pid)
    client.kill()
    await client.wait()
    assert await editor.wait_for_exit() == 1


async def test_a_client_from_another_namespace_is_not_watched(editor: FakeEditor) -> None:
    await editor.initialize(processId=2**22 + os.getpid())
    editor.open("x = ")
    assert await editor.request_suggestions(0, 4)


async def test_requests_under_way_at_shutdown_are_answered(editor: FakeEditor, engine: FakeEngine) -> None:
    await editor.initialize()
    editor.open("x = ")
    engine.request_gate = asyncio.Event()
    asked = editor.request("textDocument/inlineCompletion", editor.inline_params(0, 4))
    await engine.asked_models.get()
    assert await editor.request("shutdown", None) is None
    with pytest.raises(LspError) as caught:
        await asked
    assert caught.value.code == -32800
    assert await engine.endings.get() == "closed"


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("interfix/nonesuch", -32601),
        ("$/nonesuch", -32601),
        ("textDocument/hover", -32602),
        *((method, -32602) for method in REQUESTS_WITH_PARAMETERS),
    ],
)
async def test_a_request_without_parameters_is_told_what_it_lacks(editor: FakeEditor, method: str, code: int) -> None:
    await editor.initialize()
    message, reply = editor.prepare_request(method, None)
    del message["params"]
    editor.send(message)
    with pytest.raises(LspError) as caught:
        await reply
    assert caught.value.code == code


@pytest.mark.parametrize("message", [{"method": "initialized"}, {"method": "initialized", "params": None}])
async def test_initialized_needs_no_parameters(editor: FakeEditor, message: dict[str, object]) -> None:
    status = {"experimental": {"interfix": {"status": True}}}
    await editor.request("initialize", {"processId": None, "rootUri": None, "capabilities": status})
    editor.send(message)
    await editor.wait_until(lambda: any(sent["method"] == "interfix/status" for sent in editor.notifications))


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("textDocument/hover", {"textDocument": {"uri": DOCUMENT_URI}, "position": START}, -32601),
        ("interfix/nonesuch", {}, -32601),
        ("textDocument/inlineCompletion", {"textDocument": {"uri": DOCUMENT_URI}}, -32602),
        ("textDocument/inlineCompletion", None, -32602),
        (
            "textDocument/inlineCompletion",
            {"textDocument": {"uri": DOCUMENT_URI}, "position": START, "context": {"triggerKind": 1}},
            -32602,
        ),
        ("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, -32600),
        ("workspace/executeCommand", {"command": "rm"}, -32602),
        ("workspace/executeCommand", {"command": "interfix.explain"}, -32602),
        ("workspace/executeCommand", {"command": "interfix.explain", "arguments": [None]}, -32602),
        ("workspace/executeCommand", {"command": "interfix.refactor", "arguments": [{"uri": DOCUMENT_URI, "range": 3}]}, -32602),
    ],
)  # fmt: skip
async def test_a_wrong_request_is_answered_and_the_next_one_too(editor: FakeEditor, method: str, params: object, code: int) -> None:
    await editor.initialize()
    with pytest.raises(LspError) as caught:
        await editor.request(method, params)
    assert (caught.value.code, caught.value.data) == (code, None)
    editor.open("x = ")
    assert await editor.request_suggestions(0, 4)


async def test_nothing_is_answered_before_initialize_or_after_shutdown(editor: FakeEditor) -> None:
    with pytest.raises(LspError) as before:
        await editor.request_suggestions(0, 0)
    await editor.initialize()
    await editor.request("shutdown", None)
    with pytest.raises(LspError) as after:
        await editor.request_suggestions(0, 0)
    assert (before.value.code, after.value.code) == (-32002, -32600)


@pytest.mark.parametrize(
    "body",
    [
        b"{,}",
        b"[]",
        b"\xff",
        b'{"jsonrpc":"2.0","method":"$/what"}',
        b'{"jsonrpc":"2.0","id":99,"result":null}',
        b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":77}}',
        b'{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":null}}',
        b'{"jsonrpc":"1.0","method":"exit"}',
    ],
)
async def test_noise_is_survived(editor: FakeEditor, body: bytes) -> None:
    await editor.initialize()
    editor.send_raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    editor.open("x = ")
    assert await editor.request_suggestions(0, 4)


def test_every_route_is_there_once() -> None:
    methods = [route.method for route in ROUTES]
    assert len(methods) == len(set(methods))
