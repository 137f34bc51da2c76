"""The tokens of a line of any language: words, numbers, runs of white space, single marks."""

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"[^\W\d]\w*|\d\w*(?:\.\d\w*)*|[ \t]+|\r?\n|.", re.DOTALL)
_SHAPE = re.compile(r"\w+")
_WORD = re.compile(r"[^\W\d]\w*")


def split_tokens(text: str) -> list[str]:
    """All tokens of a text; joined they are the text."""
    return _TOKEN.findall(text)


def is_word(token: str) -> bool:
    """Whether a token is a name, or a word of a text."""
    return _WORD.fullmatch(token) is not None


def find_offsets(tokens: Sequence[str]) -> list[int]:
    """Where each token begins, and where the last one ends; characters."""
    offsets = [0]
    for token in tokens:
        offsets.append(offsets[-1] + len(token))
    return offsets


def get_shape(line: str) -> str:
    """What a line is like whatever its words."""
    return _SHAPE.sub("w", line.strip())
