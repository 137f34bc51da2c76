"""Brackets and quotes that the text after the hole closes, and the completion closes too. Counts; the parse has the last word."""

from interfix.completion.hole import Hole


def balanced(hole: Hole, text: str) -> str:
    """Drops closing brackets at the end of the completion that it never opened and that the text below closes.

    Only as long as the file parses no worse without them. A string that the completion begins with the quote of the one the cursor
    is in, and ends in the same way, is that string: its quotes go.
    """
    text = _unquoted(hole, text)
    errors = hole.errors(text)
    while (bare := text.rstrip()) and (bare[-1:] in tuple(")]}") and len(bare) - 1 in hole.nesting(bare).closed):
        shorter = bare[:-1].rstrip()
        fewer = hole.errors(shorter)
        if fewer > errors or (fewer == errors and not _closed_below(hole, bare[-1])):
            break
        text, errors = shorter, fewer
    return text


def _closed_below(hole: Hole, closer: str) -> bool:
    """Whether what follows the hole begins with that bracket, blank lines aside."""
    return (hole.right.strip() or next(iter(hole.next_lines), "").strip()).startswith(closer)


def _unquoted(hole: Hole, text: str) -> str:
    quote = hole.quote
    if not quote or not text.startswith(quote) or not text[len(quote) :].rstrip().endswith(quote):
        return text
    inner = text.rstrip()[len(quote) : -len(quote)]
    closing = "" if hole.right.startswith(quote) else quote
    return inner + closing if inner and quote not in inner else text
