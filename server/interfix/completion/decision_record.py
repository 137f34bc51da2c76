"""Why a suggestion is shown or not: how sure the model was, what ended it, and what kept it back."""

from enum import StrEnum

import msgspec

from interfix.completion.confidence import ConfidenceFeatures
from interfix.completion.multiline_choice import HoleKind


class SilenceReason(StrEnum):
    """Why nothing is shown."""

    NONE = ""
    """Something is."""
    UNSURE = "unsure"
    """The model is less sure than the threshold asks."""
    NOTHING_LEFT = "nothing_left"
    """The model said nothing, or stop rules, filters and gate left nothing of it."""
    BAD_PLACE = "bad_place"
    """Nobody wants a suggestion there unasked."""
    SWITCHED_OFF = "switched_off"
    """Suggestions are."""
    LANGUAGE_OFF = "language_off"
    """Suggestions in this language are."""
    LIST_ENTRY = "list_entry"
    """The editor's completion list has another text selected."""
    FAILED = "failed"
    """There is no model, or the engine failed."""


class DisplayDecision(msgspec.Struct, frozen=True):
    """The completer's last word on a place."""

    silent: str = ""
    """Why nothing is shown; empty where something is."""
    reason: SilenceReason = SilenceReason.NONE
    """The same as a program reads it."""
    said: str = ""
    """What the model said as far as the stop rules kept it, or all of it where they kept nothing; `\\n` line endings."""
    ended_by: str = ""
    """Name of the stop rule that ended it; empty where the model did."""
    confidence: float = 0.0
    """The probability that its first line is right, 0 to 1."""
    threshold: float = 0.0
    """What it had to reach to be shown; 0 where it was asked for."""
    hidden_by: str = ""
    """Name of the filter that left nothing of it, or of the gate; empty where none did."""
    held_back: str = ""
    """What would be shown if the model were sure enough, with the file's own line endings."""
    guided_by: tuple[str, ...] = ()
    """Who knew which names exist there: index, server; none where nobody did."""
    late: tuple[str, ...] = ()
    """Who was asked for them and did not answer in time."""
    unknown_names: tuple[str, ...] = ()
    """Names of what the model said that exist nowhere, as far as is known."""
    features: ConfidenceFeatures | None = None
    """What the confidence was reckoned from; None where nothing was left to judge."""
    doubts: tuple[str, ...] = ()
    """The features that spoke most against it, the strongest first, where the model is less sure than the threshold asks."""
    hole_kind: HoleKind = HoleKind.TAIL
    """Where it begins, if anything was left to judge."""
