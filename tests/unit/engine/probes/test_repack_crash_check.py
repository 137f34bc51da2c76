"""A native library that crashes is found out in a process of its own, and the slow layout takes over."""

from pathlib import Path

import pytest

from interfix.config.paths import state_dir
from interfix.engine.probes import repack_crash_check
from interfix.errors import UnavailableError


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return path


def write_crashing_interpreter(folder: Path) -> Path:
    """A program that dies as the native library does."""
    program = folder / "crashes"
    program.write_text("#!/bin/sh\nkill -SEGV $$\n")
    program.chmod(0o755)
    return program


def replace_probe(monkeypatch: pytest.MonkeyPatch, survives: dict[bool, bool]) -> list[bool]:
    """Replaces the probe's process; returns the layouts that were tried, true for the fast one."""
    tried: list[bool] = []

    def run(_model: str, *, extra_buffers: bool) -> bool:
        tried.append(extra_buffers)
        return survives[extra_buffers]

    monkeypatch.setattr(repack_crash_check, "_survives_decode", run)
    return tried


def test_an_outcome_is_remembered_for_build_and_model(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = replace_probe(monkeypatch, {True: True})
    assert repack_crash_check.RepackCheck("build-1").check_extra_buffers(str(model))
    assert repack_crash_check.RepackCheck("build-1").check_extra_buffers(str(model))
    assert tried == [True]
    assert repack_crash_check.RepackCheck("build-2").check_extra_buffers(str(model))
    assert tried == [True, True]


def test_a_crash_falls_back_to_the_slow_layout(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = replace_probe(monkeypatch, {True: False, False: True})
    assert not repack_crash_check.RepackCheck("build").check_extra_buffers(str(model))
    assert tried == [True, False]
    assert repack_crash_check.RepackCheck("build").list_outcomes() == [False]


def test_a_library_that_always_crashes_is_named(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_probe(monkeypatch, {True: False, False: False})
    with pytest.raises(UnavailableError, match="crashes on this processor"):
        repack_crash_check.RepackCheck("build").check_extra_buffers(str(model))


@pytest.mark.slow
def test_a_file_that_is_no_model_is_no_crash(model: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot load"):
        repack_crash_check.RepackCheck("build").check_extra_buffers(str(model))
    assert repack_crash_check.RepackCheck("build").list_outcomes() == []


def test_a_process_killed_by_a_signal_is_a_crash(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(write_crashing_interpreter(model.parent)))
    with pytest.raises(UnavailableError, match="crashes on this processor"):
        repack_crash_check.RepackCheck("build").check_extra_buffers(str(model))


def test_a_damaged_record_is_probed_anew(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = replace_probe(monkeypatch, {True: True})
    repack_crash_check.RepackCheck("build").check_extra_buffers(str(model))
    (state_dir() / "native.json").write_text("{")
    assert repack_crash_check.RepackCheck("build").check_extra_buffers(str(model))
    assert tried == [True, True]
