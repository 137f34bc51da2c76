"""Passes on what became of next edits, to statistics."""

from typing import Protocol

import msgspec


class ShownNextEdit(msgspec.Struct, frozen=True):
    """A next edit that the editor was given to show."""

    id: str
    """By which later news of it is told; never used again."""
    language: str
    """The language's id; empty where it is not known."""
    finder: str
    """Which rule found it."""
    model: str
    """Name of the model that wrote its text; empty where a rule did."""
    characters: int
    """Characters that it inserts."""
    removed: int
    """Characters that it removes."""
    lines_away: int
    """Lines between the cursor and its place; -1 where it is in another file."""
    certainty: float
    """The probability that it is right, 0 to 1, as it was offered."""
    latency_ms: float
    """From the request to its answer, ms."""


class NextEditFeedback(Protocol):
    """Takes the news. Every method returns at once and never raises."""

    def record_next_edit(self, next_edit: ShownNextEdit) -> None:
        """A next edit was drawn by the editor, or given to one that does not tell."""
        ...

    def record_next_edit_outcome(self, id: str, *, accepted: bool) -> None:
        """The user has taken it, or refused it or gone on without it."""
        ...
