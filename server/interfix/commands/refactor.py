"""Rewrites code by an instruction, and lets only an answer through that can stand in the file. Writes no file itself."""

import re

from interfix.commands.asking import Asking
from interfix.commands.edit import Edit
from interfix.commands.rewriting import COMMENTS, REWRITES, Recipe, rewritten
from interfix.commands.selection import meant
from interfix.commands.situation import Situation
from interfix.errors import BadUsage

_ONLY_COMMENTS = re.compile(
    r"\s*(?:please\s+)?(?:add|write|update|improve|translate|fix|shorten|rewrite|remove|delete|reword)\s+(?:[\w']+\s+){0,4}"
    r"(?:comments?|docstrings?|documentation|javadoc|jsdoc|doc comments?)\b(?!.*\b(?:and|then|also)\b)",
    re.IGNORECASE,
)


async def refactor(asking: Asking, situation: Situation) -> Edit:
    """What the selection means (see `meant`), rewritten as the words say. Where they are about comments, the code has to stay.

    Raises `BadUsage` where there is no code or no instruction, `Unusable` where no answer can be trusted, and what the engine
    raises.
    """
    if not situation.words.strip():
        raise BadUsage("To refactor needs an instruction: what is to change?")
    selection = meant(situation.snapshot, situation.start, situation.end)
    rules = COMMENTS if _ONLY_COMMENTS.match(situation.words) else REWRITES
    sampling = asking.settings.commands.refactor
    return await rewritten(asking, situation, selection, Recipe("refactor", rules, sampling, {"instruction": situation.words}))
