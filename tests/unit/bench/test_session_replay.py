"""A recorded session goes to a server again: what was answered otherwise, or not at all, is counted."""

import json
import sys
from pathlib import Path

import pytest

from interfix.errors import UsageError
from tests.bench.session_replay import run

ECHO_SERVER = """
import json, sys
while head := sys.stdin.buffer.readline():
    sys.stdin.buffer.readline()
    message = json.loads(sys.stdin.buffer.read(int(head.split(b":")[1])))
    if "id" in message and message["method"] != "silent":
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": message["params"]}).encode()
        sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
        sys.stdout.buffer.flush()
"""


def record(path: Path, *messages: tuple[float, bool, dict[str, object]]) -> Path:
    lines = [json.dumps({"at": at, "server": server, "message": message}) for at, server, message in messages]
    path.write_text("\n".join(lines))
    return path


def test_answers_are_compared_by_their_request(tmp_path: Path) -> None:
    session = record(
        tmp_path / "session.jsonl",
        (10.0, False, {"id": 1, "method": "echo", "params": [{"text": "same", "id": "drawn"}]}),
        (10.1, True, {"id": 1, "result": [{"text": "same", "id": "drawn otherwise"}]}),
        (10.1, False, {"method": "note", "params": None}),
        (10.2, False, {"id": "two", "method": "echo", "params": "other"}),
        (10.4, True, {"id": "two", "result": "was different"}),
        (10.4, False, {"id": 3, "method": "silent", "params": None}),
    )
    echo, silent = run(session, speed=10, command=[sys.executable, "-c", ECHO_SERVER])
    assert (echo.method, echo.requests, echo.answered, echo.same) == ("echo", 2, 2, 1)
    assert (echo.recorded_ms.p50, echo.recorded_ms.p95) == (150.0, 195.0)
    assert (silent.method, silent.requests, silent.answered) == ("silent", 1, 0)


@pytest.mark.parametrize("text", ["", "no json", '{"at": 1}', "[1]"])
def test_what_is_no_recording_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "session.jsonl").write_text(text)
    with pytest.raises(UsageError, match=r"session\.jsonl"):
        run(tmp_path / "session.jsonl")
