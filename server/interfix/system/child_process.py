"""Starts other programs: each with a time limit, and the processes that it has started end with it.

A program may leave its process group and outlive its parent. So each gets a random value in its environment, which its children
inherit, and all who have it are ended (the way Jenkins finds what a build has left behind).
"""

import asyncio
import contextlib
import os
import secrets
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec
import psutil

MARK_VARIABLE = "INTERFIX_CHILD"
"""The variable that a child and all that it starts have in their environment."""
MAX_OUTPUT_BYTES = 1 << 20
"""Bytes that are kept of what a child writes: the last ones."""
LEADS_SESSION = os.name != "nt"
GROUP_FLAGS = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""Each child leads a group: a Ctrl-C meant for us does not reach it, and it can be told from others."""
_ROUNDS = 20
"""How often the list of processes is looked through for what was started meanwhile."""
_KILL_TIMEOUT_SECONDS = 2.0
"""How long what has been killed may take to be gone, seconds."""
_POLL_SECONDS = 0.002
"""How often it is looked at, seconds."""


class ChildResult(msgspec.Struct, frozen=True):
    """What became of a child."""

    code: int | None
    """Its exit code, negative for a signal; None where its time was up."""
    output: bytes
    """The last `MAX_OUTPUT_BYTES` bytes of what it wrote to standard output."""
    errors: bytes
    """The same of standard error; empty where that went to standard output."""


class ChildProcess:
    """One program, and all that it starts."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path | None = None,
        environ: Mapping[str, str | None] | None = None,
        merge_stderr: bool = False,
        input_data: bytes = b"",
    ) -> None:
        """`environ` is added to this process's, without those that are None; `merge_stderr` sends stderr to stdout. `input_data` is
        all that the program can read from its standard input.

        Raises `OSError` where there is no such program, `ValueError` for a command that no program can have.
        """
        self._mark = secrets.token_hex(8)
        self._began = time.time()
        variables = {**os.environ, **(environ or {}), MARK_VARIABLE: f"{os.environ.get(MARK_VARIABLE, '')} {self._mark}"}
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={name: value for name, value in variables.items() if value is not None},
            stdin=subprocess.PIPE if input_data else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merge_stderr else subprocess.PIPE,
            start_new_session=LEADS_SESSION,
            creationflags=GROUP_FLAGS,
        )
        if self._process.stdin is not None:
            threading.Thread(target=_feed, args=(self._process.stdin, input_data), daemon=True).start()
        self._output = _Tail(self._process.stdout)
        self._errors = _Tail(self._process.stderr)

    def wait(self, seconds: float) -> ChildResult:
        """Wait for the end, which is now, of the whole family, after so long."""
        code: int | None = None
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._process.wait(seconds)
        finally:
            self.end()
        return ChildResult(code, self._output.read(), self._errors.read())

    def kill(self) -> None:
        """End the program itself at once; `wait` sees to what it has started."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def end(self) -> None:
        """End the program and all that it has started; returns when they are gone, however often it is called."""
        end_family(self._process.pid, self._mark, self._began, alive=self._process.poll() is None)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILL_TIMEOUT_SECONDS)


def run_child(
    command: Sequence[str],
    seconds: float,
    *,
    folder: Path | None = None,
    environ: Mapping[str, str | None] | None = None,
    merge_stderr: bool = False,
    input_data: bytes = b"",
) -> ChildResult:
    """Run a program to its end or its time limit. Raises as `ChildProcess`."""
    return ChildProcess(command, folder=folder, environ=environ, merge_stderr=merge_stderr, input_data=input_data).wait(seconds)


async def run_child_async(
    command: Sequence[str],
    seconds: float,
    *,
    folder: Path | None = None,
    environ: Mapping[str, str | None] | None = None,
    merge_stderr: bool = False,
) -> ChildResult:
    """The same without keeping the event loop; cancelling it ends the program and all that it has started."""
    child = ChildProcess(command, folder=folder, environ=environ, merge_stderr=merge_stderr)
    try:
        return await asyncio.to_thread(child.wait, seconds)
    except asyncio.CancelledError:
        await asyncio.shield(asyncio.to_thread(child.end))
        raise


async def start_worker(command: Sequence[str]) -> asyncio.subprocess.Process:
    """A process of ours that talks over its standard streams and ends when its input does; `end_worker` makes sure of it."""
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=LEADS_SESSION,
        creationflags=GROUP_FLAGS,
    )


async def end_worker(worker: asyncio.subprocess.Process) -> None:
    """End a worker and what it has started."""
    if worker.returncode is None:
        await asyncio.shield(asyncio.to_thread(end_family, worker.pid))
        await worker.wait()


def start_detached(command: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """A process that outlives this one and writes to a log; it is reaped whenever it ends."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=LEADS_SESSION, creationflags=GROUP_FLAGS
    )
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def end_family(pid: int, mark: str = "", began: float = 0.0, *, alive: bool = True) -> None:
    """Kill a process and its descendants, its group, and all with this mark that have begun since then (seconds, Unix).

    `alive` says that the process has not been waited for, so that its number is its own.
    """
    for _ in range(_ROUNDS):
        family = _list_family(pid, mark, began, alive=alive)
        if not family:
            return
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.kill()
        _await_ends(family, _KILL_TIMEOUT_SECONDS / _ROUNDS)


def _await_ends(family: Sequence[psutil.Process], seconds: float) -> None:
    """Wait until all have ended, without reaping: whoever started a process does that, and learns in which way it ended."""
    deadline = time.monotonic() + seconds
    while any(_is_alive(each) for each in family) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _list_family(pid: int, mark: str, began: float, *, alive: bool) -> list[psutil.Process]:
    members: dict[int, psutil.Process] = {}
    if alive:
        with contextlib.suppress(psutil.Error):
            head = psutil.Process(pid)
            members = {each.pid: each for each in (head, *head.children(recursive=True))}
    for each in psutil.process_iter():
        if each.pid not in members:
            with contextlib.suppress(psutil.Error, OSError):
                if each.create_time() >= began - 1 and (_is_in_group(each.pid, pid) or _has_mark(each, mark)):
                    members[each.pid] = each
    return [each for each in members.values() if _is_alive(each)]


def _is_in_group(pid: int, group: int) -> bool:
    """A group keeps its number from being given to another process for as long as it has members."""
    return hasattr(os, "getpgid") and os.getpgid(pid) == group


def _has_mark(process: psutil.Process, mark: str) -> bool:
    return bool(mark) and mark in process.environ().get(MARK_VARIABLE, "").split()


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _feed(pipe: IO[bytes], data: bytes) -> None:
    """Write all that a program can read; it may end before."""
    with contextlib.suppress(OSError, ValueError), pipe:
        pipe.write(data)


class _Tail:
    """The last bytes that come out of a pipe, read in a thread so that the other side never waits."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self._data = bytearray()
        self._thread: threading.Thread | None = None
        if pipe is not None:
            self._thread = threading.Thread(target=self._drain, args=(pipe,), daemon=True)
            self._thread.start()

    def read(self) -> bytes:
        """What has come, once no more comes."""
        if self._thread is not None:
            self._thread.join(_KILL_TIMEOUT_SECONDS)
        return bytes(self._data[-MAX_OUTPUT_BYTES:])

    def _drain(self, pipe: IO[bytes]) -> None:
        with pipe, contextlib.suppress(OSError, ValueError):
            while data := os.read(pipe.fileno(), 1 << 16):
                self._data += data
                if len(self._data) > 2 * MAX_OUTPUT_BYTES:
                    del self._data[:-MAX_OUTPUT_BYTES]
