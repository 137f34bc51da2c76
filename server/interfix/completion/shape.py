"""One line or many, and whether to suggest at all unasked. Knows the cursor's line and the scopes, no model and no text to come."""

from enum import StrEnum

from interfix.syntax.document import Snapshot
from interfix.syntax.scopes import opens_block

MOST_RIGHT_OF_CURSOR = 8
"""Letters, digits and underscores that may stand right of the cursor before an unasked suggestion is only in the way."""

_SEEN = 400
"""Characters of a line that a wide window shows."""


class Shape(StrEnum):
    """How much a suggestion may span."""

    AUTO = "auto"
    LINE = "line"
    BLOCK = "block"


def shape_at(snapshot: Snapshot, offset: int, right: str, asked: Shape = Shape.AUTO, *, accepted: bool = False) -> Shape:
    """LINE or BLOCK: what was asked for, else BLOCK only where no code stands right of the cursor and an empty block begins there
    or a suggestion was just `accepted`.
    """
    if asked is not Shape.AUTO:
        return asked
    return Shape.BLOCK if not _word_characters(right) and (accepted or opens_block(snapshot, offset)) else Shape.LINE


def welcome(left: str, right: str) -> bool:
    """Whether a suggestion that nobody asked for may appear between the two halves of the cursor's line."""
    in_a_word = bool(_word_characters(left[-1:]) and _word_characters(right[:1]))
    return not in_a_word and _word_characters(right) <= MOST_RIGHT_OF_CURSOR


def _word_characters(text: str) -> int:
    """How many there are in what a person sees of a line."""
    return sum(character.isalnum() or character == "_" for character in text[:_SEEN])
