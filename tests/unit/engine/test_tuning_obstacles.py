"""`engine/tuning/idle_tuning.py`: what speaks against a trial now, also where the system does not tell."""

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from interfix.engine.tuning import idle_tuning, load_meter
from interfix.engine.tuning.idle_tuning import find_tuning_obstacle


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF" * 100)
    return str(path)


def make_machine(monkeypatch: pytest.MonkeyPatch, **state: Any) -> None:
    free, total, memory, load, plugged = (
        state.get(name, default)
        for name, default in (("free", 500e9), ("total", 1000e9), ("memory", 16e9), ("load", 1.0), ("plugged", None))
    )
    battery = None if plugged is None else SimpleNamespace(power_plugged=plugged)
    monkeypatch.setattr(idle_tuning.psutil, "sensors_battery", lambda: battery, raising=False)
    monkeypatch.setattr(idle_tuning.shutil, "disk_usage", lambda _: SimpleNamespace(free=free, total=total))
    monkeypatch.setattr(idle_tuning.psutil, "virtual_memory", lambda: SimpleNamespace(available=memory))
    monkeypatch.setattr(idle_tuning, "sample_load_percent", lambda: load)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({}, ""),
        ({"plugged": True}, ""),
        ({"plugged": False}, "battery"),
        ({"free": 90e9}, "disk"),
        ({"free": 3e9, "total": 10e9}, "disk"),
        ({"memory": 100}, "memory"),
        ({"load": 40.0}, "40%"),
    ],
)
def test_what_speaks_against_a_trial(model: str, monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], why: str) -> None:
    make_machine(monkeypatch, **state)
    obstacle = find_tuning_obstacle(model)
    assert why in obstacle
    assert bool(why) is bool(obstacle)


@pytest.mark.parametrize("probe", ["virtual_memory", "sensors_battery", "cpu_percent"])
@pytest.mark.parametrize("error", [psutil.AccessDenied(), PermissionError(errno.EACCES, "Permission denied")])
def test_a_system_that_does_not_say_how_busy_it_is(
    model: str, monkeypatch: pytest.MonkeyPatch, probe: str, error: Exception
) -> None:
    def fail(**_: Any) -> None:
        raise error

    make_machine(monkeypatch)
    monkeypatch.setattr(idle_tuning, "sample_load_percent", load_meter.sample_load_percent)
    monkeypatch.setattr(psutil, probe, fail, raising=False)
    assert "does not say how busy it is" in find_tuning_obstacle(model)
