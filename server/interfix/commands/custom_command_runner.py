"""Runs a command from a file: its words are the instruction or the question."""

from collections.abc import AsyncGenerator
from functools import partial

import msgspec

from interfix.commands.ask import ask
from interfix.commands.command import AnswerCommand, Command, EditCommand
from interfix.commands.command_files import CustomCommand
from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient
from interfix.commands.selection import resolve_statements
from interfix.commands.selection_rewrite import COMMENT_RULES, REWRITE_RULES, RewriteSpec, rewrite_selection


def bind_command(file: CustomCommand) -> Command:
    """A command from a file as a command like those of the table."""
    if file.header.result == "answer":
        return AnswerCommand(name=file.name, progress_title=file.header.title, run=partial(run_answer_command, command=file))
    return EditCommand(name=file.name, progress_title=file.header.title, run=partial(run_edit_command, command=file))


async def run_edit_command(client: InstructClient, request: CommandRequest, command: CustomCommand) -> CheckedEdit:
    """The edit a command makes of what the selection means; raises what `refactor` raises."""
    selection = resolve_statements(request.snapshot, request.start, request.end)
    request = msgspec.structs.replace(request, instruction=command.instruction)
    rules = COMMENT_RULES if command.header.result == "comments" else REWRITE_RULES
    recipe = RewriteSpec("refactor", rules, client.settings.commands.refactor, {"instruction": command.instruction})
    return await rewrite_selection(client, request, selection, recipe)


def run_answer_command(client: InstructClient, request: CommandRequest, command: CustomCommand) -> AsyncGenerator[str, None]:
    """Stream the answer to a command's question; raises what `ask` raises."""
    return ask(client, msgspec.structs.replace(request, instruction=command.instruction))
