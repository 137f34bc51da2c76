"""Each workspace folder has a filter and an index of its own, as long as the session has the folder."""

import asyncio
from pathlib import Path

import psutil
import pytest

from interfix.config.settings import ContextSettings
from interfix.lsp.workspaces import Workspaces
from tests.unit.lsp.fake_editor import FakeEditor


@pytest.fixture(autouse=True)
def indexing(settings_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 (it comes first)
    monkeypatch.setenv("INTERFIX_CONTEXT_INDEX", "true")
    for kind in ("STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))


def make_folder(path: Path) -> dict[str, str]:
    path.mkdir(exist_ok=True)
    (path / "code.py").write_text("def code(): pass\n")
    return {"uri": path.as_uri(), "name": path.name}


def count_workers() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if _is_worker(each)]


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "interfix.context.index.worker" in process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False  # it has ended


async def test_an_editor_that_leaves_leaves_no_worker(editor: FakeEditor, tmp_path: Path) -> None:
    one, two = make_folder(tmp_path / "one"), make_folder(tmp_path / "two")
    await editor.initialize(workspaceFolders=[one])
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [two], "removed": []}})
    async with asyncio.timeout(30):
        while len(count_workers()) < 2:
            await editor.request("workspace/executeCommand", {"command": "interfix.status"})
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [one]}})
    async with asyncio.timeout(30):
        while len(count_workers()) > 1:
            await editor.request("workspace/executeCommand", {"command": "interfix.status"})
    await editor.close()
    assert count_workers() == []


@pytest.mark.slow
async def test_a_saved_file_is_found(tmp_path: Path) -> None:
    make_folder(tmp_path / "one")
    tasks: list[asyncio.Task[None]] = []
    workspaces = Workspaces(lambda work: tasks.append(asyncio.create_task(work)))
    workspaces.sync_folders([tmp_path / "one"], ContextSettings())
    workspace = workspaces.find(tmp_path / "one")
    assert workspace is not None
    assert workspace.index is not None
    async with asyncio.timeout(30):
        while not workspace.index.status.ready:
            await workspace.index.wait_for_status()
        (tmp_path / "one" / "code.py").write_text("def saved(): pass\n")
        workspaces.update_files([tmp_path / "one" / "code.py"])
        while not workspace.index.find_definitions(["saved"]):
            await workspace.index.wait_for_status()
    await workspaces.close()


@pytest.mark.parametrize("settings", [ContextSettings(index=False), ContextSettings(trusted=False)])
async def test_who_wants_no_index_or_trusts_nobody_gets_none(tmp_path: Path, settings: ContextSettings) -> None:
    make_folder(tmp_path / "one")
    workspaces = Workspaces(lambda work: work.close())
    workspaces.sync_folders([tmp_path / "one"], settings)
    workspace = workspaces.find(tmp_path / "one")
    assert workspace is not None
    assert workspace.index is None
    assert bool(workspace.exclusion.find_refusal(tmp_path / "one" / "code.py")) is not settings.trusted
