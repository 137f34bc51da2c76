"""A user's files: whole or not at all, never through a link, never outside the workspace, and nothing else touched."""

import contextlib
import itertools
import os
import random
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from interfix.errors import UsageError
from interfix.system import file_writer
from interfix.system.file_writer import ReadOnlyFile, create_file, create_trial_file, replace_file, write_file
from tests.effort import scale_examples

KILLS = scale_examples(int(os.environ.get("INTERFIX_TEST_KILLS", "40")))
"""How often a writer is killed at a random moment: 1,000 before a release."""

Write = Callable[[Path, bytes, Path], object]
posix = pytest.mark.skipif(os.name == "nt", reason="links and modes of POSIX")


@pytest.fixture(params=[True, False], ids=["without a name", "random name"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace beside a file that is none of its own; with both ways of making a new file."""
    if not request.param:
        monkeypatch.setattr(file_writer, "_TRY_UNNAMED_FILES", False)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.py").write_text("mine\n")
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "a.py").write_text("old\n")
    return tmp_path / "workspace"


def read_tree(folder: Path) -> dict[str, bytes | str]:
    """All files and links below a folder, with what is in them."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def test_a_file_gets_a_new_text_and_nothing_else_is_left(root: Path) -> None:
    assert replace_file(root / "a.py", b"new\n", root, expected=b"old\n") == ()
    assert read_tree(root) == {"a.py": b"new\n"}


def test_a_file_is_made_with_its_folders(root: Path) -> None:
    create_file(root / "x" / "y" / "b.py", b"new\n", root)
    assert read_tree(root) == {"a.py": b"old\n", "x/y/b.py": b"new\n"}
    if os.name != "nt":
        mask = os.umask(0)
        os.umask(mask)
        assert stat.S_IMODE((root / "x/y/b.py").stat().st_mode) == 0o666 & ~mask


TRAPS: dict[str, Callable[[Path, Path], object]] = {
    "file linked out": lambda path, outside: path.symlink_to(outside / "a.py"),
    "file linked to nothing outside": lambda path, outside: path.symlink_to(outside / "new.py"),
    "file linked inside": lambda path, _: path.symlink_to("a.py"),
    "file linked to itself": lambda path, _: path.symlink_to(path),
    "device": lambda path, _: path.symlink_to("/dev/zero"),
    "folder": lambda path, _: path.mkdir(),
    "FIFO": lambda path, _: os.mkfifo(path),
}
"""What may stand under a name instead of the file that was meant: made at a path, with the folder outside."""


def write_trial(path: Path, data: bytes, root: Path) -> None:
    """A trial that is over at once."""
    with create_trial_file(path, data, root):
        pass


@posix
@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("write", [replace_file, create_file, write_file, write_trial])
def test_whatever_else_has_the_name_is_neither_followed_nor_changed(root: Path, trap: str, write: Write) -> None:
    path = root / "t.py"
    TRAPS[trap](path, root.parent / "outside")
    before = read_tree(root.parent), os.lstat(path).st_ino
    with pytest.raises(UsageError, match="nothing was changed"):
        write(path, b"evil\n", root)
    assert (read_tree(root.parent), os.lstat(path).st_ino) == before


@posix
@pytest.mark.parametrize(
    "path", ["link/a.py", "link/new.py", "link/deep/new.py", "../outside/a.py", "up/outside/a.py", "loop/a.py"]
)
@pytest.mark.parametrize("write", [replace_file, create_file, write_file, write_trial])
def test_nothing_outside_is_written_by_its_real_path(root: Path, path: str, write: Write) -> None:
    (root / "link").symlink_to(root.parent / "outside")
    (root / "up").symlink_to("..")
    (root / "loop").symlink_to("loop")
    before = read_tree(root.parent)
    with pytest.raises(UsageError):
        write(root / path, b"evil\n", root)
    assert read_tree(root.parent) == before


@posix
def test_folders_linked_within_the_workspace_are_the_workspace(root: Path) -> None:
    (root / "real").mkdir()
    (root / "link").symlink_to("real")
    create_file(root / "link" / "b.py", b"new\n", root)
    assert (root / "real" / "b.py").read_text() == "new\n"


@posix
def test_a_folder_swapped_for_a_link_at_any_moment_leads_nowhere(root: Path) -> None:
    """Somebody swaps a folder for a link and back, as fast as the machine can, while files in it are written."""
    folder, outside = root / "d", root.parent / "outside"
    (outside / "b.py").write_text("mine\n")
    before = read_tree(outside)
    over = threading.Event()

    def swap() -> None:
        for number in itertools.count():
            with contextlib.suppress(OSError):
                folder.mkdir()
            with contextlib.suppress(OSError):
                (folder / "a.py").write_text("old\n")
            with contextlib.suppress(OSError):
                folder.rename(root / f"aside{number}")
            with contextlib.suppress(OSError):
                folder.symlink_to(outside)
            with contextlib.suppress(OSError):
                folder.unlink()
            if over.is_set():
                return

    thread = threading.Thread(target=swap)
    thread.start()
    written = refused = 0
    try:
        for number in itertools.cycle(range(3)):
            try:
                write = (replace_file, create_file, write_trial)[number]
                write(folder / ("a.py" if number == 0 else "b.py"), b"evil\n", root)
                written += 1
            except UsageError:
                refused += 1
            if min(written, refused) > 200 or written + refused > 20_000:
                break
    finally:
        over.set()
        thread.join()
    assert read_tree(outside) == before
    assert refused


@posix
def test_mode_owner_and_attributes_are_kept(root: Path) -> None:
    file = root / "a.py"
    file.chmod(0o751)
    try:
        os.setxattr(file, "user.mark", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    before = file.stat()
    assert replace_file(file, b"new\n", root) == ()
    after = file.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert os.getxattr(file, "user.mark") == b"kept"


@posix
def test_an_owner_that_cannot_be_kept_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = root / "a.py"
    file.chmod(0o4755)

    def forbidden(*_: object) -> None:
        raise PermissionError

    real = os.fstat

    def another_owner(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        return os.stat_result((*status[:4], status.st_uid + 1, *status[5:10]))

    monkeypatch.setattr(os, "fchown", forbidden)
    monkeypatch.setattr(os, "fstat", another_owner)
    (note,) = replace_file(file, b"new\n", root)
    assert "owner" in note
    assert stat.S_IMODE(file.stat().st_mode) == 0o755


@posix
def test_hard_links_are_parted_and_told(root: Path) -> None:
    """The other name may be anywhere: a package manager's store, another workspace."""
    os.link(root / "a.py", root.parent / "outside" / "other.py")
    (note,) = replace_file(root / "a.py", b"new\n", root)
    assert "2 names" in note
    assert (root.parent / "outside" / "other.py").read_text() == "old\n"


@posix
def test_a_read_only_file_is_asked_about(root: Path) -> None:
    file = root / "a.py"
    file.chmod(0o444)
    with pytest.raises(ReadOnlyFile, match="read-only"):
        replace_file(file, b"new\n", root)
    assert file.read_text() == "old\n"
    replace_file(file, b"new\n", root, read_only=True)
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new\n", 0o444)


def test_a_text_that_is_another_by_now_stays(root: Path) -> None:
    with pytest.raises(UsageError, match="changed meanwhile"):
        replace_file(root / "a.py", b"new\n", root, expected=b"older\n")
    with pytest.raises(UsageError, match="come to be meanwhile"):
        create_file(root / "a.py", b"new\n", root)
    assert read_tree(root) == {"a.py": b"old\n"}


def test_a_full_disk_leaves_the_old_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        replace_file(root / "a.py", b"new\n", root)
    assert read_tree(root) == {"a.py": b"old\n"}


def test_a_trial_is_gone_with_its_folders_and_another_of_its_name_is_not(root: Path) -> None:
    path = root / "x" / "y" / "test_a.py"
    with create_trial_file(path, b"new\n", root):
        assert path.read_text() == "new\n"
    assert read_tree(root) == {"a.py": b"old\n"}
    assert not (root / "x").exists()
    with create_trial_file(path, b"new\n", root):
        path.unlink()
        path.write_text("somebody's own\n")
    assert path.read_text() == "somebody's own\n"


WRITER = """
    import sys
    from pathlib import Path
    from interfix.system import file_writer
    file_writer._TRIES_WITHOUT_NAME = {without_name}
    root = Path(sys.argv[1])
    texts = [bytes([65 + i]) * 300_000 for i in range(4)]
    number = 0
    while True:
        file_writer.replace_file(root / "a.py", texts[number % 4], root)
        if number == 0:
            print("begun", flush=True)
        number += 1
"""


@posix
def test_a_writer_that_is_killed_leaves_one_text_or_the_other(root: Path) -> None:
    whole = {bytes([65 + i]) * 300_000 for i in range(4)}
    (root / "a.py").write_bytes(b"A" * 300_000)
    script = textwrap.dedent(WRITER).format(without_name=file_writer._TRY_UNNAMED_FILES)
    torn = 0
    for number in range(KILLS):
        writer = subprocess.Popen([sys.executable, "-c", script, str(root)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(random.Random(number).uniform(0, 0.01))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        torn += (root / "a.py").read_bytes() not in whole
    assert torn == 0
