"""What all commands that rewrite a selection have in common: the request, piece by piece where it is long. Knows no command."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from interfix.commands import room
from interfix.commands.asking import Asking
from interfix.commands.edit import Edit
from interfix.commands.editing import Task, edited, together
from interfix.commands.placing import placed
from interfix.commands.prompts import fenced, masker_for, prompt
from interfix.commands.rules import Proposal, Rule
from interfix.commands.rules.around import around
from interfix.commands.rules.code import code
from interfix.commands.rules.comments import comments
from interfix.commands.rules.kept import kept
from interfix.commands.rules.layout import layout
from interfix.commands.rules.parses import parses
from interfix.commands.rules.reach import reach
from interfix.commands.rules.vanished import vanished
from interfix.commands.selection import Selection
from interfix.commands.situation import Situation
from interfix.commands.surroundings import surroundings
from interfix.errors import InterfixError, Unavailable
from interfix.values import Message, Sampling

REWRITES = (code, reach, parses, around, layout, kept, vanished)
"""For an answer that may change the code."""
COMMENTS = (code, reach, parses, around, layout, comments)
"""For one that may change only what is said about it."""


class Recipe(msgspec.Struct, frozen=True):
    """How a command rewrites."""

    prompt: str
    """The name of its prompt, with the turns system and user."""
    rules: Sequence[Rule]
    """What an answer has to be."""
    sampling: Sampling
    """How it is sampled."""
    words: dict[str, str] = {}
    """What its prompt's own places are filled with."""
    place: Callable[[str, Selection, str], Proposal] = placed
    """Puts an answer in the place of a selection."""
    insists: bool = True
    """Whether code that was left as it was goes back once, too."""


async def rewritten(asking: Asking, situation: Situation, selection: Selection, recipe: Recipe) -> Edit:
    """The selection rewritten; a long one definition by definition, of which those that fail are left as they are and noted.

    Raises `BadUsage` where it cannot be taken apart, `Unusable` where nothing came of it, and what the engine raises.
    """
    pieces = room.pieces(selection, asking.settings, writes=True)
    if len(pieces) == 1:
        return await edited(asking, task(asking, situation, pieces[0], recipe))
    edits, failed = list[Edit](), list[InterfixError]()
    for number, piece in enumerate(pieces, 1):
        part = msgspec.structs.replace(asking, watch=partial(_told, asking.watch, f"part {number} of {len(pieces)}"))
        try:
            edits.append(await edited(part, task(asking, situation, piece, recipe)))
        except Unavailable:
            raise
        except InterfixError as error:
            failed.append(error)
    if not edits:
        raise failed[0]
    return together(edits, failed)


def task(asking: Asking, situation: Situation, selection: Selection, recipe: Recipe) -> Task:
    """The request for one stretch."""
    turns = prompt(recipe.prompt)
    text = turns["user"].substitute(
        language=selection.language or "source",
        place=selection.place,
        code=fenced(selection.code, selection.language),
        **recipe.words,
    )
    masker = masker_for(selection, situation.words)
    asked = masker.mask(text)
    shown = surroundings(situation, selection, room.for_context(selection, asking.settings, writes=True), masker)
    messages = (
        Message("system", masker.mask(turns["system"].substitute())),
        Message("user", asked, shown),
    )
    return Task(
        messages,
        masker,
        lambda answer: recipe.place(answer, selection, situation.words),
        recipe.rules,
        recipe.sampling,
        recipe.insists,
    )


def _told(watch: Callable[[str], None], part: str, news: str) -> None:
    watch(f"{part}: {news}")
