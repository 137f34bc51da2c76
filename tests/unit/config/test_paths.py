"""Where things are kept in a home that cannot be written, and who may look at it."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from interfix.config import paths

KINDS = ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR")


@pytest.fixture
def unwritable_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in KINDS:
        monkeypatch.setenv(f"XDG_{kind}", f"/proc/none/{kind.lower()}")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("locate", [paths.state_dir, paths.cache_dir, paths.log_dir, paths.runtime_dir])
def test_what_has_no_place_at_home_is_kept_below_the_temporary_folder(unwritable_home: Path, locate: "object") -> None:
    assert callable(locate)
    folder = locate()
    assert folder.is_relative_to(unwritable_home)
    assert folder.is_dir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_each_has_a_folder_of_its_own(unwritable_home: Path) -> None:
    assert unwritable_home.is_dir()
    assert len({paths.state_dir(), paths.cache_dir(), paths.log_dir(), paths.runtime_dir()}) == 4


def test_models_are_looked_for_where_they_would_be(unwritable_home: Path) -> None:
    assert unwritable_home.is_dir()
    folder = paths.models_dir()
    assert folder == Path("/proc/none/data_home/interfix/models")
    assert list(folder.glob("*.gguf")) == []
    assert paths.measure_free_bytes(folder) == 0


def test_room_is_told_where_there_is_some(tmp_path: Path) -> None:
    assert paths.measure_free_bytes(tmp_path) > 0


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may give a folder away")
def test_a_folder_that_another_user_made_is_not_taken(unwritable_home: Path) -> None:
    folder = unwritable_home / f"interfix-{os.getuid()}"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    with pytest.raises(PermissionError, match="belongs to another user"):
        paths.runtime_dir()
