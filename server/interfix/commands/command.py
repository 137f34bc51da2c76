"""What a command that asks the instruct model is: a row of the table in `registry.py`, or a command from a file."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import msgspec

from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient

AnswerFunction = Callable[[InstructClient, CommandRequest], AsyncGenerator[str, None]]
"""Streams Markdown."""
EditFunction = Callable[[InstructClient, CommandRequest], Awaitable[CheckedEdit]]
"""Makes an edit that has passed its rules."""


class WordsArgument(msgspec.Struct, frozen=True):
    """What a command wants to be told in words, as an argument of the command line."""

    name: str
    """As the command line's help names it, such as `question`."""
    help: str
    """What to write there."""
    required: bool = True
    """Whether the command needs it."""


class MenuEntry(msgspec.Struct, frozen=True):
    """How an editor's menu of code actions offers a command."""

    title: str
    """As the menu shows it, behind "Interfix: "."""
    kind: str = ""
    """The kind of LSP's code action, such as `refactor.rewrite`; empty for an answer."""
    needs_language: bool = False
    """Whether it is offered only where the document's language is known."""


class InstructCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What commands of both kinds have."""

    name: str
    """`interfix NAME` on the command line, `interfix.NAME` in LSP."""
    progress_title: str
    """What an editor shows while the command is at work, such as "Explaining"."""
    summary: str = ""
    """What the command line's help says it does."""
    words: WordsArgument | None = None
    """What it is told in words; None: nothing."""
    needs_lines: bool = False
    """Whether the command line's help asks for lines of a file, rather than a file or lines of it."""
    menu: MenuEntry | None = None
    """Its code action; None where it needs words, or a diagnostic as `fix` does."""


class AnswerCommand(InstructCommand, frozen=True, kw_only=True):
    """A command that answers in words."""

    run: AnswerFunction
    """Streams the answer; closing it stops the engine."""
    json_key: str = "answer"
    """Where `--json` has the answer."""


class EditCommand(InstructCommand, frozen=True, kw_only=True):
    """A command that edits."""

    run: EditFunction
    """Makes the edit."""


Command = AnswerCommand | EditCommand
