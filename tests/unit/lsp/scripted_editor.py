"""An editor in the same process: raw JSON-RPC messages in both directions, so that nothing is right by shared mistake."""

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

from scripted_engine import ScriptedEngine

from interfix.lsp.server import converse

URI = "file:///project/code.py"
INLINE = {"textDocument": {"inlineCompletion": {}}}


class LspError(Exception):
    """An error reply."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]
        self.data = error.get("data")


class Editor:
    """Starts a server on an engine and talks to it. `answers` reply to the server's own requests, by method."""

    def __init__(self, engine: ScriptedEngine) -> None:
        self.engine = engine
        self.notices: list[dict[str, Any]] = []
        self.answers: dict[str, Callable[[Any], Any]] = {}
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._noticed = asyncio.Event()
        self._reader = asyncio.StreamReader()
        self._server = asyncio.create_task(converse(self._reader, self, engine))  # type: ignore[arg-type]

    def write(self, data: bytes) -> None:
        """The server's writer: takes whole messages."""
        message = json.loads(data.partition(b"\r\n\r\n")[2])
        if "method" in message and "id" in message:
            result = self.answers.get(message["method"], lambda _: None)(message["params"])
            self.send({"id": message["id"], "result": result})
        elif "method" in message:
            self.notices.append(message)
            self._noticed.set()
        elif (future := self._waiting.pop(message["id"])) and "error" in message:
            future.set_exception(LspError(message["error"]))
        else:
            future.set_result(message["result"])

    def send(self, *messages: dict[str, Any]) -> None:
        """All in one piece, as a busy pipe delivers them."""
        bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
        self._reader.feed_data(b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies))

    def feed(self, raw: bytes) -> None:
        self._reader.feed_data(raw)

    def hang_up(self) -> None:
        self._reader.feed_eof()

    def prepare(self, method: str, params: Any) -> tuple[dict[str, Any], asyncio.Future[Any]]:
        """A request's message, not sent yet, and its reply to come."""
        number = next(self._ids)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        return {"id": number, "method": method, "params": params}, future

    def ask(self, method: str, params: Any) -> asyncio.Future[Any]:
        message, future = self.prepare(method, params)
        self.send(message)
        return future

    def cancel(self, future: asyncio.Future[Any]) -> None:
        number = next(number for number, waiting in self._waiting.items() if waiting is future)
        self.notify("$/cancelRequest", {"id": number})

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    async def start(self, capabilities: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
        asked = {"processId": None, "rootUri": None, "capabilities": capabilities if capabilities is not None else INLINE}
        result: dict[str, Any] = await self.ask("initialize", {**asked, **params})
        self.notify("initialized", {})
        return result

    def open(self, text: str, uri: str = URI, version: int = 1) -> None:
        document = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, version: int, *changes: dict[str, Any], uri: str = URI) -> dict[str, Any]:
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": changes}
        return {"method": "textDocument/didChange", "params": params}

    def inline(self, line: int, character: int, *, automatic: bool = False, uri: str = URI, **context: Any) -> dict[str, Any]:
        kind = {"triggerKind": 2 if automatic else 1, **context}
        return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}, "context": kind}

    async def suggestion(self, line: int, character: int, uri: str = URI) -> list[dict[str, Any]]:
        reply = await self.ask("textDocument/inlineCompletion", self.inline(line, character, uri=uri))
        items: list[dict[str, Any]] = reply["items"]
        return items

    def command(self, name: str, **argument: Any) -> dict[str, Any]:
        return {"command": f"interfix.{name}", "arguments": [argument]}

    def shown(self) -> list[str]:
        return [n["params"]["message"] for n in self.notices if n["method"] == "window/showMessage"]

    def progress(self, token: int | str) -> list[dict[str, Any]]:
        found = (n["params"] for n in self.notices if n["method"] == "$/progress")
        return [params["value"] for params in found if params["token"] == token]

    async def until(self, condition: Callable[[], Any]) -> Any:
        """The condition's value, once a notice has made it true."""
        while not (value := condition()):
            self._noticed.clear()
            await asyncio.wait_for(self._noticed.wait(), 10)
        return value

    async def end(self) -> int:
        """The server's exit code, once it has ended by itself."""
        return await asyncio.wait_for(asyncio.shield(self._server), 10)

    async def leave(self) -> int:
        if not self._server.done():
            self.hang_up()
        return await self.end()


def whole(text: str) -> dict[str, Any]:
    return {"text": text}


def part(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    ends = ({"line": line, "character": character} for line, character in (start, end))
    return {"range": dict(zip(("start", "end"), ends, strict=True)), "text": text}


def span(start: tuple[int, int], end: tuple[int, int]) -> dict[str, Any]:
    range_: dict[str, Any] = part(start, end, "")["range"]
    return range_
