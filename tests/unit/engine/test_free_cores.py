"""Threads follow what other programs leave free."""

from collections import namedtuple

import psutil
import pytest

from interfix.engine import free_cores

OwnTimes = namedtuple("Mine", "user system")
SystemTimes = namedtuple("Everyone", "user system idle")


class FakeMachine:
    """A machine of some cores whose clocks the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
        self.now = self.mine = self.others = 0.0
        monkeypatch.setattr(free_cores, "count_physical_cores", lambda: count)
        monkeypatch.setattr(free_cores.os, "cpu_count", lambda: count)
        monkeypatch.setattr(free_cores.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(psutil, "cpu_times", lambda: SystemTimes(self.mine + self.others, 0.0, 1e6))
        monkeypatch.setattr(psutil.Process, "cpu_times", lambda _: OwnTimes(self.mine, 0.0))

    def pass_time(self, seconds: float, *, mine: float = 0.0, others: float = 0.0) -> None:
        """Time passes, with so many cores kept busy by this process and by others."""
        self.now += seconds
        self.mine += seconds * mine
        self.others += seconds * others


def test_a_free_machine_is_used_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = FakeMachine(monkeypatch, 4)
    watch = free_cores.CpuMonitor(0)
    machine.pass_time(1.0, mine=4.0, others=0.2)
    assert watch.pick_thread_count() == 4


def test_cores_that_others_use_are_left_to_them_and_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = FakeMachine(monkeypatch, 4)
    watch = free_cores.CpuMonitor(0)
    machine.pass_time(1.0, mine=2.0, others=2.0)
    assert watch.pick_thread_count() == 2
    machine.pass_time(1.0, mine=2.0)
    assert watch.pick_thread_count() == 4


def test_one_thread_always_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = FakeMachine(monkeypatch, 2)
    watch = free_cores.CpuMonitor(0)
    machine.pass_time(1.0, others=2.0)
    assert watch.pick_thread_count() == 1


def test_a_glimpse_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = FakeMachine(monkeypatch, 2)
    watch = free_cores.CpuMonitor(0)
    machine.pass_time(free_cores.WINDOW_SECONDS / 2, others=2.0)
    assert watch.pick_thread_count() == 2


def test_a_configured_number_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = FakeMachine(monkeypatch, 2)
    watch = free_cores.CpuMonitor(2)
    machine.pass_time(1.0, others=2.0)
    assert watch.pick_thread_count() == 2


def test_a_real_machine_has_a_core() -> None:
    assert 1 <= free_cores.CpuMonitor(0).pick_thread_count() <= free_cores.count_physical_cores()
