"""A next edit that may be right, and what speaks for it."""

import msgspec

from interfix.next_edit.next_edit_types import Replacement


class Candidate(msgspec.Struct, frozen=True):
    """What a finder has found: a change of one line or of several, to be weighed."""

    finder: str
    """Who found it."""
    kind: str
    """Which table of weights judges it."""
    line: int
    """Zero-based, the first line that changes, or before which lines are inserted."""
    end_line: int
    """Behind the last of them."""
    replacements: tuple[Replacement, ...]
    """What changes, from left to right."""
    evidence: dict[str, float]
    """By name; each is of the order of one."""
    label: str = ""
    """What it does, for people."""
    number: int = 0
    """The number of the newest edit that it follows from."""
    goes_on: bool = False
    """Whether the user has taken the same change at another place."""
