"""The package indexes of a machine, as pip and uv are configured on it."""

import os
import sys
from pathlib import Path

import pypi_simple
import pytest

from interfix.models.pull.index_config import read_index_config

PUBLIC = pypi_simple.PYPI_SIMPLE_ENDPOINT


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and nothing configured outside of it."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr("sys.prefix", str(tmp_path / "prefix"))
    return tmp_path


def environ(home: Path, **more: str) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(home / "config"), "XDG_CONFIG_DIRS": str(home / "xdg"), **more}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_environment_wins_and_extra_indexes_follow(home: Path) -> None:
    write(home / "config/pip/pip.conf", "[global]\nindex-url = https://pip.example/simple\n")
    found = read_index_config(
        environ(home, UV_INDEX_URL="https://uv.example/simple", PIP_EXTRA_INDEX_URL="file:///wheels https://more.example/simple/")
    )
    assert found.urls == ("https://uv.example/simple/", "https://more.example/simple/")


def test_named_index_of_uv(home: Path) -> None:
    found = read_index_config(environ(home, UV_DEFAULT_INDEX="corp=https://corp.example/simple?x=1"))
    assert found.urls == ("https://corp.example/simple?x=1/",)


def test_configuration_of_uv(home: Path) -> None:
    write(
        home / "config/uv/uv.toml",
        '[[index]]\nurl = "https://more.example/simple"\n[[index]]\nurl = "https://uv.example/simple"\ndefault = true\n',
    )
    assert read_index_config(environ(home)).urls == ("https://uv.example/simple/", "https://more.example/simple/")
    assert "https://uv.example/simple/" not in read_index_config(environ(home, UV_NO_CONFIG="1")).urls


def test_configuration_of_pip_the_particular_over_the_general(home: Path) -> None:
    authorities = home / "corp.pem"
    authorities.write_text("")
    write(home / "xdg/pip/pip.conf", f"[global]\nindex_url = https://all.example/simple\ncert = {authorities}\n")
    write(home / "config/pip/pip.conf", "[install]\nindex-url = https://mine.example/simple\n")
    found = read_index_config(environ(home))
    assert found.urls[0] == "https://mine.example/simple/"
    assert found.certificates == str(authorities)


def test_unreadable_configuration_is_as_good_as_none(home: Path) -> None:
    write(home / "config/pip/pip.conf", "index-url outside of any section")
    write(home / "config/uv/uv.toml", "[[")
    assert read_index_config(environ(home, PIP_INDEX_URL="https://pip.example/simple")).urls[0] == "https://pip.example/simple/"


def test_nothing_configured_means_the_public_index(home: Path) -> None:
    assert read_index_config(environ(home, PIP_CONFIG_FILE="/dev/null", UV_NO_CONFIG="1")).urls == (PUBLIC,)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX's FIFOs and devices")
def test_a_configuration_file_that_is_none_keeps_nobody_waiting(tmp_path: Path) -> None:
    uv, pip = tmp_path / "uv" / "uv.toml", tmp_path / "pip" / "pip.conf"
    for trap in (os.mkfifo, lambda file: file.symlink_to("/dev/zero"), lambda file: file.symlink_to(file.name)):
        for file in (uv, pip):
            file.parent.mkdir(exist_ok=True)
            file.unlink(missing_ok=True)
            trap(file)
        found = read_index_config({"XDG_CONFIG_HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path)})
        assert found.urls
    for file, text in ((uv, "x = " + "[" * 20_000), (pip, "[global]\n" + "x" * 2_000_000)):
        file.unlink(missing_ok=True)
        file.write_text(text)
    assert read_index_config({"XDG_CONFIG_HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path)}).urls
