"""Whether to suggest one line or several, and whether to suggest at all while the user types."""

from enum import StrEnum

from interfix.syntax.document import Snapshot
from interfix.syntax.enclosing_scopes import is_in_empty_block

MAX_WORD_CHARACTERS_RIGHT = 8
"""Letters, digits and underscores that may stand right of the cursor before an unasked suggestion is only in the way."""

_SEEN = 400
"""Characters of a line that a wide editor shows."""


class SuggestionShape(StrEnum):
    """How much a suggestion may span."""

    AUTO = "auto"
    LINE = "line"
    BLOCK = "block"


class HoleKind(StrEnum):
    """Where a suggestion begins: each kind is right with another probability."""

    TAIL = "tail"
    """Within a line."""
    LINE = "line"
    """At the start of a line, among others."""
    BODY = "body"
    """At the start of an empty block."""


def choose_shape(
    snapshot: Snapshot,
    offset: int,
    line_suffix: str,
    requested_shape: SuggestionShape = SuggestionShape.AUTO,
    *,
    after_accepted: bool = False,
) -> SuggestionShape:
    """LINE or BLOCK: what was asked for, else BLOCK only where no code stands right of the cursor and an empty block begins there
    or a suggestion was just accepted (`after_accepted`).
    """
    if requested_shape is not SuggestionShape.AUTO:
        return requested_shape
    return (
        SuggestionShape.BLOCK
        if not _count_word_characters(line_suffix) and (after_accepted or is_in_empty_block(snapshot, offset))
        else SuggestionShape.LINE
    )


def is_trigger_position(line_prefix: str, line_suffix: str) -> bool:
    """Whether a suggestion that nobody asked for may appear between the two halves of the cursor's line."""
    in_a_word = bool(_count_word_characters(line_prefix[-1:]) and _count_word_characters(line_suffix[:1]))
    return not in_a_word and _count_word_characters(line_suffix) <= MAX_WORD_CHARACTERS_RIGHT


def _count_word_characters(text: str) -> int:
    """How many there are in what a person sees of a line."""
    return sum(character.isalnum() or character == "_" for character in text[:_SEEN])
