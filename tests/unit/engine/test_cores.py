"""Threads follow what other programs leave free."""

from collections import namedtuple

import psutil
import pytest

from interfix.engine import cores

Mine = namedtuple("Mine", "user system")
Everyone = namedtuple("Everyone", "user system idle")


class Machine:
    """A machine of some cores whose clocks the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
        self.now = self.mine = self.others = 0.0
        monkeypatch.setattr(cores, "physical", lambda: count)
        monkeypatch.setattr(cores.os, "cpu_count", lambda: count)
        monkeypatch.setattr(cores.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(psutil, "cpu_times", lambda: Everyone(self.mine + self.others, 0.0, 1e6))
        monkeypatch.setattr(psutil.Process, "cpu_times", lambda _: Mine(self.mine, 0.0))

    def run(self, seconds: float, *, mine: float = 0.0, others: float = 0.0) -> None:
        """Time passes, with so many cores kept busy by this process and by others."""
        self.now += seconds
        self.mine += seconds * mine
        self.others += seconds * others


def test_a_free_machine_is_used_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, 4)
    watch = cores.Cores(0)
    machine.run(1.0, mine=4.0, others=0.2)
    assert watch.free() == 4


def test_cores_that_others_use_are_left_to_them_and_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, 4)
    watch = cores.Cores(0)
    machine.run(1.0, mine=2.0, others=2.0)
    assert watch.free() == 2
    machine.run(1.0, mine=2.0)
    assert watch.free() == 4


def test_one_thread_always_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, 2)
    watch = cores.Cores(0)
    machine.run(1.0, others=2.0)
    assert watch.free() == 1


def test_a_glimpse_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, 2)
    watch = cores.Cores(0)
    machine.run(cores.WINDOW_SECONDS / 2, others=2.0)
    assert watch.free() == 2


def test_a_configured_number_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, 2)
    watch = cores.Cores(2)
    machine.run(1.0, others=2.0)
    assert watch.free() == 2


def test_a_real_machine_has_a_core() -> None:
    assert 1 <= cores.Cores(0).free() <= cores.physical()
