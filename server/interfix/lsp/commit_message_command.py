"""`interfix.commitMessage`: a message for what is staged in the repository of a document or folder."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from interfix.commands import commit_message
from interfix.commands.staged_changes import StagedChanges, find_repository, read_staged_changes
from interfix.context.exclusion import Exclusion
from interfix.errors import UsageError
from interfix.lsp import command_params, converters
from interfix.lsp.session import Session

COMMAND_NAME = "interfix.commitMessage"


class CommitMessageArguments(msgspec.Struct, frozen=True):
    """Which repository."""

    uri: str = ""
    """A folder or file in it; empty: the first workspace folder."""
    token: int | str | None = None
    """Where to show that work is under way."""


async def write_commit_message(session: Session, arguments: CommitMessageArguments, token: int | str | None) -> dict[str, Any]:
    """`{message}`. Raises `UsageError` where there is no repository, it is not trusted, or nothing is staged."""
    path = converters.to_path(arguments.uri) if arguments.uri else None
    folder = path or (session.folders[0] if session.folders else None)
    if folder is None:
        raise UsageError("There is no folder to look for a git repository in; open one.")
    if not session.settings.context.trusted:
        raise UsageError("A commit message needs a look at the repository, and this workspace is not trusted.")
    with session.client.show_cancellable_progress("Writing a commit message", token) as progress:
        changes = await asyncio.to_thread(_read_changes, session, folder)
        client = await command_params.create_instruct_client(session)
        message = await commit_message.write_commit_message(msgspec.structs.replace(client, on_progress=progress.report), changes)
    return {"message": message}


def _read_changes(session: Session, folder: Path) -> StagedChanges:
    # An editor that git has started has a file of the repository's `.git` open.
    inside = next((parent for parent in (folder, *folder.parents) if parent.name == ".git"), None)
    start = inside.parent if inside is not None else folder if folder.is_dir() else folder.parent
    repository = find_repository(start)
    return read_staged_changes(repository, Exclusion(repository, session.settings.context).find_refusal)
