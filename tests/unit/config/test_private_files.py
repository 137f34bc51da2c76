"""What Interfix keeps is its user's alone, whatever the umask, and nothing is kept in another way."""

import ast
import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from interfix.config import private_files
from interfix.config.private_files import (
    create_lock,
    make_private_folder,
    open_to_append,
    prepare_database,
    write_private_file,
)
from tests.package_sources import get_called_name, list_calls

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of files are POSIX's")
OTHERS = {
    "system/file_writer.py": "writes the user's own files",
    "system/folder_handle.py": "makes folders in the user's project",
    "models/pull/__init__.py": "model files, which users may share",
    "models/pull/download.py": "model files",
    "models/pull/package_index.py": "model files",
    "models/pull/mirror.py": "model files",
    "engine/llamacpp/archive_download.py": "an archive in a private folder",
    "engine/llamacpp/compilation.py": "a library being built, in a private folder",
    "engine/llamacpp/package_install.py": "libraries in a private folder",
    "engine/tuning/trial_run.py": "model files",
    "config/paths.py": "the folder of model files that a user names",
    "config/private_files.py": "the one place",
    "context/index/updater.py": "notes in the database that a file is as it was",
    "cli/index.py": "a temporary folder, which tempfile closes to others",
}
"""What else writes files, and why it is no state."""
WRITERS = {"mkdir", "makedirs", "write_text", "write_bytes", "touch", "FileLock", "AsyncFileLock", "RotatingFileHandler"}
WRITERS |= {"FileHandler", "mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory"}


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def read_mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def list_modes(folder: Path) -> dict[str, int]:
    return {path.relative_to(folder).as_posix(): read_mode(path) for path in folder.rglob("*")}


@pytest.mark.usefixtures("umask")
def test_files_and_folders_are_the_users_alone(tmp_path: Path) -> None:
    home = make_private_folder(tmp_path / "a" / "b")
    write_private_file(home / "c" / "state.json", b"{}")
    with open_to_append(home / "d" / "log") as log:
        log.write(b"line\n")
    with create_lock(home / "e.lock"), closing(sqlite3.connect(prepare_database(home / "f.sqlite"))) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE t (x)")
        database.commit()
        modes = list_modes(tmp_path)
    assert {"a/b/f.sqlite", "a/b/f.sqlite-wal", "a/b/f.sqlite-shm", "a/b/e.lock", "a/b/d/log", "a/b/c/state.json"} <= modes.keys()
    assert {name: oct(mode) for name, mode in modes.items() if mode != (0o700 if (tmp_path / name).is_dir() else 0o600)} == {}


def test_what_was_open_to_others_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir(0o755)
    for name in ("x.sqlite", "x.sqlite-wal", "log", "lock", "state"):
        (folder / name).touch(0o644)
    make_private_folder(folder)
    prepare_database(folder / "x.sqlite")
    open_to_append(folder / "log").close()
    create_lock(folder / "lock")
    write_private_file(folder / "state", b"")
    assert read_mode(folder) == 0o700
    assert set(list_modes(folder).values()) == {0o600}


def test_a_folder_that_the_user_chose_stays_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(0o755)
    prepare_database(folder / "statistics.sqlite")
    assert read_mode(folder) == 0o755


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    aim = tmp_path / "aim"
    aim.write_bytes(b"mine")
    for name in ("log", "state"):
        (tmp_path / name).symlink_to(aim)
    with pytest.raises(OSError, match="symbolic links"):
        open_to_append(tmp_path / "log")
    write_private_file(tmp_path / "state", b"new")
    assert (aim.read_bytes(), (tmp_path / "state").read_bytes()) == (b"mine", b"new")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "state"
    write_private_file(file, b"old")
    monkeypatch.setattr(private_files, "open_handle", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_private_file(file, b"new")
    assert list_modes(tmp_path) == {"state": 0o600}
    assert file.read_bytes() == b"old"


def find_writing_call(node: ast.Call) -> str:
    """The name of a call that makes a file or folder; empty for others."""
    name = get_called_name(node.func)
    given = [each.value for each in (*node.args, *(word.value for word in node.keywords)) if isinstance(each, ast.Constant)]
    opens = name == "open" and any(isinstance(each, str) and set(each) & set("wax+") and len(each) < 4 for each in given)
    flags = name == "open" and any(isinstance(each, ast.Attribute) and each.attr == "O_CREAT" for each in ast.walk(node))
    database = name == "connect" and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "sqlite3"
    read_only = database and "uri=True" in ast.unparse(node)
    handed = database and "prepare_database" in ast.unparse(node)
    return name if name in WRITERS or opens or flags or (database and not read_only and not handed) else ""


def test_state_is_made_in_one_place() -> None:
    elsewhere = [
        f"{path}:{node.lineno} {called}"
        for path, _, node in list_calls()
        if path not in OTHERS and not path.startswith("bench/") and (called := find_writing_call(node))
    ]
    assert elsewhere == []


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs POSIX's links")
@pytest.mark.parametrize("append", [False, True])
def test_a_download_goes_through_no_link_and_into_no_device(tmp_path: Path, append: bool) -> None:
    target, name = tmp_path / "theirs", tmp_path / "model.gguf.partial"
    target.write_bytes(b"theirs")
    name.symlink_to(target)
    with pytest.raises(OSError, match=str(name)):
        private_files.open_download(name, append=append)
    assert target.read_bytes() == b"theirs"
    name.unlink()
    os.mkfifo(name)
    with pytest.raises(OSError, match=str(name)):
        private_files.open_download(name, append=append)
    name.unlink()
    for expected in (b"ab", b"abab" if append else b"ab"):
        with private_files.open_download(name, append=append) as file:
            file.write(b"ab")
        assert name.read_bytes() == expected
