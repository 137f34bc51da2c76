"""Words that the cursor, or the end of the completion, cuts in two."""

import re

from interfix.completion.hole import InfillHole

_MIN_LINE_CHARACTERS = 4
"""A line that has begun with fewer characters may well go on with the same ones."""
_LAST_WORD = re.compile(r"[^\W\d]\w*\Z")
_FIRST_WORD = re.compile(r"\w+")


def trim_partial_words(hole: InfillHole, text: str) -> str:
    """Takes out the part of a word, or the beginning of the line, that stands beside the cursor already and was written again.

    Left: `ret` and a completion `return x` make `return x` if no word of the file begins with `retreturn`. Right: the part of the
    word there that the completion ends with.
    """
    line, again = hole.line_prefix.strip(), text.lstrip()
    if len(line) >= _MIN_LINE_CHARACTERS and again.startswith(line) and len(again) > len(line):
        return again[len(line) :]
    left, first = _LAST_WORD.search(hole.line_prefix), _FIRST_WORD.match(text)
    if left and first and _repeats_word_start(hole, left.group(), first.group()):
        text = text[len(left.group()) :]
    right, last = _FIRST_WORD.match(hole.line_suffix), _LAST_WORD.search(text)
    if right and last and len(right.group()) > 1 and last.group().endswith(right.group()):
        text = text[: len(text) - len(right.group())]
    return text


def _repeats_word_start(hole: InfillHole, word_start: str, word: str) -> bool:
    if len(word_start) < 2 or not word.startswith(word_start) or len(word) == len(word_start):
        return False
    return not re.search(rf"\b{re.escape(word_start + word)}", hole.prefix + hole.suffix)
