"""`interfix.run`: a command from a file, ours or people's own. `interfix.answer`: what the model said last, word for word."""

from collections.abc import Awaitable
from typing import Any

import msgspec

from interfix.commands import custom_command_runner
from interfix.commands.command_request import CommandRequest
from interfix.commands.custom_commands import CustomCommand, load_builtin_commands, load_custom_commands
from interfix.errors import UsageError
from interfix.lsp import answer_commands, edit_commands
from interfix.lsp.command_params import CommandArguments, build_request
from interfix.lsp.session import Session


class NoArguments(msgspec.Struct, frozen=True):
    """Nothing is asked."""


def run_custom_command(session: Session, arguments: CommandArguments, token: int | str | None) -> Awaitable[dict[str, Any]]:
    """The edit and the verdict, or the markdown, as the command's header says."""
    about = build_request(session, arguments)
    command = find_command(about, arguments.name)
    title = command.header.title
    if command.header.result == "answer":
        return answer_commands.stream_answer(
            session,
            about,
            lambda asking, where: custom_command_runner.run_answer_command(asking, where, command),
            title,
            token,
            show=arguments.show,
        )
    return edit_commands.run_edit(
        session,
        about,
        lambda asking, where: custom_command_runner.run_edit_command(asking, where, command),
        title,
        token,
        apply=arguments.apply,
    )


def report_last_answer(session: Session, _arguments: NoArguments, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """For whoever wants to see why an edit could not be used."""

    async def last() -> dict[str, Any]:
        return {"answer": session.last_answer}

    return last()


def list_commands(request: CommandRequest) -> tuple[CustomCommand, ...]:
    """The commands from files that suit the document; those of its workspace only where that is trusted."""
    language = request.snapshot.language.id if request.snapshot.language else ""
    return tuple(
        each for each in (*load_builtin_commands(), *load_custom_commands(request.root)) if each.supports_language(language)
    )


def find_command(request: CommandRequest, name: str) -> CustomCommand:
    """The command of a name. Raises `UsageError` where there is none."""
    commands = {each.name: each for each in list_commands(request)}
    if name not in commands:
        raise UsageError(f"There is no command {name!r} for this file; there are {', '.join(commands)}.")
    return commands[name]
