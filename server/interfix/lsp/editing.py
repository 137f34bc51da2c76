"""`interfix.refactor`, `document`, `test`, `fix` and people's own edits: a change of the very version that was asked about."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from interfix.commands.asking import Asking, Unusable
from interfix.commands.edit import Edit
from interfix.commands.registry import EDITS
from interfix.commands.situation import Situation
from interfix.errors import InterfixError
from interfix.lsp import convert
from interfix.lsp.session import Session
from interfix.lsp.situation import Arguments, asking, opened, situation
from interfix.lsp.workspace_edit import workspace_edit
from interfix.output.notification import notification_text

Change = Callable[[Asking, Situation], Awaitable[Edit]]

TITLES = {"refactor": "Refactoring", "document": "Documenting", "test": "Writing tests", "fix": "Fixing"}
"""What the editor shows while a command is at work."""


def command(name: str) -> Callable[[Session, Arguments, int | str | None], Awaitable[dict[str, Any]]]:
    """The handler of a command that edits."""

    def change(session: Session, arguments: Arguments, token: int | str | None) -> Awaitable[dict[str, Any]]:
        about = situation(session, arguments)
        return changed(session, about, EDITS[name], TITLES[name], token, apply=arguments.apply)

    return change


async def changed(
    session: Session, about: Situation, change: Change, title: str, token: int | str | None, *, apply: bool
) -> dict[str, Any]:
    """The edit and the verdict, and where the server is to `apply` it, whether the editor took it."""
    with session.client.answering(title, token) as progress:
        edit = await made(session, about, change, progress.report)
    change_of_files = workspace_edit(session, edit, title)
    result = {"edit": change_of_files, "verdict": notification_text(edit.verdict)}
    if not apply:
        return result
    taken = not edit.hunks or await session.client.apply(change_of_files, title)
    session.client.say(edit.verdict if taken else "The editor did not take the edit; nothing was changed.")
    return {**result, "applied": taken}


async def made(session: Session, about: Situation, change: Change, watch: Callable[[str], None]) -> Edit:
    """The edit; `Stale` where the document has changed before it was there. What the model said is kept for who asks for it."""
    try:
        edit = await change(msgspec.structs.replace(await asking(session), watch=watch), about)
    except Unusable as error:
        session.last_answer = error.answer
        raise
    session.last_answer = edit.answer
    if not _still(session, edit):
        raise convert.Stale("The document changed while the edit was being made, so it is left alone; ask again.")
    return edit


def _still(session: Session, edit: Edit) -> bool:
    """Whether the document is what it was: of the same version, or the same on the disk where it is not open."""
    document = session.documents.get(edit.snapshot.uri)
    if document is not None:
        return not edit.creates and document.snapshot().version == edit.snapshot.version
    path = Path(edit.snapshot.path)
    if edit.creates:
        return not path.exists()
    try:
        # One that was open when it was asked about, and is no longer, is the user's to save or to forget.
        return edit.snapshot.version == 0 and opened(session, path).data == edit.snapshot.data
    except InterfixError:
        return False
