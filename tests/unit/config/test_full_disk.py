"""A disk without room, at any write: what Interfix finds out is forgotten, and nothing else fails.

About `config/state_file.py` and who uses it.
"""

import errno
import itertools
import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interfix.config import paths, state_file
from interfix.config.log_files import log_to_file
from interfix.config.settings import ContextSettings, StatisticsSettings
from interfix.config.state_file import StateFile, describe_unwritable
from interfix.context.exclusion import Exclusion
from interfix.context.index import WorkspaceIndex
from interfix.engine.crash_guard import CrashGuard
from interfix.models.probe_store import ProbeStore
from interfix.stats.recorder import StatisticsRecorder

FAILURES = {"no room": errno.ENOSPC, "read-only": errno.EROFS, "over quota": errno.EDQUOT, "an error of the disk": errno.EIO}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for kind in ("STATE_HOME", "CACHE_HOME", "RUNTIME_DIR", "DATA_HOME"):
        monkeypatch.setenv(f"XDG_{kind}", str(tmp_path / kind.lower()))
    monkeypatch.setattr(state_file, "_unwritten", {})
    monkeypatch.setattr(state_file, "_reasons", {})
    yield tmp_path
    logging.getLogger().handlers.clear()


def fill_disk(monkeypatch: pytest.MonkeyPatch, code: int, first: int) -> None:
    """From its `first` write on, this process can make no file and no folder, and write to none."""
    calls = itertools.count()

    def refuse(real: Any, is_write: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            if is_write(*arguments) and next(calls) >= first:
                raise OSError(code, os.strerror(code), str(arguments[0]) if arguments else "")
            return real(*arguments, **named)

        return call

    def always(*_: Any) -> bool:
        return True

    def writes(_path: Any, flags: int = 0, *_: Any) -> bool:
        return bool(flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR))

    monkeypatch.setattr(
        os, "open", refuse(os.open, lambda *given: len(given) > 1 and given[1] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR))
    )
    monkeypatch.setattr(os, "mkdir", refuse(os.mkdir, always))
    monkeypatch.setattr(tempfile, "mkstemp", refuse(tempfile.mkstemp, always))
    monkeypatch.setattr(Path, "mkdir", refuse(Path.mkdir, always))


def use_everything(folder: Path) -> None:
    """All that writes by itself while somebody completes code."""
    log_to_file("server", "info")
    logging.getLogger("interfix").warning("something to write down")
    guard = CrashGuard(lambda: 100.0)
    guard.record_crash("m", 1)
    assert guard.compute_restart_delay("m") == 1.0
    guard.record_success("m")
    assert guard.compute_restart_delay("m") == 0.0
    store: ProbeStore[bool] = ProbeStore("native", bool, "1")
    with store.find_or_lock("model") as (known, remember):
        assert known is None
        remember(True)
    assert ProbeStore("native", bool, "1").find("model") is True
    WorkspaceIndex(folder, Exclusion(folder, ContextSettings())).find_definitions(["name"])
    recorder = StatisticsRecorder(lambda _seconds, _function: None)
    recorder.configure(StatisticsSettings())
    recorder.wait_until_loaded()
    recorder.close()


@pytest.mark.parametrize("code", FAILURES.values(), ids=FAILURES)
def test_everything_works_whichever_write_is_the_first_to_fail(code: int, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for first in (*range(12), 20, 40):
        with pytest.MonkeyPatch.context() as patch:
            state_file._unwritten.clear()
            patch.setenv("XDG_STATE_HOME", str(home / f"state{first}"))
            patch.setenv("XDG_RUNTIME_DIR", str(home / f"run{first}"))
            fill_disk(patch, code, first)
            use_everything(home)
    assert "Traceback" not in capfd.readouterr().err


def test_the_user_is_told_once_and_until_there_is_room(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file: StateFile[dict[str, int]] = StateFile(home / "x" / "state.json", dict[str, int], dict)
    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.WARNING):
        fill_disk(patch, errno.ENOSPC, 0)
        file.update(lambda known: {**known, "a": 1})
        file.update(lambda known: {**known, "b": 2})
        assert str(home / "x") in describe_unwritable()
        assert os.strerror(errno.ENOSPC) in describe_unwritable()
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            file.update(lambda known: known, is_wanted_later=True)
    assert len(caplog.messages) == 1
    assert file.read() == {"a": 1, "b": 2}
    file.update(lambda known: {**known, "c": 3})
    assert describe_unwritable() == ""
    assert StateFile(file.file, dict[str, int], dict).read() == {"a": 1, "b": 2, "c": 3}
    monkeypatch.setattr(paths, "measure_free_bytes", lambda _: 0)
    assert "no room is left" in describe_unwritable()
