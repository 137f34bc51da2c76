"""Replays a recorded LSP session against a server: each message of the editor at its time, each answer beside the recorded one.

`tests/editors/lsp_proxy.py` records one: lines of `{"at", "server", "message"}`.
"""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from rich.table import Table

from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.errors import UsageError
from interfix.output.console_output import Console, write_json, write_message

END_SECONDS = 30.0
"""The server may take so long to end after the last message, s."""


class ReplayedMethod(msgspec.Struct, frozen=True):
    """The requests of one LSP method."""

    method: str
    """Its name."""
    requests: int
    """How many were sent."""
    answered: int
    """How many were answered."""
    same: int
    """How many got the recorded answer, ids in it aside."""
    recorded_ms: Percentiles
    """Time to the recorded answer, ms."""
    ms: Percentiles
    """Time to the answer, ms."""


def run(session: Path, *, speed: float = 1.0, command: list[str] | None = None) -> list[ReplayedMethod]:
    """Send the editor's messages to a new server, `speed` times as fast as they were recorded, and show what it answered.

    Raises `UsageError` for a file that is no recording.
    """
    try:
        lines = [json.loads(line) for line in session.read_text("utf-8").splitlines()]
        sent = [(line["at"], line["message"]) for line in lines if not line["server"]]
        recorded = _collect_exchanges([(line["at"], line["message"]) for line in lines])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{session} is no recorded session: {error}.") from error
    if not sent:
        raise UsageError(f"{session} holds no message of an editor.")
    replayed = _collect_exchanges(_replay(sent, speed, command or [sys.executable, "-P", "-m", "interfix.cli", "serve"]))
    report = _compare(recorded, replayed)
    _show(report)
    return report


class _Exchange(msgspec.Struct):
    """A request and its answer."""

    method: str
    sent: float
    """When, s."""
    answered: float | None = None
    """When, s."""
    answer: Any = None
    """The result or the error."""

    @property
    def ms(self) -> float:
        return ((self.answered or self.sent) - self.sent) * 1000


def _collect_exchanges(messages: list[tuple[float, Any]]) -> dict[str, _Exchange]:
    """By the request's number, as JSON."""
    exchanges: dict[str, _Exchange] = {}
    for at, message in messages:
        number = json.dumps(message.get("id"))
        if "method" in message and "id" in message:
            exchanges.setdefault(number, _Exchange(message["method"], at))
        elif "method" not in message and number in exchanges and exchanges[number].answered is None:
            exchanges[number].answered, exchanges[number].answer = at, message.get("result", message.get("error"))
    return exchanges


def _replay(sent: list[tuple[float, Any]], speed: float, command: list[str]) -> list[tuple[float, Any]]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    server_messages: list[tuple[float, Any]] = []
    reader = threading.Thread(target=_read_messages, args=(process.stdout, server_messages), daemon=True)
    reader.start()
    began, first = time.time(), sent[0][0]
    try:
        for at, message in sent:
            time.sleep(max(0.0, began + (at - first) / speed - time.time()))
            server_messages.append((time.time(), message))
            body = json.dumps(message).encode()
            process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            process.stdin.flush()
        process.stdin.close()
        process.wait(END_SECONDS)
    except (BrokenPipeError, subprocess.TimeoutExpired):
        write_message("The server ended early, or did not end.", error=True)
    finally:
        process.kill()
    reader.join(END_SECONDS)
    return sorted(server_messages, key=lambda each: each[0])


def _read_messages(stream: BinaryIO, messages: list[tuple[float, Any]]) -> None:
    while head := stream.readline():
        length = 0
        while head.strip():
            name, _, value = head.partition(b":")
            length = int(value) if name.strip().lower() == b"content-length" else length
            head = stream.readline()
        messages.append((time.time(), json.loads(stream.read(length))))


def _compare(recorded: dict[str, _Exchange], replayed: dict[str, _Exchange]) -> list[ReplayedMethod]:
    report = []
    for method in dict.fromkeys(each.method for each in replayed.values()):
        pairs = [(recorded[number], each) for number, each in replayed.items() if each.method == method and number in recorded]
        answered = [(before, now) for before, now in pairs if now.answered is not None]
        report.append(
            ReplayedMethod(
                method=method,
                requests=len(pairs),
                answered=len(answered),
                same=sum(_drop_ids(before.answer) == _drop_ids(now.answer) for before, now in answered),
                recorded_ms=compute_percentiles([before.ms for before, _ in pairs if before.answered is not None]),
                ms=compute_percentiles([now.ms for _, now in answered]),
            )
        )
    return report


def _drop_ids(answer: Any) -> Any:
    """An answer without the ids that a server draws."""
    if isinstance(answer, dict):
        return {name: _drop_ids(value) for name, value in answer.items() if name != "id"}
    return [_drop_ids(each) for each in answer] if isinstance(answer, list) else answer


def _show(report: list[ReplayedMethod]) -> None:
    table = Table("method", "requests", "answered", "same", "recorded p50 ms", "p95", "p50 ms", "p95")
    for each in report:
        spreads = (each.recorded_ms.p50, each.recorded_ms.p95, each.ms.p50, each.ms.p95)
        table.add_row(each.method, str(each.requests), str(each.answered), str(each.same), *(f"{ms:.0f}" for ms in spreads))
    Console(stderr=True).print(table)
    write_json(report)
