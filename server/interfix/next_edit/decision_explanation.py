"""What became of a request for a next edit: what was looked at, how certain it was, and what stood against it."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from interfix.next_edit.gate import Obstacle
from interfix.next_edit.ranking import RankedEdit
from interfix.syntax.document import Snapshot

MAX_CONSIDERED = 6
"""Most edits of one request that are explained, in the order in which they were weighed."""
MAX_LABEL_CHARACTERS = 80
"""Longest label of an edit."""


class EditSilence(StrEnum):
    """Why no edit was looked for."""

    NONE = ""
    SWITCHED_OFF = "switched_off"
    LANGUAGE_OFF = "language_off"
    SNOOZED = "snoozed"
    NO_EDITS = "no_edits"
    TOO_LARGE = "too_large"


class ConsideredEdit(msgspec.Struct, frozen=True):
    """An edit that was weighed."""

    finder: str
    """Which rule found it; `model`: a model."""
    label: str
    """What it does, in one line."""
    line: int
    """Zero-based line at which it begins."""
    certainty: float
    """The probability that it is right, 0 to 1."""
    evidence: dict[str, float]
    """What spoke for and against it, by name, as weighed; what is 0 is left out."""
    obstacle: Obstacle
    """Why it is not shown; none: it is."""


class EditDecision(msgspec.Struct, frozen=True):
    """What became of the last request of a document."""

    threshold: float
    """The certainty that was needed, 0 to 1."""
    considered: tuple[ConsideredEdit, ...] = ()
    """What was weighed, the likeliest first, up to the one that is shown."""
    silence: EditSilence = EditSilence.NONE
    """Why nothing was looked for."""


class EditExplanation(msgspec.Struct, frozen=True):
    """What a user reads of a decision."""

    summary: str
    """In one line, whether an edit is shown and why."""
    change: str
    """What would change that; empty where one is shown."""


def describe_edit(snapshot: Snapshot, ranked: RankedEdit, obstacle: Obstacle) -> ConsideredEdit:
    """A weighed edit and what stands against it."""
    first = ranked.parts[0].candidate
    evidence = {name: round(value, 3) for name, value in {**first.evidence, **ranked.evidence}.items() if value}
    label, line = " ".join(first.label.split())[:MAX_LABEL_CHARACTERS], snapshot.lines.find_line(ranked.replacement.start)
    return ConsideredEdit(first.finder, label, line, round(ranked.certainty, 3), evidence, obstacle)


_SILENCES = {
    EditSilence.SWITCHED_OFF: ("next edits are switched off", "Set next_edit.enabled, or ask for one."),
    EditSilence.LANGUAGE_OFF: (
        "next_edit.not_in names this language",
        "Take it out of next_edit.not_in, or ask for one.",
    ),
    EditSilence.SNOOZED: ("next edits are paused", "Wait until the pause is over, or ask for one."),
    EditSilence.NO_EDITS: ("nothing was edited yet", "Change something first: next edits follow from what you change."),
    EditSilence.TOO_LARGE: ("the file is too large", ""),
}
_OBSTACLES = {
    Obstacle.AT_CURSOR: ("is where you are typing", "Move the cursor elsewhere, or ask for a next edit."),
    Obstacle.UNDOES: ("would undo your own change", ""),
    Obstacle.BREAKS_PARSE: ("would break the file's syntax", ""),
    Obstacle.REFUSED: ("was refused before", "Make the edit it follows from anew, and it is offered again."),
}


def explain_edit_decision(decision: EditDecision) -> EditExplanation:
    """The decision in words."""
    if decision.silence:
        reason, change = _SILENCES[decision.silence]
        return EditExplanation(f"No next edit was looked for: {reason}.", change)
    needed = f"{decision.threshold:.0%}"
    offered = next((each for each in decision.considered if not each.obstacle), None)
    if offered is not None:
        sure = f"{offered.certainty:.0%} certain, {needed} is needed"
        return EditExplanation(f"The next edit is “{offered.label}” in line {offered.line + 1}, by {offered.finder}: {sure}.", "")
    if not decision.considered:
        return EditExplanation("No next edit: nothing follows from the last edits.", "")
    return _explain_silence(decision.considered, decision.threshold)


def _explain_silence(considered: Sequence[ConsideredEdit], threshold: float) -> EditExplanation:
    """What held back the likeliest edit, one that the gate stopped before one that was not certain enough."""
    held = next((each for each in considered if each.obstacle is not Obstacle.UNSURE), considered[0])
    what = f"“{held.label}” in line {held.line + 1}, by {held.finder},"
    if held.obstacle is Obstacle.UNSURE:
        change = f"Ask for a next edit to see what is likely. A next_edit.threshold below {held.certainty:.0%} shows it unasked."
        return EditExplanation(f"No next edit: {what} is {held.certainty:.0%} certain, {threshold:.0%} is needed.", change)
    reason, change = _OBSTACLES[held.obstacle]
    return EditExplanation(f"No next edit: {what} {reason}.", change)
