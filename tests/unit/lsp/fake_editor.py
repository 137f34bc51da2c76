"""An editor in the same process: raw JSON-RPC messages in both directions, so that nothing is right by shared mistake."""

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

from interfix.lsp.server import serve_client
from tests.fake_engine import FakeEngine

DOCUMENT_URI = "file:///project/code.py"
INLINE_CAPABILITIES = {"textDocument": {"inlineCompletion": {}}}


class LspError(Exception):
    """An error reply."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]
        self.data = error.get("data")


class FakeEditor:
    """Starts a server on an engine and talks to it. `responders` reply to the server's own requests, by method."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.notifications: list[dict[str, Any]] = []
        self.responders: dict[str, Callable[[Any], Any]] = {}
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._noticed = asyncio.Event()
        self._reader = asyncio.StreamReader()
        self._server = asyncio.create_task(serve_client(self._reader, self, engine))  # type: ignore[arg-type]

    def write(self, data: bytes) -> None:
        """The server's writer: takes whole messages."""
        message = json.loads(data.partition(b"\r\n\r\n")[2])
        if "method" in message and "id" in message:
            result = self.responders.get(message["method"], lambda _: None)(message["params"])
            self.send({"id": message["id"], "result": result})
        elif "method" in message:
            self.notifications.append(message)
            self._noticed.set()
        elif (future := self._waiting.pop(message["id"])) and "error" in message:
            future.set_exception(LspError(message["error"]))
        else:
            future.set_result(message["result"])

    def send(self, *messages: dict[str, Any]) -> None:
        """All in one piece, as a busy pipe delivers them."""
        bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
        self._reader.feed_data(b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies))

    def send_raw(self, raw: bytes) -> None:
        self._reader.feed_data(raw)

    def hang_up(self) -> None:
        self._reader.feed_eof()

    def prepare_request(self, method: str, params: Any) -> tuple[dict[str, Any], asyncio.Future[Any]]:
        """A request's message, not sent yet, and its reply to come."""
        number = next(self._ids)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        return {"id": number, "method": method, "params": params}, future

    def request(self, method: str, params: Any) -> asyncio.Future[Any]:
        message, future = self.prepare_request(method, params)
        self.send(message)
        return future

    def cancel(self, future: asyncio.Future[Any]) -> None:
        number = next(number for number, waiting in self._waiting.items() if waiting is future)
        self.notify("$/cancelRequest", {"id": number})

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    async def initialize(self, capabilities: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
        default_params = {
            "processId": None,
            "rootUri": None,
            "capabilities": capabilities if capabilities is not None else INLINE_CAPABILITIES,
        }
        result: dict[str, Any] = await self.request("initialize", {**default_params, **params})
        self.notify("initialized", {})
        return result

    def open(self, text: str, uri: str = DOCUMENT_URI, version: int = 1) -> None:
        document = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change_message(self, version: int, *changes: dict[str, Any], uri: str = DOCUMENT_URI) -> dict[str, Any]:
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": changes}
        return {"method": "textDocument/didChange", "params": params}

    def inline_params(
        self, line: int, character: int, *, automatic: bool = False, uri: str = DOCUMENT_URI, **context: Any
    ) -> dict[str, Any]:
        kind = {"triggerKind": 2 if automatic else 1, **context}
        return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}, "context": kind}

    async def request_suggestions(self, line: int, character: int, uri: str = DOCUMENT_URI) -> list[dict[str, Any]]:
        reply = await self.request("textDocument/inlineCompletion", self.inline_params(line, character, uri=uri))
        items: list[dict[str, Any]] = reply["items"]
        return items

    def command_params(self, name: str, **argument: Any) -> dict[str, Any]:
        return {"command": f"interfix.{name}", "arguments": [argument]}

    def shown_messages(self) -> list[str]:
        return [n["params"]["message"] for n in self.notifications if n["method"] == "window/showMessage"]

    def progress_values(self, token: int | str) -> list[dict[str, Any]]:
        notes = (n["params"] for n in self.notifications if n["method"] == "$/progress")
        return [params["value"] for params in notes if params["token"] == token]

    async def wait_until(self, condition: Callable[[], Any]) -> Any:
        """The condition's value, once a notice has made it true."""
        while not (value := condition()):
            self._noticed.clear()
            await asyncio.wait_for(self._noticed.wait(), 10)
        return value

    async def wait_for_exit(self) -> int:
        """The server's exit code, once it has ended by itself."""
        return await asyncio.wait_for(asyncio.shield(self._server), 10)

    async def close(self) -> int:
        if not self._server.done():
            self.hang_up()
        return await self.wait_for_exit()


def full_change(text: str) -> dict[str, Any]:
    return {"text": text}


def range_change(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    ends = ({"line": line, "character": character} for line, character in (start, end))
    return {"range": dict(zip(("start", "end"), ends, strict=True)), "text": text}


def make_range(start: tuple[int, int], end: tuple[int, int]) -> dict[str, Any]:
    range_: dict[str, Any] = range_change(start, end, "")["range"]
    return range_
