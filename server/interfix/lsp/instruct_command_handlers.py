"""The commands that ask the instruct model: `interfix.explain`, `refactor` … and `interfix.run`. An answer is streamed as it is
written, an edit is of the very version that was asked about."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

from interfix.commands.command import AnswerCommand, Command, EditCommand
from interfix.commands.command_request import CommandRequest
from interfix.commands.custom_command_runner import bind_command
from interfix.commands.registry import INSTRUCT_COMMANDS
from interfix.commands.selection import resolve_selection
from interfix.errors import UsageError
from interfix.lsp import custom_command_lookup
from interfix.lsp.command_params import CommandArguments, build_selection_request, create_instruct_client
from interfix.lsp.edit_command_run import make_edit
from interfix.lsp.session import Session
from interfix.lsp.workspace_edit_conversion import convert_workspace_edit
from interfix.output.notification_sanitizer import format_notification

RUN_COMMAND = "interfix.run"
"""Runs a command from a file by its `name`."""
METHODS = (*(f"interfix.{name}" for name in INSTRUCT_COMMANDS), RUN_COMMAND)
"""What clients call."""


def make_handler(method: str) -> Callable[[Session, CommandArguments, int | str | None], Awaitable[dict[str, Any]]]:
    """The handler of one of `METHODS`."""

    def handle(session: Session, arguments: CommandArguments, token: int | str | None) -> Awaitable[dict[str, Any]]:
        request = build_selection_request(session, arguments)
        command = find_command(request, method, arguments.name)
        if isinstance(command, AnswerCommand):
            return _stream_answer(session, request, command, token, show=arguments.show)
        return _run_edit(session, request, command, token, apply=arguments.apply)

    return handle


def find_command(request: CommandRequest, method: str, name: str) -> Command:
    """The command that a method runs; with `interfix.run` the one from the file `name`. Raises `UsageError` where there is none."""
    if method == RUN_COMMAND:
        return bind_command(custom_command_lookup.find_custom_command(request, name))
    if (command := INSTRUCT_COMMANDS.get(method.removeprefix("interfix."))) is None:
        raise UsageError(f"{method} asks no model; there are {', '.join(METHODS)}.")
    return command


async def _stream_answer(
    session: Session, request: CommandRequest, command: AnswerCommand, token: int | str | None, *, show: bool
) -> dict[str, Any]:
    """Stream the answer under the token; the result holds all of it."""
    stream = command.run(await create_instruct_client(session), request)
    pieces: list[str] = []
    selection = resolve_selection(request.snapshot, request.start, request.end)
    with session.client.show_cancellable_progress(f"{command.progress_title}: {selection.label}", token) as progress:
        async with aclosing(stream):
            async for piece in stream:
                pieces.append(piece)
                progress.report(piece)
    markdown = "".join(pieces)
    if show:
        await session.client.show_markdown(markdown)
    return {"markdown": markdown}


async def _run_edit(
    session: Session, request: CommandRequest, command: EditCommand, token: int | str | None, *, apply: bool
) -> dict[str, Any]:
    """The edit and the verdict, and where the server is to `apply` it, whether the editor took it."""
    title = command.progress_title
    with session.client.show_cancellable_progress(title, token) as progress:
        edit = await make_edit(session, request, command, progress.report)
    change_of_files = convert_workspace_edit(session, edit, title)
    result = {"edit": change_of_files, "verdict": format_notification(edit.summary)}
    if not apply:
        return result
    taken = not edit.hunks or await session.client.apply_edit(change_of_files, title)
    session.client.show_info(edit.summary if taken else "The editor did not take the edit; nothing was changed.")
    return {**result, "applied": taken}
