"""What sources of context get of a folder in which anything may lie: `context/workspace_reader.py`."""

import os
from pathlib import Path, PurePosixPath

import pytest

from tests.unit.context.workspace_builder import build_workspace
from tests.unit.system.file_traps import TRAPS


@pytest.mark.skipif(os.name == "nt", reason="FIFOs, devices and links of POSIX")
@pytest.mark.parametrize("trap", TRAPS)
def test_trap_is_no_source_and_hides_none(trap: str, tmp_path: Path) -> None:
    workspace = build_workspace(tmp_path, {"kept.py": "def kept():\n    return 1\n"})
    for name in ("go.mod", "trap.py", ".gitignore"):
        TRAPS[trap](tmp_path / name)
    (tmp_path / os.fsdecode(b"caf\xe9.py")).write_text("x = 1\n")
    (tmp_path / os.fsdecode(b"d\xe9")).mkdir()
    assert len(workspace.read_manifest("go.mod")) <= 20_000
    workspace.read("trap.py")
    assert "kept.py" in workspace.list_files(PurePosixPath())
    for path in (*workspace.list_files(PurePosixPath()), *workspace.list_folders(PurePosixPath())):
        assert path.encode()
    kept = workspace.read("kept.py")
    assert kept is not None or "larger than" in workspace.refusals["kept.py"]


def test_a_folder_is_listed_as_it_is_now(tmp_path: Path) -> None:
    space = build_workspace(tmp_path, {"src/a.py": "", "src/sub/c.py": ""})
    os.utime(tmp_path / "src", (1, 1))
    for _ in range(2):
        assert space.list_files(PurePosixPath("src")) == ["src/a.py"]
        assert space.list_folders(PurePosixPath("src")) == ["src/sub"]
    (tmp_path / "src" / "b.py").write_text("")
    assert space.list_files(PurePosixPath("src")) == ["src/a.py", "src/b.py"]
    (tmp_path / "src" / "a.py").unlink()
    assert space.list_files(PurePosixPath("src")) == ["src/b.py"]
    assert space.list_files(PurePosixPath("gone")) == ()
