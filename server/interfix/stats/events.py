"""The events that statistics record: lengths, times, names and outcomes. None has a field for source text."""

from enum import StrEnum

import msgspec

from interfix.completion.feedback_listener import ShownSuggestion
from interfix.next_edit.feedback_listener import ShownNextEdit


class SuggestionOutcome(StrEnum):
    """What the user did with a suggestion."""

    ACCEPTED = "accepted"
    PARTIAL = "partly"
    DISMISSED = "dismissed"
    IGNORED = "ignored"


class OutcomeRecord(msgspec.Struct, frozen=True):
    """The user has decided about a suggestion."""

    id: str
    """The suggestion's."""
    outcome: SuggestionOutcome
    """What was done."""
    characters: int
    """How many of its characters are in the document that were not typed."""


class RetentionRecord(msgspec.Struct, frozen=True):
    """Accepted text was looked at again."""

    id: str
    """The suggestion's."""
    seconds: int
    """How long after it was accepted: 30 or 300."""
    share: float
    """How much of it was still there, 0 to 1."""


class RequestRecord(msgspec.Struct, frozen=True):
    """A request was answered, with a suggestion or with none."""

    language: str
    """The language's id."""
    model: str
    """Name of the model that serves."""
    latency_ms: float
    """From the request to its answer, ms."""
    cached: bool
    """Nothing was computed for it."""
    has_suggestion: bool
    """With a suggestion."""


class ComputeRecord(msgspec.Struct, frozen=True):
    """The engine worked on one stream."""

    model: str
    """Name of the model."""
    prompt_tokens_decoded: int
    """Prompt tokens that were not in the KV cache."""
    tokens_generated: int
    """Tokens written."""


class TypingRecord(msgspec.Struct, frozen=True):
    """The user typed, with the hand."""

    language: str
    """The language's id."""
    characters: int
    """How many characters."""


class NextEditOutcome(msgspec.Struct, frozen=True):
    """The user has decided about a next edit."""

    id: str
    """The edit's."""
    accepted: bool
    """Taken; else refused, or gone on without it."""


StatisticsEvent = (
    ShownSuggestion
    | OutcomeRecord
    | RetentionRecord
    | RequestRecord
    | ComputeRecord
    | TypingRecord
    | ShownNextEdit
    | NextEditOutcome
)
