"""Masked values that a completion copies from its prompt: the user has no use for what stands for a secret."""

import re

from interfix.completion.hole import InfillHole

_MASK = re.compile(r"x{5,}")
"""The shortest value that is masked for its name has five bytes."""


def drop_masked_values(hole: InfillHole, text: str) -> str:
    """Nothing from the line on that holds a mask, unless the file has such a row of x itself."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        for match in _MASK.finditer(line):
            if match[0].encode() not in hole.document_snapshot.data:
                return "\n".join(lines[:index])
    return text
