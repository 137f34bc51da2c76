"""The commands from files, built in and people's own, that suit a document."""

from interfix.commands.command_files import CustomCommand, load_builtin_commands, load_custom_commands
from interfix.commands.command_request import CommandRequest
from interfix.errors import UsageError


def list_commands(request: CommandRequest) -> tuple[CustomCommand, ...]:
    """The commands from files that suit the document; those of its workspace only where that is trusted."""
    language = request.snapshot.language.id if request.snapshot.language else ""
    return tuple(
        each for each in (*load_builtin_commands(), *load_custom_commands(request.root)) if each.supports_language(language)
    )


def find_custom_command(request: CommandRequest, name: str) -> CustomCommand:
    """The command of a name. Raises `UsageError` where there is none."""
    commands = {each.name: each for each in list_commands(request)}
    if name not in commands:
        raise UsageError(f"There is no command {name!r} for this file; there are {', '.join(commands)}.")
    return commands[name]
