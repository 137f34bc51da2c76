"""Whatever ends the command line, what it has started ends with it. About `cli/__init__.py` and `system/child_process.py`."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

PROGRAM = """
import signal, sys, time
from interfix import cli
from interfix.system.child_process import ChildProcess, run_child

SLEEPER = "import os, sys, time; print(os.getpid(), file=open(sys.argv[1], 'w'), flush=True); time.sleep(600)"
command = [sys.executable, "-c", SLEEPER, sys.argv[1]]
cli.app = lambda: HOW
# Whoever runs the tests may ignore them: nohup does, and shells do in what they run in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
cli.main()
"""
WAYS = {"waited for": "run_child(command, 600)", "not yet waited for": "(ChildProcess(command), time.sleep(600))"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
def test_what_was_started_ends_too(tmp_path: Path, name: str, code: int, way: str) -> None:
    told = tmp_path / "pid"
    program = PROGRAM.replace("HOW", WAYS[way])
    with subprocess.Popen([sys.executable, "-c", program, str(told)], stderr=subprocess.PIPE) as command:
        while not (told.exists() and told.read_text().endswith("\n")):
            assert command.poll() is None
        child = psutil.Process(int(told.read_text()))
        command.send_signal(getattr(signal, name))
        _, said = command.communicate(timeout=120)
    assert (command.returncode, said) == (code, b"")
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
