"""Brackets and quotes that the text after the hole closes, and the completion closes too. Counts; the parse has the last word."""

from interfix.completion.hole import Hole


def balanced(hole: Hole, text: str) -> str:
    """Drops closing brackets at the end of the completion that it never opened, as long as the file parses better without them.

    Where the file is sound the gate sees them, too; where it was broken before, one error more passes unseen there. A completion
    that begins and ends with the quote of the string the cursor is in is that string: the quotes go.
    """
    text = _unquoted(hole, text)
    errors = hole.errors(text)
    while (bare := text.rstrip()) and (bare[-1:] in tuple(")]}") and len(bare) - 1 in hole.nesting(bare).closed):
        shorter = bare[:-1].rstrip()
        fewer = hole.errors(shorter)
        if fewer >= errors:
            break
        text, errors = shorter, fewer
    return text


def _unquoted(hole: Hole, text: str) -> str:
    quote = hole.quote
    if not quote or not text.startswith(quote) or not text[len(quote) :].rstrip().endswith(quote):
        return text
    inner = text.rstrip()[len(quote) : -len(quote)]
    closing = "" if hole.right.startswith(quote) else quote
    return inner + closing if inner and quote not in inner else text
