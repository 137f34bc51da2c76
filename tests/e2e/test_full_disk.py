"""A disk on which no byte can be written at first use: completions come all the same."""

import asyncio
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_lsp import make_test_lsp_client

from tests.e2e.server_process import ServerProcess
from tests.isolated_home import INTERFIX_COMMAND

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the limit of a file's size is POSIX's")


async def test_completions_come_where_nothing_can_be_written(isolated_environment: dict[str, str], tmp_path: Path) -> None:
    isolated_environment["INTERFIX_ENGINE_LINGER_SECONDS"] = "60"  # the host outlives the first server
    client = make_test_lsp_client()
    # No file may grow beyond 0 bytes: as on a full disk, every write fails, those of the engine host, too.
    await client.start_io("sh", "-c", f"ulimit -f 0; exec {shlex.quote(INTERFIX_COMMAND)} serve --stdio", env=isolated_environment)
    server = ServerProcess(client)
    try:
        await server.initialize(root=tmp_path)
        uri = server.open("def add(a, b):\n    return \n", (tmp_path / "code.py").as_uri())
        item = await server.request_suggestion(uri, 1, 11)
        assert item is not None
        assert "a + b" in item.insert_text
        status = await server.run_command("status")
        assert any("Nothing can be written" in note for note in status["engine"]["notes"])
        assert await server.request_suggestion(uri, 1, 11) is not None
        assert await server.shut_down() == 0
    finally:
        await server.stop()
        await asyncio.to_thread(subprocess.run, [INTERFIX_COMMAND, "stop"], env=isolated_environment, check=True)
    assert list_written(Path(isolated_environment["XDG_STATE_HOME"])) == []


def list_written(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
