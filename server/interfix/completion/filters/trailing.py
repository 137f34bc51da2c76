"""White space at the end of a completion."""

from interfix.completion.hole import Hole


def without_trailing_space(hole: Hole, text: str) -> str:
    """Drops it, but for the line break that keeps a line of code, which the cursor stands in front of, on its own line.

    Where the model left that break out, it is put in if the file parses better so, or as well and two words would meet.
    """
    bare = text.rstrip()
    if not hole.code_right or not (hole.fresh or text.startswith("\n")):
        return bare
    apart = bare + "\n" + (hole.left if hole.fresh else "")
    better = hole.errors(bare) - hole.errors(apart)
    broken = "\n" in text[len(bare) :] or (text == bare and _word_end(bare) and _word_end(hole.right[:1]))
    return apart if better > 0 or (better == 0 and broken) else bare


def _word_end(text: str) -> bool:
    return text[-1:].isalnum() or text[-1:] in tuple("_)]}\"'`;")
