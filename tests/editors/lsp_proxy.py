"""Stands between an editor and the server: hands every message on, and notes it with its time. Changes nothing.

Run as a program it starts the server; the file it writes to is named by `TEST_WIRETAP`, a line of JSON a message.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from tests.isolated_home import INTERFIX_COMMAND

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


def _messages(stream: BinaryIO) -> Iterator[bytes]:
    while head := stream.readline():
        while (line := stream.readline()).strip():
            head += line
        length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length"))
        yield head + line + stream.read(length)


def _relay(source: BinaryIO, target: BinaryIO, log: int, server: bool) -> None:
    for message in _messages(source):
        now = time.time()
        target.write(message)
        target.flush()
        body = message.partition(b"\r\n\r\n")[2]
        os.write(log, b'{"at": %f, "server": %s, "message": %s}\n' % (now, json.dumps(server).encode(), body))
    target.close()


def main() -> int:
    """Run the server until it ends."""
    log = os.open(os.environ["TEST_WIRETAP"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    process = subprocess.Popen([INTERFIX_COMMAND, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    reading = threading.Thread(target=_relay, args=(sys.stdin.buffer, process.stdin, log, False), daemon=True)
    reading.start()
    _relay(process.stdout, sys.stdout.buffer, log, True)
    return process.wait()


if __name__ == "__main__":
    sys.exit(main())
