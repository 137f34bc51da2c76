"""What Interfix keeps can be removed by a command, and only that."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfix.cli import app


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="ifx-"))  # short: the path of a socket has to fit
    for kind in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR"):
        folder = home / kind.lower()
        folder.mkdir(mode=0o700)
        (folder / "interfix").mkdir(parents=True)
        (folder / "other").mkdir()
        (folder / "interfix" / "kept.bin").write_bytes(b"x" * 1000)
        monkeypatch.setenv(f"XDG_{kind}", str(folder))
    for folder in ("models", "llama.cpp"):
        (home / "data_home" / "interfix" / folder).mkdir()
    yield home
    shutil.rmtree(home)


def list_folders(home: Path) -> set[str]:
    return {
        path.relative_to(home).as_posix()
        for path in home.rglob("*")
        if path.is_dir() and "interfix" in path.parts and path.name != "log"
    }


def test_models_and_settings_stay_unless_they_are_named(home: Path) -> None:
    assert CliRunner().invoke(app, ["uninstall", "--yes"]).exit_code == 0
    assert list_folders(home) == {"config_home/interfix", "data_home/interfix", "data_home/interfix/models"}
    assert (home / "state_home" / "other").exists()


def test_everything(home: Path) -> None:
    assert CliRunner().invoke(app, ["uninstall", "--yes", "--models", "--settings"]).exit_code == 0
    assert list_folders(home) == {"data_home/interfix"}


def test_nothing_is_deleted_without_a_yes(home: Path) -> None:
    before = list_folders(home)
    done = CliRunner().invoke(app, ["uninstall"], input="n\n")
    assert done.exit_code == 1
    assert str(home / "state_home" / "interfix") in done.output
    assert list_folders(home) == before
