"""Stands between an editor and the server: hands every message on, and notes it with its time. Changes nothing.

Run as a program it starts the server; the file it writes to is named by `TEST_WIRETAP`, a line of JSON a message. With
`TEST_ASK_WHY` it also asks the server after each answer of ghost text what became of the request; the editor hears nothing of that.
`TEST_SERVER` is the command of another server. After a SIGUSR1 it takes nothing more of the editor's.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from tests.isolated_home import INTERFIX_COMMAND

WHY_PREFIX = "why:"
"""How the ids begin of what the proxy asks itself; the rest is the id of the request for ghost text, as JSON."""
_GHOST_TEXT = "textDocument/inlineCompletion"
_SCRIPT = """#!/bin/sh
export PYTHONPATH={path} TEST_WIRETAP={log}
exec {python} {file} "$@"
"""


def install(folder: Path) -> Path:
    """Put a command called `interfix` into `folder` that is listened to; the file that holds what was heard."""
    folder.mkdir(parents=True, exist_ok=True)
    command, log = folder / "interfix", folder / "messages.jsonl"
    path = Path(__file__).parents[2]
    command.write_text(_SCRIPT.format(path=path, log=log, python=sys.executable, file=Path(__file__)))
    command.chmod(0o755)
    return log


def listen(environment: dict[str, str], folder: Path) -> dict[str, str]:
    """The environment with an `interfix` from `folder` on its PATH that is listened to; `TEST_WIRETAP` names the file."""
    log = install(folder)
    return {**environment, "PATH": os.pathsep.join([str(folder), environment["PATH"]]), "TEST_WIRETAP": str(log)}


def read_messages(log: Path) -> list[dict[str, Any]]:
    """The messages so far: `at` (seconds since 1970), `server` (whether it is the server's), `message`."""
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def _messages(stream: IO[bytes]) -> Iterator[bytes]:
    while head := stream.readline():
        while (line := stream.readline()).strip():
            head += line
        length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length"))
        yield head + line + stream.read(length)


class _Relay:
    """What runs between an editor and its server."""

    def __init__(self, server_input: IO[bytes], log: int, *, asks_why: bool) -> None:
        self._server_input = server_input
        self._log = log
        self._asks_why = asks_why
        self._lock = threading.Lock()
        self._uris: dict[str, str] = {}
        """By the id of a request for ghost text, as JSON: the document."""

    def relay_editor(self, source: IO[bytes]) -> None:
        with suppress(OSError):  # a signal closed the source
            for message in _messages(source):
                body = self._note(message, server=False)
                if self._asks_why and _GHOST_TEXT.encode() in body:
                    request = json.loads(body)
                    if request.get("method") == _GHOST_TEXT:
                        self._uris[json.dumps(request["id"])] = request["params"]["textDocument"]["uri"]
                self._send(message)
        self._server_input.close()

    def relay_server(self, source: IO[bytes], target: IO[bytes]) -> None:
        for message in _messages(source):
            body = self._note(message, server=True)
            answer = json.loads(body) if self._asks_why else {}
            if str(answer.get("id")).startswith(WHY_PREFIX) and "method" not in answer:
                continue
            target.write(message)
            target.flush()
            if "method" not in answer and (uri := self._uris.pop(json.dumps(answer.get("id")), "")):
                self._ask_why(json.dumps(answer["id"]), uri)
        target.close()

    def _ask_why(self, number: str, uri: str) -> None:
        params = {"command": "interfix.why", "arguments": [{"uri": uri, "prompt": False}]}
        request = {"jsonrpc": "2.0", "id": WHY_PREFIX + number, "method": "workspace/executeCommand", "params": params}
        body = json.dumps(request).encode()
        self._send(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def _send(self, message: bytes) -> None:
        with self._lock, suppress(BrokenPipeError, ValueError):  # the server has ended
            self._server_input.write(message)
            self._server_input.flush()

    def _note(self, message: bytes, *, server: bool) -> bytes:
        body = message.partition(b"\r\n\r\n")[2]
        os.write(self._log, b'{"at": %f, "server": %s, "message": %s}\n' % (time.time(), json.dumps(server).encode(), body))
        return body


def main() -> int:
    """Run the server until it ends."""
    signal.signal(signal.SIGUSR1, lambda *_: os.close(0))
    log = os.open(os.environ["TEST_WIRETAP"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    command = shlex.split(os.environ.get("TEST_SERVER", "")) or [INTERFIX_COMMAND, *sys.argv[1:]]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    relay = _Relay(process.stdin, log, asks_why=bool(os.environ.get("TEST_ASK_WHY")))
    threading.Thread(target=relay.relay_editor, args=(sys.stdin.buffer,), daemon=True).start()
    relay.relay_server(process.stdout, sys.stdout.buffer)
    return process.wait()


if __name__ == "__main__":
    sys.exit(main())
