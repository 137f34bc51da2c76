"""What became of a suggestion, read off the edits that followed. Pure: it knows what was shown and what the text is now."""

from enum import StrEnum

import msgspec

from interfix.completion.place import AUTO_CLOSED, Place
from interfix.syntax.document import Snapshot

_MORE = 200
"""Bytes that may have been typed beyond a suggestion before its end is lost."""


class Fate(StrEnum):
    """How it ended."""

    OPEN = "open"
    """Not yet: nothing has happened, or what was typed agrees."""
    ACCEPTED = "accepted"
    """All of it is in the text."""
    PARTLY = "partly"
    """Some of it was taken, then the user went another way."""
    DISMISSED = "dismissed"
    """None of it was taken."""


class Outcome(msgspec.Struct, frozen=True):
    """How a suggestion stands after an edit."""

    fate: Fate
    """How it ended, if it has."""
    taken: int
    """Characters of it that came into the text without being typed."""
    have: int
    """Characters of it that are in the text, typed or taken, from its beginning on."""


UNTOUCHED = Outcome(Fate.OPEN, 0, 0)


def after_edit(place: Place, text: str, before: Outcome, snapshot: Snapshot) -> Outcome:
    """How a suggestion of `text` at `place` stands now that the document is `snapshot`; `before` is how it stood before.

    More than one character at once was not typed, unless it is white space, which an editor puts before a line by itself.
    """
    whole = text.encode()
    inserted = place.inserted(snapshot, len(whole) + _MORE)
    if inserted is None:
        return msgspec.structs.replace(before, fate=_given_up(before.taken))
    have = len(_common(whole, inserted).decode(errors="ignore"))
    new = text[before.have : have]
    taken = before.taken + (len(new) if len(new) > 1 and new.strip() else 0)
    taken = min(taken, have)
    if have == len(text):
        return Outcome(Fate.ACCEPTED, taken, have)
    beyond = inserted[len(text[:have].encode()) :]
    open_still = not beyond.strip(AUTO_CLOSED.encode())
    return Outcome(Fate.OPEN if open_still else _given_up(taken), taken, have)


def given_up(before: Outcome) -> Outcome:
    """How it stands where another suggestion was shown instead, or the document closed."""
    return msgspec.structs.replace(before, fate=_given_up(before.taken))


def _given_up(taken: int) -> Fate:
    return Fate.PARTLY if taken else Fate.DISMISSED


def _common(one: bytes, other: bytes) -> bytes:
    length = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]
