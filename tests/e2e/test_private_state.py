"""A session under a umask that lets everybody read leaves nothing that another user of the machine can read."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.server_process import start_server
from tests.isolated_home import INTERFIX_COMMAND, make_home
from tests.secret_samples import generate_samples

PLANTED = [case for case in generate_samples() if "\n" not in case.secret]
HOLE = "def read_lines(path):\n    with open(path) as file:\n        return \n"


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    subprocess.run([INTERFIX_COMMAND, *command], cwd=folder, env=environment, capture_output=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files are POSIX's")
async def test_what_a_session_leaves_is_its_users_alone(model_settings: dict[str, str], tmp_path: Path) -> None:
    home, environment = make_home(model_settings)
    code = tmp_path / "code.py"
    (tmp_path / "settings.py").write_text("".join(f"{case.text}\n\n" for case in PLANTED))
    code.write_text(HOLE)
    before = os.umask(0)
    try:
        server = await start_server(environment)
        await server.initialize(root=tmp_path)
        await server.request_suggestion(server.open(HOLE, code.as_uri()), 2, 15)
        for command in (["index"], ["complete", "code.py:3:16"], ["explain", "code.py:1-3"], ["stats"], ["doctor"]):
            run(command, tmp_path, environment)
        left = {path: path.lstat() for path in home.rglob("*")}
        await server.stop()
        run(["stop"], tmp_path, environment)
        left |= {path: path.lstat() for path in home.rglob("*")}
        texts = {path: path.read_bytes() for path, status in left.items() if stat.S_ISREG(status.st_mode) and path.exists()}
    finally:
        os.umask(before)
        shutil.rmtree(home)
    wrong = {
        path.relative_to(home).as_posix(): oct(status.st_mode)
        for path, status in left.items()
        if stat.S_IMODE(status.st_mode) != (0o700 if stat.S_ISDIR(status.st_mode) else 0o600)
    }
    assert wrong == {}
    names = [path.name for path in left]
    assert {"server.log", "engine.log"} <= {*names}
    assert any(name.startswith("engine-") and name.endswith(".sock") for name in names)
    assert any(name.endswith((".sqlite", ".sqlite-wal")) for name in names)
    assert [(case.shape, path.name) for case in PLANTED for path, text in texts.items() if case.secret.encode() in text] == []
