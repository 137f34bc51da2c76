"""Runs a command from a file: its words are the instruction or the question. Knows not where the file lies."""

from collections.abc import AsyncGenerator
from functools import partial

import msgspec

from interfix.commands.ask import ask
from interfix.commands.asking import Asking
from interfix.commands.edit import Edit
from interfix.commands.own import OwnCommand
from interfix.commands.rewriting import COMMENTS, REWRITES, Recipe, rewritten
from interfix.commands.selection import meant
from interfix.commands.situation import Situation
from interfix.commands.why import Command


def command_of(file: OwnCommand) -> Command:
    """What the file's command does, an edit or an answer, as a command like the others."""
    return partial(answer if file.header.result == "answer" else change, command=file)


async def change(asking: Asking, situation: Situation, command: OwnCommand) -> Edit:
    """The edit a command makes of what the selection means; raises what `refactor` raises."""
    selection = meant(situation.snapshot, situation.start, situation.end)
    situation = msgspec.structs.replace(situation, words=command.words)
    rules = COMMENTS if command.header.result == "comments" else REWRITES
    recipe = Recipe("refactor", rules, asking.settings.commands.refactor, {"instruction": command.words})
    return await rewritten(asking, situation, selection, recipe)


def answer(asking: Asking, situation: Situation, command: OwnCommand) -> AsyncGenerator[str, None]:
    """Stream the answer to a command's question; raises what `ask` raises."""
    return ask(asking, msgspec.structs.replace(situation, words=command.words))
