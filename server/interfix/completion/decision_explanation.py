"""A decision in words for the user: whether a suggestion is shown, why, and what would change that."""

from collections.abc import Sequence

import msgspec

from interfix.completion.decision_record import DisplayDecision, SilenceReason

EXPLAINED_RULES = {
    "loop": "repeats itself",
    "prompt_echo": "repeats lines above the cursor",
    "wrong_language": "goes over to another language",
    "fence": "leaves the code for a Markdown fence",
    "file_marker": "begins another file",
    "prose": "talks about the code",
    "suffix": "goes on with what stands below the cursor already",
    "drop_masked_values": "holds the stand-in of a masked secret",
    "trim_word_overlap": "repeats the word at the cursor",
    "trim_lines_below_overlap": "repeats the lines below the cursor",
    "trim_cursor_line_overlap": "repeats what stands right of the cursor",
    "balance_brackets": "closes only what is closed already",
    "trim_repeated_lines": "repeats its own lines",
    "drop_adjacent_lines": "repeats a line next to the cursor",
    "drop_redundant_comments": "only comments on what the code says",
    "parse_gate": "would break the file's syntax",
}
"""What a text does that a rule hides, by the rule's name."""
_SOURCES = {"index": "the workspace", "server": "the language server"}
"""Sources of names, as a user knows them."""
_DOUBTS = {
    "mean": "it wavers between words all along the line",
    "least": "it wavers at one word most of all",
    "begin": "it wavers at the very first word",
    "length": "the line is long",
    "closed": "the line has to meet what stands right of the cursor",
    "guided": "it would rather have named members that do not exist",
    "unknown": "it names what is not known here",
}
"""What makes a model less sure, by the name of the feature."""

_NEXT_START = "Ask for a suggestion to have it begin with its next best word."


class DecisionExplanation(msgspec.Struct, frozen=True):
    """What a user reads of a decision."""

    summary: str
    """In one line, whether a suggestion is shown and why."""
    change: str
    """What would change that; empty where something is shown."""


def explain_decision(decision: DisplayDecision) -> DecisionExplanation:
    """The decision in words, and who told which names exist."""
    explained = _explain_reason(decision)
    return msgspec.structs.replace(explained, summary=explained.summary + _tell_sources(decision))


def _explain_reason(decision: DisplayDecision) -> DecisionExplanation:
    sure, needed = f"{decision.confidence:.0%}", f"{decision.threshold:.0%}"
    match decision.reason:
        case SilenceReason.NONE if decision.threshold:
            return DecisionExplanation(f"Shown: the model is {sure} sure, {needed} is needed.", "")
        case SilenceReason.NONE:
            return DecisionExplanation(f"Shown because you asked; the model is {sure} sure.", "")
        case SilenceReason.UNSURE:
            change = f"Ask for a suggestion to see it. A completion.threshold below {sure} shows it unasked."
            summary = f"Not shown: the model is {sure} sure, {needed} is needed{_explain_doubts(decision.doubts)}."
            unknown = f" It names {', '.join(decision.unknown_names)}, which is not known here." if decision.unknown_names else ""
            return DecisionExplanation(summary + unknown, change)
        case SilenceReason.NOTHING_LEFT if not decision.said.strip():
            return DecisionExplanation(
                "Nothing to show: the model has nothing to add here.",
                "Ask for a suggestion to have it begin with its next best word.",
            )
        case SilenceReason.NOTHING_LEFT:
            rule = EXPLAINED_RULES.get(decision.hidden_by) or EXPLAINED_RULES.get(decision.ended_by) or "is only white space"
            return DecisionExplanation(f"Not shown: what the model says {rule}.", _NEXT_START)
        case SilenceReason.BAD_PLACE:
            change = "Ask for a suggestion to get one here all the same."
            return DecisionExplanation("Nothing was computed: the cursor is in a word or before much code.", change)
        case SilenceReason.SWITCHED_OFF:
            return DecisionExplanation(
                "Nothing was computed: suggestions are switched off.", "Set completion.enabled, or ask for one."
            )
        case SilenceReason.LANGUAGE_OFF:
            return DecisionExplanation(
                "Nothing was computed: completion.not_in names this language.", "Take it out of completion.not_in, or ask for one."
            )
        case SilenceReason.LIST_ENTRY:
            return DecisionExplanation(
                "Not shown: the entry selected in the completion list is another text.", "Close the list, and it is shown."
            )
        case SilenceReason.FAILED:
            return DecisionExplanation(f"Nothing was computed: {decision.silent}", "The status of Interfix says more.")


def _tell_sources(decision: DisplayDecision) -> str:
    """Who knew names, and who was too late."""
    sources = " and ".join(_SOURCES.get(each, each) for each in decision.guided_by)
    late = " and ".join(_SOURCES.get(each, each) for each in decision.late)
    sentence = f" {sources[0].upper()}{sources[1:]} told which names exist." if sources else ""
    return sentence + (f" {late[0].upper()}{late[1:]} came too late to tell which names exist; ask again." if late else "")


def _explain_doubts(doubts: Sequence[str]) -> str:
    return f": {', and '.join(_DOUBTS[name] for name in doubts)}" if doubts else ""
