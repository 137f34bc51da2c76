"""The commands by name. Adding one touches this table, its own file and its prompt."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from interfix.commands.ask import ask
from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.explain import explain
from interfix.commands.fix import fix
from interfix.commands.instruct_client import InstructClient
from interfix.commands.refactor import refactor
from interfix.commands.write_documentation import write_documentation
from interfix.commands.write_tests import write_tests

EDIT_COMMANDS: dict[str, Callable[[InstructClient, CommandRequest], Awaitable[CheckedEdit]]] = {
    "refactor": refactor,
    "document": write_documentation,
    "test": write_tests,
    "fix": fix,
}
"""What results in an edit."""

ANSWER_COMMANDS: dict[str, Callable[[InstructClient, CommandRequest], AsyncGenerator[str, None]]] = {"explain": explain, "ask": ask}
"""What results in text."""
