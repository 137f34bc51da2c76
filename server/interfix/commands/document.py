"""Documents definitions in the convention of their language. Only the documentation of an answer is taken; the code stays."""

from interfix.commands.asking import Asking
from interfix.commands.documentation import transplanted, with_comments_above
from interfix.commands.edit import Edit
from interfix.commands.rewriting import COMMENTS, Recipe, rewritten
from interfix.commands.rules.documented import documented
from interfix.commands.selection import meant
from interfix.commands.situation import Situation


async def document(asking: Asking, situation: Situation) -> Edit:
    """What the selection means (see `meant`) with documentation, old ones replaced.

    Raises `BadUsage` where there is no code, `Unusable` where no answer can be trusted, and what the engine raises.
    """
    selection = with_comments_above(meant(situation.snapshot, situation.start, situation.end))
    language = situation.snapshot.language
    convention = (language.documentation if language else "") or "a comment in the convention of the language"
    words = {"convention": convention, "instruction": f" {situation.words.strip()}" if situation.words.strip() else ""}
    recipe = Recipe("document", (*COMMENTS, documented), asking.settings.commands.document, words, transplanted, insists=False)
    return await rewritten(asking, situation, selection, recipe)
