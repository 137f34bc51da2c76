"""Passes on whether suggestions were accepted, to statistics and learning."""

from typing import Protocol

import msgspec


class ShownSuggestion(msgspec.Struct, frozen=True):
    """A suggestion that the editor was given to show."""

    id: str
    """By which later news of it is told; never used again."""
    language: str
    """The language's id; empty where it is not known."""
    model: str
    """Name of the model that wrote it."""
    characters: int
    """Its length, characters."""
    lines: int
    """Its lines, the first included."""
    confidence: float
    """The probability that its first line is right, 0 to 1, before anything was learnt from this user."""
    cached: bool
    """It was at hand: nothing was computed for this request."""
    ahead: bool
    """It had been computed before it was asked for, while the one before it was shown or accepted."""
    latency_ms: float
    """From the request to its answer, debounce included, ms."""
    tokens: int
    """Tokens that were generated for it, those cut off again included; 0 where it was at hand."""


class Feedback(Protocol):
    """Takes the news. Every method returns at once and never raises."""

    def record_shown(self, suggestion: ShownSuggestion) -> None:
        """A suggestion was given to the editor."""
        ...

    def record_accepted(self, id: str, characters: int) -> None:
        """The user took a suggestion; `characters` of it are in the document that were not typed."""
        ...

    def record_partial(self, id: str, characters: int) -> None:
        """The user went another way within a suggestion; `characters` of it are in the document that were not typed."""
        ...

    def record_dismissed(self, id: str) -> None:
        """The user went another way at once."""
        ...

    def record_ignored(self, id: str) -> None:
        """The user went on elsewhere, or the document was closed."""
        ...

    def record_request(self, language: str, model: str, latency_ms: float, *, cached: bool, has_suggestion: bool) -> None:
        """A request was answered: without computing (`cached`) or not, with a suggestion (`has_suggestion`) or with none."""
        ...

    def get_threshold(self, language: str, default: float) -> float:
        """The least confidence of an unasked suggestion in a language, by what this user accepts; `default` if nothing is known."""
        ...


class NullFeedback:
    """Statistics that are switched off: counts nothing and learns nothing."""

    def record_shown(self, suggestion: ShownSuggestion) -> None:
        """Nobody counts it."""

    def record_accepted(self, id: str, characters: int) -> None:
        """Nobody counts it."""

    def record_partial(self, id: str, characters: int) -> None:
        """Nobody counts it."""

    def record_dismissed(self, id: str) -> None:
        """Nobody counts it."""

    def record_ignored(self, id: str) -> None:
        """Nobody counts it."""

    def record_request(self, language: str, model: str, latency_ms: float, *, cached: bool, has_suggestion: bool) -> None:
        """Nobody counts it."""

    def get_threshold(self, language: str, default: float) -> float:  # noqa: ARG002 (nothing is learnt here)
        """The threshold as it was measured."""
        return default
