"""`interfix index` on a real folder, as a program."""

import json
import os
import subprocess
from pathlib import Path

from tests.isolated_home import INTERFIX_COMMAND


def test_it_tells_what_the_index_holds_and_costs(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    for name in ("one.py", "two.go", ".env", "notes.unknown"):
        (root / name).write_text("x = 1\n")
    homes = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    run = subprocess.run([INTERFIX_COMMAND, "index", "--json", root], env={**os.environ, **homes}, check=True, capture_output=True)
    told = json.loads(run.stdout)
    assert told["files"] == 2
    assert told["cpu_seconds"] > 0
    assert told["worker_bytes"] > 0
    assert told["disk_bytes"] > 0


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    run = subprocess.run([INTERFIX_COMMAND, "index", tmp_path / "none"], capture_output=True)
    assert run.returncode == 2
    assert b"is no folder" in run.stderr
