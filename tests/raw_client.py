"""A client that sends any bytes to the real `interfix serve`, and books which requests were answered."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from tests.isolated_home import INTERFIX_COMMAND


class RawClient:
    """One server process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._stdin, self._stdout = process.stdin, process.stdout
        self._number = 0
        self.unanswered: dict[int, str] = {}
        """Methods of the requests that have no reply yet, by id."""
        self.replies: dict[int, dict[str, Any]] = {}
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, environment: Mapping[str, str], *, folder: str | None = None) -> "RawClient":
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        command = (INTERFIX_COMMAND, "serve", "--stdio")
        return cls(
            await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=nothing, env=environment, cwd=folder)
        )

    async def initialize(self, *folders: str) -> dict[str, Any]:
        folders_by_uri = [{"uri": uri, "name": "w"} for uri in folders]
        capabilities = {"textDocument": {"inlineCompletion": {}}, "workspace": {"workspaceFolders": True}}
        number = self.request(
            "initialize", {"processId": None, "rootUri": None, "capabilities": capabilities, "workspaceFolders": folders_by_uri}
        )
        await self.wait(120)
        self.notify("initialized", {})
        result: dict[str, Any] = self.replies[number]["result"]
        return result

    def request(self, method: str, params: Any) -> int:
        self._number += 1
        self.unanswered[self._number] = method
        self.send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        return self._number

    def notify(self, method: str, params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def cancel(self, number: int) -> None:
        self.notify("$/cancelRequest", {"id": number})

    def send(self, message: Any) -> None:
        body = json.dumps(message).encode("utf-8", "surrogatepass")
        self._stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def drain(self) -> None:
        await self._stdin.drain()

    async def wait(self, seconds: float) -> None:
        """Until every request has its reply. Raises `TimeoutError` where one has none after so long."""
        async with asyncio.timeout(seconds):
            while self.unanswered:
                self._changed.clear()
                await self._changed.wait()

    async def list_unanswered(self, seconds: float) -> list[str]:
        """The methods of the requests that have no reply after so long."""
        try:
            await self.wait(seconds)
        except TimeoutError:
            return sorted(self.unanswered.values())
        return []

    async def close(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        self._reading.cancel()

    async def _read(self) -> None:
        while line := await self._stdout.readline():
            length = 0
            while line.strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
                line = await self._stdout.readline()
            self._take(json.loads(await self._stdout.readexactly(length)))
        self._changed.set()

    def _take(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        if "method" in message:
            if number is not None:  # what the server asks of a client: it gets nothing
                self.send({"jsonrpc": "2.0", "id": number, "result": None})
        elif isinstance(number, int) and number in self.unanswered:
            del self.unanswered[number]
            self.replies[number] = message
            self._changed.set()
