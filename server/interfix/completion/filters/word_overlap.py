"""Words that the cursor, or the end of the completion, cuts in two."""

import re

from interfix.completion.hole import InfillHole

_MIN_LINE_CHARACTERS = 4
"""A line that has begun with fewer characters may well go on with the same ones."""
_LONGEST = 100
"""Longer words are not looked at."""
_LAST_WORD = re.compile(r"(?<!\w)[^\W\d]\w*\Z")
_SIGIL = re.compile(r"[$@%&#:.-]*\Z")
"""What may stand before a name and belong to it: `$total`, `@item`, `--wide`."""
_FIRST_WORD = re.compile(r"\w+")
_WORD = re.compile(r"[^\W_]")


def trim_word_overlap(hole: InfillHole, text: str) -> str:
    """Takes out the part of a word, or the beginning of the line, that stands beside the cursor already and was written again.

    Left: `ret` and a completion `return x` make `return x` if no word of the file begins with `retreturn`. Right: the part of the
    word there that the completion ends with. A sigil before the word goes with it.
    """
    line, again = hole.line_prefix.strip(), text.lstrip()
    if len(line) >= _MIN_LINE_CHARACTERS and again.startswith(line) and len(again) > len(line) and _WORD.search(line):
        return again[len(line) :]
    left = _LAST_WORD.search(hole.line_prefix[-_LONGEST:])
    if left:
        before = hole.line_prefix[-_LONGEST:][: left.start()]
        sigil = _SIGIL.search(before)
        for begun in dict.fromkeys(((sigil.group() if sigil else "") + left.group(), left.group())):
            first = _FIRST_WORD.match(text, len(begun) - len(left.group())) if text.startswith(begun) else None
            if first and _repeats_word_start(hole, left.group(), first.group()):
                text = text[len(begun) :]
                break
    right, last = _FIRST_WORD.match(hole.line_suffix[:_LONGEST]), _LAST_WORD.search(text[-_LONGEST:])
    if right and last and len(right.group()) > 1 and last.group().endswith(right.group()):
        text = text[: len(text) - len(right.group())]
    return text


def _repeats_word_start(hole: InfillHole, word_start: str, word: str) -> bool:
    if len(word_start) < 2 or not word.startswith(word_start) or len(word) == len(word_start):
        return False
    return not re.search(rf"\b{re.escape(word_start + word)}", hole.prefix + hole.suffix)
