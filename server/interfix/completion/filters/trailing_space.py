"""White space at the end of a completion."""

from interfix.completion.hole import InfillHole


def trim_trailing_space(hole: InfillHole, text: str) -> str:
    """Drops it, but for the line break that keeps a line of code, which the cursor stands in front of, on its own line.

    Where the model left that break out, it is put in if the file parses better so, or as well and two words would meet.
    """
    bare = text.rstrip()
    if not hole.has_code_right or not (hole.is_line_start or text.startswith("\n")):
        return bare
    apart = bare + "\n" + (hole.line_prefix if hole.is_line_start else "")
    better = hole.count_errors(bare) - hole.count_errors(apart)
    broken = "\n" in text[len(bare) :] or (text == bare and _ends_word(bare) and _ends_word(hole.line_suffix[:1]))
    return apart if better > 0 or (better == 0 and broken) else bare


def _ends_word(text: str) -> bool:
    return text[-1:].isalnum() or text[-1:] in tuple("_)]}\"'`;")
