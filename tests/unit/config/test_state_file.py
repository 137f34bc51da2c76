"""State files: whatever is in them, reading them gives a value, and what is written afterwards is kept."""

import logging
import os
import threading
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interfix.completion.confidence import ModelCalibration
from interfix.config import state_file
from interfix.config.state_file import MAX_STATE_BYTES, StateFile
from interfix.engine.crash_guard import CrashGuard
from interfix.engine.tuning.tuning_store import Tuning


class Record(msgspec.Struct, frozen=True):
    name: str
    sizes: tuple[int, ...] = ()
    inner: "Record | None" = None


SHAPES = (dict[str, Record], list[Record], dict[str, ModelCalibration], list[Tuning], Record | None)
DEEP = b'{"a": {"name": "x", "unknown": ' + b"[" * 5000 + b"]" * 5000 + b"}}"
WHOLE = msgspec.json.encode({"a": Record("x", (1, 2), Record("y")), "b": Record("\ud7ff")})


def open_file(folder: Path, shape: object = dict[str, Record]) -> StateFile[dict[str, Record]]:
    return StateFile(folder / "state.json", shape, dict)


@given(data=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
@example(data=DEEP)
@example(data=b'{"a": {"name": "\xff"}}')
@example(data=b'{"a": {"name": "\\ud800"}}')
@example(data=b'{"a": {"name": "x", "sizes": [' + b"9" * 5000 + b"]}}")
@example(data=b"\xef\xbb\xbf{}")
def test_any_bytes_are_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    (folder / "state.json").write_bytes(data)
    for shape in SHAPES:
        open_file(folder, shape).read()


@given(cut=st.integers(0, len(WHOLE) - 1), at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_a_file_cut_short_or_damaged_is_read(tmp_path_factory: pytest.TempPathFactory, cut: int, at: int, byte: int) -> None:
    folder = tmp_path_factory.getbasetemp() / "damaged"
    folder.mkdir(exist_ok=True)
    file = open_file(folder)
    file.file.write_bytes(WHOLE[:cut])
    assert file.read() == {}
    file.file.write_bytes(WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])
    file.read()
    file.update(lambda _: {"c": Record("new")})
    assert file.read() == {"c": Record("new")}


def test_what_is_no_file_of_ours_counts_as_empty(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    assert file.read() == {}
    file.file.mkdir()
    assert file.read() == {}
    file.file.rmdir()
    os.truncate(os.open(file.file, os.O_CREAT | os.O_WRONLY), MAX_STATE_BYTES + 1)
    assert file.read() == {}
    file.file.unlink()
    file.file.write_bytes(WHOLE)
    file.file.chmod(0)
    if not os.access(file.file, os.R_OK):
        assert file.read() == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX's FIFOs")
def test_a_fifo_keeps_nobody_waiting(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    os.mkfifo(file.file)
    assert file.read() == {}


def test_a_damaged_file_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_file, "_reported", set())
    file = open_file(tmp_path)
    with caplog.at_level(logging.WARNING):
        file.read()
        assert caplog.messages == []
        file.file.write_bytes(b"{")
        file.read()
        file.read()
    assert len(caplog.messages) == 1
    assert "state.json" in caplog.messages[0]


def test_no_update_of_several_at_once_is_lost(tmp_path: Path) -> None:
    def add(name: str) -> None:
        for i in range(5):
            open_file(tmp_path).update(lambda known, key=f"{name}{i}": {**known, key: Record(name)})  # type: ignore[misc]

    threads = [threading.Thread(target=add, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(open_file(tmp_path).read()) == 15


@given(data=st.binary(max_size=100))
@example(data=DEEP)
def test_a_feature_over_a_damaged_file_works_on(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = Path(state_folder(tmp_path_factory), "crashes.json")
    file.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("interfix.engine.crash_guard.runtime_dir", lambda: file.parent)
        guard = CrashGuard(lambda: 100.0)
        guard.compute_restart_delay("m")
        guard.record_crash("m", 1)
        assert guard.compute_restart_delay("m") == 1.0


def state_folder(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "guard"
    folder.mkdir(exist_ok=True)
    return folder
