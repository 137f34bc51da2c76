"""The tokens of a line of any language: words, numbers, runs of white space, single marks."""

import re

import msgspec

_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|[ \t]+|\r?\n|.", re.DOTALL)
WORD = re.compile(r"[^\W\d]\w*")
"""A name, or a word of a text."""


class CodeToken(msgspec.Struct, frozen=True):
    """One token."""

    text: str
    """As it stands there."""
    start: int
    """Where it begins in its line, characters."""

    @property
    def end(self) -> int:
        """Where it ends in its line, characters."""
        return self.start + len(self.text)

    @property
    def is_space(self) -> bool:
        """Whether it is white space."""
        return self.text.isspace()


def split_tokens(line: str) -> list[CodeToken]:
    """All tokens of a text; joined they are the text."""
    return [CodeToken(match[0], match.start()) for match in _TOKEN.finditer(line)]
