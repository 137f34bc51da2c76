"""Two windows type at human speed while an explanation is always being written.

Looks for memory that is not given back and for requests without a reply; measures no speed.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import psutil
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from rich.table import Table

from interfix.bench.headless_client import HeadlessEditor, open_editor
from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.engine.client import create_local_engine
from interfix.errors import UnavailableError
from interfix.output.console_output import Console, write_json

KEY_SECONDS = (0.06, 0.3)
"""Between two keystrokes, at least and at most."""
LINE_SECONDS = (0.5, 2.0)
"""Before a new line is begun."""
STUCK_SECONDS = 60.0
"""A request without a reply for so long is stuck."""
SAMPLE_SECONDS = 5.0
"""Between two looks at the memory."""
WARMUP_SHARE = 0.25
"""Share of the run that counts as warm-up: caches fill, models are loaded."""
EXPLAINED_LINES = 40
"""Lines explained at a time."""
SOURCE_TEXT = Path(__file__).read_text("utf-8")
"""What is typed and explained."""
REQUEST_CANCELLED_CODE = -32800


class SoakReport(msgspec.Struct, frozen=True):
    """Figures of a run."""

    minutes: float
    """How long it ran."""
    requests: int
    """Completions asked for."""
    cancelled: int
    """Of these, ended by the next keystroke, each with its reply."""
    stuck: int
    """Requests of any kind without a reply in a minute."""
    failures: tuple[str, ...]
    """Error replies other than cancellations, each once."""
    explanations: int
    """Explanations written to their end."""
    answer_ms: Percentiles
    """Time of completions that were not cancelled, ms."""
    host_mb: tuple[float, float]
    """Resident memory of the engine host after warm-up and at the end (medians of a tenth of the run), MB."""
    servers_mb: tuple[float, float]
    """The same of all servers together, MB."""
    hosts: int
    """Engine hosts seen; more than one: it died on the way."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        table = Table(title=f"2 windows, {self.minutes:.1f} minutes", title_justify="left", show_header=False)
        table.add_row("completions", f"{self.requests}, {self.cancelled} ended by the next keystroke, {self.stuck} without a reply")
        table.add_row("answers", f"p50 {self.answer_ms.p50:.0f} ms, p95 {self.answer_ms.p95:.0f} ms")
        table.add_row("explanations", str(self.explanations))
        table.add_row("memory of the host", "{:.0f} MB after warm-up, {:.0f} MB at the end".format(*self.host_mb))
        table.add_row("memory of the servers", "{:.0f} MB after warm-up, {:.0f} MB at the end".format(*self.servers_mb))
        table.add_row("hosts", str(self.hosts))
        for failure in self.failures:
            table.add_row("failure", failure)
        Console(stderr=True).print(table)
        write_json(self)


def run(minutes: float, *, seed: int = 1) -> SoakReport:
    """Type for so long and show figures. Raises `UnavailableError` where no server or engine starts."""
    report = asyncio.run(_SoakRun(minutes * 60, random.Random(seed)).run())
    report.show()
    return report


class _SoakRun:
    """What has happened so far."""

    def __init__(self, seconds: float, rng: random.Random) -> None:
        self._end_time = time.monotonic() + seconds
        self._rng = rng
        self._requests = self._cancelled = self._stuck = self._explanations = 0
        self._failures: set[str] = set()
        self._answers: list[float] = []
        self._memory: list[tuple[int, int, int]] = []  # the host's process id and bytes, the servers' bytes

    async def run(self) -> SoakReport:
        began = time.monotonic()
        with Console(stderr=True).status("typing …"):
            async with _open_windows() as windows:
                typists = [self._type(window, f"file:///soak/window{i}.py") for i, window in enumerate(windows)]
                await asyncio.gather(*typists, self._explain(windows[0]), self._sample_memory(windows))
        return self._report((time.monotonic() - began) / 60)

    def _is_over(self) -> bool:
        return time.monotonic() >= self._end_time

    async def _type(self, window: HeadlessEditor, uri: str) -> None:
        """Write a long file again and again, a completion asked for at each keystroke and ended by the next."""
        while not self._is_over():
            version, text = 1, SOURCE_TEXT[: len(SOURCE_TEXT) // 2]
            window.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", version, text)))
            completion: asyncio.Task[None] | None = None
            for character in SOURCE_TEXT[len(text) :]:
                if self._is_over():
                    break
                version, text = version + 1, text + character
                if completion is not None:
                    completion.cancel()
                self._change(window, uri, version, text, character)
                completion = asyncio.create_task(self._complete(window, uri, text))
                await asyncio.sleep(self._rng.uniform(*(LINE_SECONDS if character == "\n" else KEY_SECONDS)))
            if completion is not None:
                await completion
            window.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def _change(self, window: HeadlessEditor, uri: str, version: int, text: str, character: str) -> None:
        at = _end_position(text[: -len(character)])
        change = types.TextDocumentContentChangePartial(types.Range(at, at), character)
        identifier = types.VersionedTextDocumentIdentifier(version, uri)
        window.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    async def _complete(self, window: HeadlessEditor, uri: str, text: str) -> None:
        context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
        params = types.InlineCompletionParams(context, types.TextDocumentIdentifier(uri), _end_position(text))
        self._requests += 1
        number = f"{uri}:{len(text)}:{self._requests}"
        began = time.monotonic()
        reply = asyncio.wrap_future(window.protocol.send_request(types.TEXT_DOCUMENT_INLINE_COMPLETION, params, msg_id=number))
        try:
            await asyncio.shield(reply)
        except asyncio.CancelledError:
            window.cancel_request(types.CancelParams(number))
            await self._await_reply(reply)  # a cancelled request has its reply, too
        except JsonRpcException as error:
            self._record_failure(error)
        else:
            self._answers.append((time.monotonic() - began) * 1000)

    async def _explain(self, window: HeadlessEditor) -> None:
        """One explanation after the other."""
        uri = "file:///soak/explained.py"
        window.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, SOURCE_TEXT)))
        while not self._is_over():
            line = self._rng.randrange(max(1, SOURCE_TEXT.count("\n") - EXPLAINED_LINES))
            ends = [{"line": line, "character": 0}, {"line": line + EXPLAINED_LINES, "character": 0}]
            argument = {"uri": uri, "range": {"start": ends[0], "end": ends[1]}}
            params = types.ExecuteCommandParams("interfix.explain", [argument])
            number = f"explain:{self._explanations}:{line}"
            reply = asyncio.wrap_future(window.protocol.send_request(types.WORKSPACE_EXECUTE_COMMAND, params, msg_id=number))
            while not reply.done() and not self._is_over():
                await asyncio.wait([reply], timeout=1)
            if not reply.done():
                window.cancel_request(types.CancelParams(number))
                await self._await_reply(reply)
                return
            if reply.exception() is None:
                self._explanations += 1
            else:
                self._record_failure(reply.exception())

    async def _await_reply(self, reply: Awaitable[Any]) -> None:
        try:
            await asyncio.wait_for(reply, STUCK_SECONDS)
        except TimeoutError:
            self._stuck += 1
        except JsonRpcException as error:
            self._record_failure(error)
        else:
            self._cancelled += 1

    def _record_failure(self, error: BaseException | None) -> None:
        if isinstance(error, JsonRpcException) and error.code == REQUEST_CANCELLED_CODE:
            self._cancelled += 1
        else:
            self._failures.add(str(error))

    async def _sample_memory(self, windows: list[HeadlessEditor]) -> None:
        """Look at the memory of the host and of the servers."""
        async with create_local_engine() as engine:
            while not self._is_over():
                host = psutil.Process((await engine.status()).pid)
                servers = [psutil.Process(window.pid) for window in windows]
                bytes_held = sum(server.memory_info().rss for server in servers)
                self._memory.append((host.pid, host.memory_info().rss, bytes_held))
                await asyncio.sleep(SAMPLE_SECONDS)

    def _report(self, minutes: float) -> SoakReport:
        if not self._memory:
            raise UnavailableError("The run was too short to look at the memory; give it more minutes.")
        tenth = max(1, len(self._memory) // 10)
        warm = self._memory[int(len(self._memory) * WARMUP_SHARE) :][:tenth]
        end = self._memory[-tenth:]
        return SoakReport(
            minutes=round(minutes, 1),
            requests=self._requests,
            cancelled=self._cancelled,
            stuck=self._stuck,
            failures=tuple(sorted(self._failures)),
            explanations=self._explanations,
            answer_ms=compute_percentiles(self._answers),
            host_mb=(_median_mb([each[1] for each in warm]), _median_mb([each[1] for each in end])),
            servers_mb=(_median_mb([each[2] for each in warm]), _median_mb([each[2] for each in end])),
            hosts=len({pid for pid, _, _ in self._memory}),
        )


@asynccontextmanager
async def _open_windows() -> AsyncGenerator[list[HeadlessEditor], None]:
    async with open_editor(Path.cwd()) as first, open_editor(Path.cwd()) as second:
        yield [first, second]


def _end_position(text: str) -> types.Position:
    return types.Position(text.count("\n"), len(text) - text.rfind("\n") - 1)


def _median_mb(values: list[int]) -> float:
    return round(compute_percentiles(values).p50 / 2**20, 1)
