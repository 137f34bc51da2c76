"""A host that does not answer is ended; one that a debugger may have stopped, and what is no host, are left alone."""

import subprocess
import sys

import pytest

from interfix.engine.host_lifecycle import HOST_MODULE, kill_host


@pytest.mark.parametrize(
    ("arguments", "ended"), [([HOST_MODULE], True), (["debugpy", HOST_MODULE], False), (["another.module"], False)]
)
def test_a_host_is_ended_unless_it_is_debugged(arguments: list[str], ended: bool) -> None:
    waits = "import sys; print(flush=True); sys.stdin.read(); print('alive')"
    with subprocess.Popen([sys.executable, "-c", waits, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        kill_host(process.pid)
        assert (b"alive" not in process.communicate()[0]) is ended
