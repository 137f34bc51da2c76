"""Runs new tests before they are offered, with the command that the user has set for it. Knows no framework."""

import asyncio
import shlex
from pathlib import Path

import msgspec

from interfix.commands.edit import CheckedEdit

TIMEOUT_SECONDS = 120
"""How long the tests may take."""
_MAX_OUTPUT_CHARACTERS = 300
"""Characters of the output that are told."""


async def run_tests(edit: CheckedEdit, path: Path, root: Path | None, command: str) -> CheckedEdit:
    """The edit with what came of its tests; they run in a file beside the one they are for, which is gone afterwards.

    Failing tests are told of, not refused: they may have found a defect.
    """
    if not command or not edit.hunks:
        return edit
    trial = path.with_name(_trial_name(path.name))
    made = [folder for folder in path.parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        trial.write_bytes(edit.result)
        arguments = [part.replace("{file}", str(trial)) for part in shlex.split(command)]
        code, output = await _run(arguments, root or path.parent)
    except OSError as error:
        return _add_note(edit, f"The tests were not run ({error.strerror}): commands.test_command is {command!r}")
    finally:
        trial.unlink(missing_ok=True)
        for folder in made:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
    if code == 0:
        return msgspec.structs.replace(edit, checks=(*edit.checks, "tests pass"))
    if code is None:
        return _add_note(edit, f"The tests did not end within {TIMEOUT_SECONDS} s")
    return _add_note(edit, f"Not all tests pass: {' '.join(output.split())[-_MAX_OUTPUT_CHARACTERS:]}")


async def _run(arguments: list[str], folder: Path) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *arguments,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), TIMEOUT_SECONDS)
    except TimeoutError:
        return None, ""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, output.decode("utf-8", "replace")


def _trial_name(name: str) -> str:
    """Another name for a test file: of `test_a.py` it is `test_interfix_a.py`, of `a_test.go` `interfix_a_test.go`."""
    return f"test_interfix_{name.removeprefix('test_')}" if name.startswith("test_") else f"interfix_{name}"


def _add_note(edit: CheckedEdit, note: str) -> CheckedEdit:
    return msgspec.structs.replace(edit, notes=(*edit.notes, note))
