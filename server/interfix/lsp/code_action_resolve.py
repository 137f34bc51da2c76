"""`codeAction/resolve`: the edit of an action that was taken, made now and of the version it was offered for."""

from collections.abc import Awaitable

import msgspec
from lsprotocol import types

from interfix.commands.command import EditCommand
from interfix.commands.command_request import CommandRequest
from interfix.errors import UsageError
from interfix.lsp import converters
from interfix.lsp.command_params import CommandArguments, build_selection_request
from interfix.lsp.edit_command_run import make_edit
from interfix.lsp.instruct_command_handlers import find_command
from interfix.lsp.session import Session
from interfix.lsp.workspace_edit_conversion import convert_workspace_edit
from interfix.output.notification_sanitizer import format_notification


class ActionData(msgspec.Struct, frozen=True):
    """What an action carries until it is taken."""

    command: str
    """The command's name."""
    arguments: CommandArguments
    """Its arguments."""


def code_action_resolve(session: Session, action: types.CodeAction) -> types.CodeAction | Awaitable[types.CodeAction]:
    """The action with its edit; the verdict is told and stands in its title. `StaleDocument` where the document has changed since.

    An action that is a command stays as it is: some editors have every one without an edit resolved.
    """
    if action.data is None and action.command:
        return action
    try:
        offered = msgspec.convert(converters.to_builtins(action.data), ActionData)
    except msgspec.ValidationError as error:
        raise UsageError(f"This action is not one of Interfix: {error}.") from error
    request = build_selection_request(session, offered.arguments)
    command = find_command(request, offered.command, offered.arguments.name)
    if not isinstance(command, EditCommand):
        raise UsageError(f"{offered.command} makes no edit.")
    return _resolve(session, action, request, command)


async def _resolve(session: Session, action: types.CodeAction, request: CommandRequest, command: EditCommand) -> types.CodeAction:
    client, title = session.client, command.progress_title
    async with client.show_progress(f"Interfix: {title}", cancellable=True) as progress:
        with client.status_publisher.show_working():
            edit = await make_edit(session, request, command, progress.report)
    action.edit = convert_workspace_edit(session, edit, title)
    action.title = format_notification(f"{action.title} ({edit.summary})")
    client.show_info(edit.summary)
    return action
