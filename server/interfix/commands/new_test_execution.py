"""Runs new tests before they are offered, with the command that the user has set for it."""

import secrets
import shlex
from pathlib import Path

import msgspec

from interfix.commands.edit_hunks import CheckedEdit
from interfix.errors import UsageError
from interfix.system.child_process import run_child_async
from interfix.system.file_writer import create_trial_file
from interfix.system.folder_handle import find_nearest_folder

TIMEOUT_SECONDS = 120
"""How long the tests may take, with all that they start."""
_MAX_OUTPUT_CHARACTERS = 300
"""Characters of the output that are told."""


async def run_tests(edit: CheckedEdit, path: Path, root: Path | None, command: str) -> CheckedEdit:
    """The edit with what came of its tests; they run in a file of a new name beside the one they are for, which is gone afterwards.

    Failing tests are told of, not refused: they may have found a defect.
    """
    if not command or not edit.hunks:
        return edit
    trial = path.with_name(_trial_name(path.name))
    root = root or find_nearest_folder(path)
    try:
        with create_trial_file(trial, edit.result, root):
            arguments = [part.replace("{file}", str(trial)) for part in shlex.split(command)]
            # Compiled code of a file whose name never comes again would pile up.
            ended = await run_child_async(
                arguments, TIMEOUT_SECONDS, folder=root, environ={"PYTHONDONTWRITEBYTECODE": "1"}, merge_stderr=True
            )
    except UsageError as error:
        return _add_note(edit, f"The tests were not run: {error}")
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return _add_note(edit, f"The tests were not run ({why}): commands.test_command is {command!r}")
    if ended.code == 0:
        return msgspec.structs.replace(edit, checks=(*edit.checks, "tests pass"))
    if ended.code is None:
        return _add_note(edit, f"The tests did not end within {TIMEOUT_SECONDS} s")
    output = ended.output.decode("utf-8", "replace")
    return _add_note(edit, f"Not all tests pass: {' '.join(output.split())[-_MAX_OUTPUT_CHARACTERS:]}")


def _trial_name(name: str) -> str:
    """A new name for a test file, as its framework wants it: `test_a.py` gives `test_interfix_1f2e…_a.py`."""
    random = secrets.token_hex(8)
    return f"test_interfix_{random}_{name.removeprefix('test_')}" if name.startswith("test_") else f"interfix_{random}_{name}"


def _add_note(edit: CheckedEdit, note: str) -> CheckedEdit:
    return msgspec.structs.replace(edit, notes=(*edit.notes, note))
