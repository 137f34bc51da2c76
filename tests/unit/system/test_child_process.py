"""Programs that are started: whatever they start themselves is gone when their time is up, when they end, and when nobody waits."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from interfix.system.child_process import (
    MAX_OUTPUT_BYTES,
    ChildProcess,
    end_family,
    end_worker,
    run_child,
    run_child_async,
    start_worker,
)
from tests.effort import take_share

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")

SLEEPER = f"{sys.executable} -c 'import os, sys, time; print(os.getpid(), flush=True); time.sleep(600)'"
DAEMON = """import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(600)
    os._exit(0)
os.wait()
"""
FAMILIES = {
    "itself": f"exec {SLEEPER}",
    "a child": f"{SLEEPER}; true",
    "in the background": f"{SLEEPER} & wait",
    "with a session of its own": f"setsid {SLEEPER} & wait",
    "of two generations": f"sh -c '({SLEEPER.replace(chr(39), chr(34))} & wait) & wait' & wait",
    "without hang-up": f"nohup {SLEEPER} 2>/dev/null & wait",
    "a daemon": f"{sys.executable} -c '{DAEMON}' & wait; sleep 600",
    "without our environment": f"env -i {SLEEPER} & wait",
    "deaf to SIGTERM": f"trap '' TERM INT HUP; {SLEEPER} & wait",
}


def list_living(output: bytes) -> list[int]:
    """Which of the process ids that were written live on."""
    pids = [int(line) for line in output.split() if line.isdigit()]
    assert pids, "nothing has begun"
    return [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("family", take_share(list(FAMILIES)))
def test_time_is_up_for_all(family: str) -> None:
    ended = run_child(["sh", "-c", FAMILIES[family]], 1)
    assert ended.code is None
    assert list_living(ended.output) == []


LEFT_BEHIND = ["a daemon", "in the background", "with a session of its own", "without our environment"]


@pytest.mark.parametrize("family", take_share(LEFT_BEHIND))
def test_what_a_program_leaves_behind_ends_with_it(family: str) -> None:
    """The command itself is done at once; its output stays open in the one it has started."""
    script = FAMILIES[family].replace("& wait", "&").replace("; sleep 600", "") + " sleep 0.7; exit 3"
    began = time.monotonic()
    ended = run_child(["sh", "-c", script], 60)
    assert ended.code == 3
    assert list_living(ended.output) == []
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("family", FAMILIES)
async def test_cancelling_ends_all(family: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    task = asyncio.create_task(run_child_async(["sh", "-c", f"({FAMILIES[family]}) > {out}"], 60))
    while not (out.exists() and out.read_bytes().strip()):  # noqa: ASYNC110 (nothing else tells that it has begun)
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list_living(out.read_bytes()) == []


def test_output_without_end_is_bounded() -> None:
    ended = run_child(["sh", "-c", "yes | head -c 50000000; echo the end"], 60)
    assert (len(ended.output), ended.output[-8:], ended.code) == (MAX_OUTPUT_BYTES, b"the end\n", 0)


def test_input_is_empty_and_both_outputs_are_told() -> None:
    ended = run_child(["sh", "-c", "cat; echo out; echo err >&2; kill -9 $$"], 60)
    assert (ended.code, ended.output, ended.errors) == (-9, b"out\n", b"err\n")
    assert run_child(["sh", "-c", "echo out; echo err >&2"], 60, merge_stderr=True).output == b"out\nerr\n"


@pytest.mark.parametrize("command", [["no-such-program"], ["/"], ["sh", "a\0b"]])
def test_a_program_that_is_none_is_an_error(command: list[str]) -> None:
    with pytest.raises((OSError, ValueError)):
        ChildProcess(command)


async def test_a_worker_that_is_ended_is_reaped_by_who_started_it(caplog: pytest.LogCaptureFixture) -> None:
    """Were it reaped here, asyncio would not know how it ended, and say so on the user's terminal."""
    for _ in range(10):
        worker = await start_worker(["sleep", "600"])
        await end_worker(worker)
        assert worker.returncode == -signal.SIGKILL
    assert caplog.text == ""


def test_how_a_killed_program_ended_is_known() -> None:
    for _ in range(10):
        process = subprocess.Popen(["sleep", "600"], start_new_session=True)
        end_family(process.pid)
        assert process.wait(10) == -signal.SIGKILL
