"""Runs a file in its own language, to see whether it does what it should. Knows no task and no model.

It runs code that a model has written, in a temporary folder, with a time limit and no more protection than that.
"""

import asyncio
import importlib.util
import shutil
import sys
from pathlib import Path

SECONDS = 60
"""How long a program may take; compiling included."""


async def tried(file: Path, *, tests: bool = False) -> bool | None:
    """Whether it exits with 0; None where there is nothing here to run it with. With `tests`, its tests are run."""
    commands = _test_commands(file) if tests else _commands(file)
    if not commands:
        return None
    for command in commands:
        if not await _succeeds(command, file.parent):
            return False
    return True


def _test_commands(file: Path) -> list[list[str]]:
    if file.suffix != ".py" or importlib.util.find_spec("pytest") is None:
        return []
    root = next((folder for folder in file.parents if folder.name.startswith("interfix-bench-")), file.parent)
    paths = [f"--rootdir={root}", f"--override-ini=pythonpath={root}"]
    return [[sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", *paths, str(file)]]


def _commands(file: Path) -> list[list[str]]:
    match file.suffix:
        case ".py":
            return [[sys.executable, str(file)]]
        case ".js":
            return [[node, str(file)]] if (node := _program("node")) else []
        case ".c":
            compiler = _program("cc") or _program("gcc") or _program("clang")
            return [[compiler, "-w", "-o", str(file.with_suffix("")), str(file)], [str(file.with_suffix(""))]] if compiler else []
        case ".lua":
            return [[nvim, "-l", str(file)]] if (nvim := _program("nvim")) else []
        case ".zig":
            if zig := _program("zig"):
                return [[zig, "test", str(file)]]
            return [[sys.executable, "-m", "ziglang", "test", str(file)]] if importlib.util.find_spec("ziglang") else []
    return []


def _program(name: str) -> str:
    """Where it is; one that was installed beside this interpreter comes first."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name) or ""


async def _succeeds(command: list[str], folder: Path) -> bool:
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        return await asyncio.wait_for(process.wait(), SECONDS) == 0
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
