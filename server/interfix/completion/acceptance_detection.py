"""Detects from the edits after a suggestion whether it was accepted."""

from enum import StrEnum

import msgspec

from interfix.completion.text_anchor import AUTO_CLOSERS, TextAnchor
from interfix.syntax.document import Snapshot

_MAX_BYTES_BEYOND = 200
"""Bytes that may have been typed beyond a suggestion before its end is lost."""


class AcceptanceState(StrEnum):
    """How it ended."""

    OPEN = "open"
    """Not yet: nothing has happened, or what was typed agrees."""
    ACCEPTED = "accepted"
    """All of it is in the text."""
    PARTIAL = "partly"
    """Some of it was taken, then the user went another way."""
    DISMISSED = "dismissed"
    """None of it was taken: the user went another way there."""
    IGNORED = "ignored"
    """None of it was taken: the user went on elsewhere."""


class Acceptance(msgspec.Struct, frozen=True):
    """How a suggestion stands after an edit."""

    state: AcceptanceState
    """How it ended, if it has."""
    inserted_characters: int
    """Characters of it that came into the text without being typed."""
    present_characters: int
    """Characters of it that are in the text, typed or taken, from its beginning on."""


UNDECIDED = Acceptance(AcceptanceState.OPEN, 0, 0)


def update_acceptance(
    anchor: TextAnchor, text: str, previous: Acceptance, snapshot: Snapshot, *, entry_characters: int = 0
) -> Acceptance:
    """How a suggestion of `text` at `anchor` stands now that the document is `snapshot`; `previous` is how it stood before.

    More than one character at once was not typed, unless it is white space, which an editor puts before a line by itself. The first
    `entry_characters` of the text are the editor's completion list's.
    """
    whole = text.encode()
    inserted = anchor.find_inserted(snapshot)
    if inserted is None or len(inserted) > len(whole) + _MAX_BYTES_BEYOND:
        return msgspec.structs.replace(previous, state=_get_abandoned_state(previous.inserted_characters))
    have = len(_get_common_prefix(whole, inserted).decode(errors="ignore"))
    new = text[max(previous.present_characters, entry_characters) : have]
    taken = previous.inserted_characters + (len(new) if len(new) > 1 and new.strip() else 0)
    taken = min(taken, have)
    if have == len(text):
        return Acceptance(AcceptanceState.ACCEPTED, taken, have)
    beyond = inserted[len(text[:have].encode()) :]
    open_still = not beyond.strip(AUTO_CLOSERS.encode())
    return Acceptance(AcceptanceState.OPEN if open_still else _get_abandoned_state(taken), taken, have)


def abandon(previous: Acceptance) -> Acceptance:
    """How it stands where another suggestion was shown instead, or the document closed."""
    state = AcceptanceState.PARTIAL if previous.inserted_characters else AcceptanceState.IGNORED
    return msgspec.structs.replace(previous, state=state)


def _get_abandoned_state(inserted_characters: int) -> AcceptanceState:
    return AcceptanceState.PARTIAL if inserted_characters else AcceptanceState.DISMISSED


def _get_common_prefix(one: bytes, other: bytes) -> bytes:
    length = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]
