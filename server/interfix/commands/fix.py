"""Mends what a diagnostic says is wrong, whatever server reported it. Writes no file itself."""

import msgspec

from interfix.commands.asking import Asking
from interfix.commands.edit import Edit
from interfix.commands.rewriting import REWRITES, Recipe, rewritten
from interfix.commands.selection import Selection, lines_of, meant
from interfix.commands.situation import Situation
from interfix.commands.surroundings import reported
from interfix.errors import BadUsage
from interfix.syntax.scopes import definition_at


async def fix(asking: Asking, situation: Situation) -> Edit:
    """The definition around the diagnostics, mended; the lines they are on where nothing is defined around them.

    Raises `BadUsage` where there is no code or nothing is known to be wrong with it, `Unusable` where no answer can be trusted, and
    what the engine raises.
    """
    selection = _around(situation)
    problems = reported(situation, selection)
    if not problems and situation.words.strip():
        problems = f"- {' '.join(situation.words.split())}"
    if not problems:
        raise BadUsage("To fix needs a diagnostic of these lines, or words on what is wrong.")
    recipe = Recipe("fix", REWRITES, asking.settings.commands.fix, {"problems": problems})
    # What is wrong is no request to do without what is named there.
    return await rewritten(asking, msgspec.structs.replace(situation, words=""), selection, recipe)


def _around(situation: Situation) -> Selection:
    """A diagnostic marks a name or a line; to mend it takes the definition it is in."""
    snapshot = situation.snapshot
    if situation.diagnostics:
        start = min(each.start for each in situation.diagnostics)
        end = max(each.end for each in situation.diagnostics)
        definition = definition_at(snapshot, start)
        if definition is not None and end <= definition.end:
            return lines_of(snapshot, definition.start, definition.end)
        return meant(snapshot, min(start, situation.start), max(end, situation.end))
    return meant(snapshot, situation.start, situation.end)
