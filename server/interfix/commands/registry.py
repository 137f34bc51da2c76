"""The commands by name. Adding one touches this table, its own file and its prompt."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from interfix.commands.ask import ask
from interfix.commands.asking import Asking
from interfix.commands.document import document
from interfix.commands.edit import Edit
from interfix.commands.explain import explain
from interfix.commands.fix import fix
from interfix.commands.refactor import refactor
from interfix.commands.situation import Situation
from interfix.commands.test import write_tests

EDITS: dict[str, Callable[[Asking, Situation], Awaitable[Edit]]] = {
    "refactor": refactor,
    "document": document,
    "test": write_tests,
    "fix": fix,
}
"""What results in an edit."""

ANSWERS: dict[str, Callable[[Asking, Situation], AsyncGenerator[str, None]]] = {"explain": explain, "ask": ask}
"""What results in text."""
