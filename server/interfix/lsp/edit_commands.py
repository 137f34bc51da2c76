"""`interfix.refactor`, `document`, `test`, `fix` and people's own edits: a change of the very version that was asked about."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient, UnusableAnswer
from interfix.commands.registry import EDIT_COMMANDS
from interfix.errors import InterfixError
from interfix.lsp import converters
from interfix.lsp.command_params import CommandArguments, build_request, create_instruct_client, read_snapshot
from interfix.lsp.session import Session
from interfix.lsp.workspace_edit import workspace_edit
from interfix.output.notification import format_notification

EditFunction = Callable[[InstructClient, CommandRequest], Awaitable[CheckedEdit]]

TITLES = {"refactor": "Refactoring", "document": "Documenting", "test": "Writing tests", "fix": "Fixing"}
"""What the editor shows while a command is at work."""


def make_edit_handler(name: str) -> Callable[[Session, CommandArguments, int | str | None], Awaitable[dict[str, Any]]]:
    """The handler of a command that edits."""

    def change(session: Session, arguments: CommandArguments, token: int | str | None) -> Awaitable[dict[str, Any]]:
        about = build_request(session, arguments)
        return run_edit(session, about, EDIT_COMMANDS[name], TITLES[name], token, apply=arguments.apply)

    return change


async def run_edit(
    session: Session, request: CommandRequest, change: EditFunction, title: str, token: int | str | None, *, apply: bool
) -> dict[str, Any]:
    """The edit and the verdict, and where the server is to `apply` it, whether the editor took it."""
    with session.client.show_cancellable_progress(title, token) as progress:
        edit = await make_edit(session, request, change, progress.report)
    change_of_files = workspace_edit(session, edit, title)
    result = {"edit": change_of_files, "verdict": format_notification(edit.summary)}
    if not apply:
        return result
    taken = not edit.hunks or await session.client.apply_edit(change_of_files, title)
    session.client.show_info(edit.summary if taken else "The editor did not take the edit; nothing was changed.")
    return {**result, "applied": taken}


async def make_edit(
    session: Session, request: CommandRequest, change: EditFunction, on_progress: Callable[[str], None]
) -> CheckedEdit:
    """The edit; `StaleDocument` where the document has changed before it was there. What the model said is kept for who asks for
    it."""
    try:
        edit = await change(msgspec.structs.replace(await create_instruct_client(session), on_progress=on_progress), request)
    except UnusableAnswer as error:
        session.last_answer = error.answer
        raise
    session.last_answer = edit.answer
    if not _is_unchanged(session, edit):
        raise converters.StaleDocument("The document changed while the edit was being made, so it is left alone; ask again.")
    return edit


def _is_unchanged(session: Session, edit: CheckedEdit) -> bool:
    """Whether the document is what it was: of the same version, or the same on the disk where it is not open."""
    document = session.documents.find(edit.snapshot.uri)
    if document is not None:
        return not edit.is_new_file and document.snapshot().version == edit.snapshot.version
    path = Path(edit.snapshot.path)
    if edit.is_new_file:
        return not path.exists()
    try:
        # One that was open when it was asked about, and is no longer, is the user's to save or to forget.
        return edit.snapshot.version == 0 and read_snapshot(session, path).data == edit.snapshot.data
    except InterfixError:
        return False
