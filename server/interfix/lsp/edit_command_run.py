"""Makes the edit of a command, of the very version of the document that was asked about."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from interfix.commands.command import EditCommand
from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import UnusableAnswer
from interfix.errors import InterfixError
from interfix.lsp import converters
from interfix.lsp.command_params import create_instruct_client, read_document
from interfix.lsp.session import Session


async def make_edit(
    session: Session, request: CommandRequest, command: EditCommand, on_progress: Callable[[str], None]
) -> CheckedEdit:
    """The edit. Raises `StaleDocument` where the document has changed meanwhile.

    The model's answer is kept in the session for `interfix.answer`."""
    try:
        edit = await command.run(msgspec.structs.replace(await create_instruct_client(session), on_progress=on_progress), request)
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
        return edit.snapshot.version == 0 and read_document(session, path).data == edit.snapshot.data
    except InterfixError:
        return False
