"""Why a suggestion is shown or not: how sure the model was, what ended it, and what kept it back."""

import msgspec

from interfix.completion.confidence import ConfidenceFeatures


class DisplayDecision(msgspec.Struct, frozen=True):
    """The completer's last word on a place."""

    silent: str = ""
    """Why nothing is shown; empty where something is."""
    said: str = ""
    """What the model said as far as the stop rules kept it, `\\n` line endings."""
    ended_by: str = ""
    """Name of the stop rule that ended it; empty where the model did."""
    confidence: float = 0.0
    """The probability that its first line is right, 0 to 1."""
    threshold: float = 0.0
    """What it had to reach to be shown; 0 where it was asked for."""
    guided_by: tuple[str, ...] = ()
    """Who knew which names exist there: index, server; none where nobody did."""
    late: tuple[str, ...] = ()
    """Who was asked for them and did not answer in time."""
    unknown_names: tuple[str, ...] = ()
    """Names of what the model said that exist nowhere, as far as is known."""
    features: ConfidenceFeatures | None = None
    """What the confidence was reckoned from; None where nothing was left to judge."""
