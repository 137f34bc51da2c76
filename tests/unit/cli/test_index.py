"""`interfix index` on a real folder, with the real worker."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfix.cli import app
from interfix.errors import UsageError


@pytest.mark.slow
def test_it_tells_what_the_index_holds_and_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "project"
    root.mkdir()
    for name in ("one.py", "two.go", ".env", "notes.unknown"):
        (root / name).write_text("x = 1\n")
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    told = json.loads(CliRunner().invoke(app, ["index", "--json", str(root)], catch_exceptions=False).stdout)
    assert told["files"] == 2
    assert told["cpu_seconds"] > 0
    assert told["worker_bytes"] > 0
    assert told["disk_bytes"] > 0


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["index", str(tmp_path / "none")]).exception
    assert isinstance(refused, UsageError)
    assert "is no folder" in str(refused)
