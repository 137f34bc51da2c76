"""Brackets and quotes that the text around the hole opens and closes already. Counts; the parse has the last word."""

from interfix.completion.hole import InfillHole
from interfix.completion.parse_gate import is_dialect, may_stand


def balance_brackets(hole: InfillHole, text: str) -> str:
    """Takes the quotes off a completion that begins and ends with those of the string the cursor is in: it is that string.

    The closing one is left where the file does not have it yet. Brackets at the end that close what is closed below are taken back
    where the file is the better for it.
    """
    quote, bare = hole.open_quote, text.rstrip()
    if not quote or not bare.startswith(quote) or not bare[len(quote) :].endswith(quote):
        return _drop_stray_closers(hole, text)
    inner = bare[len(quote) : -len(quote)]
    closing = "" if hole.line_suffix.startswith(quote) else quote
    return inner + closing if inner and quote not in inner else text


def _drop_stray_closers(hole: InfillHole, text: str) -> str:
    """Drops brackets at the end that the completion never opened, as long as the file has fewer errors without them."""
    errors = hole.count_errors(text)
    # A branch of a shell's `case` begins with a bracket that nothing opens; in a file that ends there much else is open.
    unfinished = hole.is_suffix_blank and hole.language_id == "bash"
    if errors and (is_dialect(hole, text) or may_stand(hole, text, hole.count_errors("") if unfinished else 0)):
        return text
    while errors and (bare := text.rstrip()) and len(bare) - 1 in hole.scan_brackets(bare).stray_closers:
        if hole.is_text_at(bare, len(bare) - 1):
            break  # what a string says
        shorter = bare[:-1].rstrip()
        if (fewer := hole.count_errors(shorter)) >= errors:
            break
        text, errors = shorter, fewer
    return text
