"""A worker program of ours ends with the one that started it, also where that was killed and could clean nothing up."""

import os
import subprocess
import sys
import time

import psutil
import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL")

CHILD = "from interfix.system.parent_watch import exit_with_parent; exit_with_parent(); print('ready', flush=True); {work}"
PARENT = """import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""
WORK = {"sleeping": "import time; time.sleep(600)", "computing": "any(False for _ in iter(int, 1))"}


@pytest.mark.parametrize("work", WORK)
def test_who_is_left_alone_ends(work: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD.format(work=WORK[work])], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    assert child.is_running()
    parent.kill()
    parent.wait(30)
    deadline = time.monotonic() + 60
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.05)
