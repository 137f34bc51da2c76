"""What lies in a workspace is read, and never run: not even where it is named like a module that our own programs import."""

import subprocess
from pathlib import Path

from tests.isolated_home import INTERFIX_COMMAND


def test_a_file_named_like_a_module_is_not_imported(isolated_environment: dict[str, str], tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for module in ("numbers", "asyncio", "interfix"):
        (tmp_path / f"{module}.py").write_text(f"open({str(ran)!r}, 'w')\nraise ImportError\n")
    (tmp_path / "a.py").write_text("def mean(values):\n    return sum(values) / \n")
    done = subprocess.run(
        [INTERFIX_COMMAND, "complete", "a.py:2:26"],
        cwd=tmp_path,
        env=isolated_environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not ran.exists()
    assert done.returncode in (0, 1), done.stderr
