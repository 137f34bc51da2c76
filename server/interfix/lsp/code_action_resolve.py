"""`codeAction/resolve`: the edit of an action that was taken, made now and of the version it was offered for."""

from collections.abc import Awaitable

import msgspec
from lsprotocol import types

from interfix.commands import written
from interfix.commands.registry import EDITS
from interfix.commands.situation import Situation
from interfix.errors import BadUsage
from interfix.lsp import convert, editing, run
from interfix.lsp.session import Session
from interfix.lsp.situation import Arguments, situation
from interfix.lsp.workspace_edit import workspace_edit
from interfix.output.notification import notification_text


class Offered(msgspec.Struct, frozen=True):
    """What an action carries until it is taken."""

    command: str
    """The command's name."""
    arguments: Arguments
    """Its arguments."""


def code_action_resolve(session: Session, action: types.CodeAction) -> types.CodeAction | Awaitable[types.CodeAction]:
    """The action with its edit; the verdict is told and stands in its title. `Stale` where the document has changed since.

    An action that is a command stays as it is: some editors have every one without an edit resolved.
    """
    if action.data is None and action.command:
        return action
    try:
        offered = msgspec.convert(convert.plain(action.data), Offered)
    except msgspec.ValidationError as error:
        raise BadUsage(f"This action is not one of Interfix: {error}.") from error
    about = situation(session, offered.arguments)
    name = offered.command.removeprefix("interfix.")
    if name == "run":
        command = run.named(about, offered.arguments.name)
        return _resolved(session, action, about, lambda asking, where: written.change(asking, where, command), command.header.title)
    if name not in EDITS:
        raise BadUsage(f"{offered.command} makes no edit.")
    return _resolved(session, action, about, EDITS[name], editing.TITLES[name])


async def _resolved(
    session: Session, action: types.CodeAction, about: Situation, change: editing.Change, title: str
) -> types.CodeAction:
    client = session.client
    async with client.working(f"Interfix: {title}", cancellable=True) as progress:
        with client.bulletin.working():
            edit = await editing.made(session, about, change, progress.report)
    action.edit = workspace_edit(session, edit, title)
    action.title = notification_text(f"{action.title} ({edit.verdict})")
    client.say(edit.verdict)
    return action
