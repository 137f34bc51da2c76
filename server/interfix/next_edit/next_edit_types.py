"""A next edit, as it is offered and as finders propose it."""

import msgspec

from interfix.syntax.document import Snapshot


class Replacement(msgspec.Struct, frozen=True):
    """Bytes of one document that are to be replaced."""

    start: int
    """Byte offset of the first of them."""
    end: int
    """Byte offset behind the last of them."""
    text: bytes
    """What is to stand there."""


class NextEdit(msgspec.Struct, frozen=True):
    """What an editor is offered."""

    id: str
    """By which the user's reaction is told."""
    snapshot: Snapshot
    """The document; not always the one that was asked about."""
    start: int
    """Byte offset of the first replaced byte."""
    end: int
    """Byte offset behind the last replaced byte."""
    text: str
    """What is to stand there."""
    finder: str
    """Which rule found it."""
    label: str
    """What it does, in one line for people."""
    certainty: float
    """The probability that it is right, 0 to 1."""
