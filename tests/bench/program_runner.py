"""Runs a file in its own language, to see whether it does what it should.

It runs code that a model has written, in a temporary folder, with a time limit and no more protection than that.
"""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

TIMEOUT_SECONDS = 60
"""How long a program may take; compiling included."""


class ToolchainMissing(Exception):
    """There is nothing here to run it with; says what is missing."""


async def program_passes(file: Path) -> bool:
    """Whether the program ends with 0. Raises `ToolchainMissing`."""
    return await _all_succeed(_program_commands(file), file.parent)


async def suite_passes(file: Path, root: Path) -> bool:
    """Whether the tests in a file of the project at `root` pass. Raises `ToolchainMissing`."""
    return await _all_succeed(_test_commands(file, root), root)


async def parses_natively(file: Path) -> bool:
    """Whether the language's own parser takes it.

    Raises `ToolchainMissing` where that cannot be asked, or only along with a compiler.
    """
    match file.suffix:
        case ".py":
            return await _all_succeed(
                [[sys.executable, "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", str(file)]], file.parent
            )
        case ".js":
            return await _all_succeed([[_find_program("node"), "--check", str(file)]], file.parent)
        case ".lua":
            loads = f"lua if not loadfile({str(file)!r}) then vim.cmd.cquit() end"
            return await _all_succeed([[_find_program("nvim"), "--clean", "-es", "-c", loads, "-c", "q"]], file.parent)
    raise ToolchainMissing(f"a parser of its own for {file.suffix}")


def _program_commands(file: Path) -> list[list[str]]:
    binary = str(file.with_suffix(""))
    match file.suffix:
        case ".py":
            return [[sys.executable, str(file)]]
        case ".js":
            return [[_find_program("node"), str(file)]]
        case ".c":
            return [[_find_program("cc", "gcc", "clang"), "-w", "-o", binary, str(file)], [binary]]
        case ".lua":
            return [[_find_program("nvim"), "-l", str(file)]]
        case ".rs":
            return [[_find_program("rustc"), "-Awarnings", "-o", binary, str(file)], [binary]]
    raise ToolchainMissing(f"something to run {file.suffix} with")


def _test_commands(file: Path, root: Path) -> list[list[str]]:
    match file.suffix:
        case ".py":
            if importlib.util.find_spec("pytest") is None:
                raise ToolchainMissing("pytest")
            paths = ["-c", "/dev/null", f"--rootdir={root}", f"--override-ini=pythonpath={root}"]
            return [[sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths, str(file)]]
        case ".js":
            return [[_find_program("node"), "--test", str(file)]]
        case ".rs":
            binary = str(file.with_suffix(""))
            return [[_find_program("rustc"), "-Awarnings", "--test", "-o", binary, str(file)], [binary]]
    raise ToolchainMissing(f"something to run the tests of {file.suffix} with")


def _find_program(*names: str) -> str:
    """The first there is; one that was installed beside this interpreter comes before others of its name."""
    for name in names:
        beside = Path(sys.executable).with_name(name)
        program = str(beside) if beside.exists() else shutil.which(name)
        if program and _is_runnable(program):
            return program
    raise ToolchainMissing(names[0])


@cache
def _is_runnable(program: str) -> bool:
    """Whether it is more than a name: rustup leaves one behind for a compiler that it has not installed."""
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


async def _all_succeed(commands: list[list[str]], folder: Path) -> bool:
    for command in commands:
        if not await _succeeds(command, folder):
            return False
    return True


async def _succeeds(command: list[str], folder: Path) -> bool:
    quiet = asyncio.subprocess.DEVNULL
    bare = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # what else is installed here is none of the project's
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=bare, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        return await asyncio.wait_for(process.wait(), TIMEOUT_SECONDS) == 0
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
