"""The rules that an answer must pass before it is offered: one a file, in the order they are applied. A rule changes nothing."""

from collections.abc import Callable

import msgspec

from interfix.commands.edit_hunks import Hunk
from interfix.commands.selection import Selection


class EditProposal(msgspec.Struct, frozen=True):
    """An answer put in its place."""

    before: Selection
    """What was asked about, in the document as it is."""
    after: Selection
    """What stands there with the answer, in the document as it would be."""
    hunks: tuple[Hunk, ...]
    """The changes of the document, imports included."""
    instruction: str = ""
    """What the user asked for."""
    container: str = ""
    """The definition that is to go on with what was added behind it; empty: none."""


class RuleResult(msgspec.Struct, frozen=True):
    """What a rule finds."""

    fault: str = ""
    """Why the answer cannot be used, as a clause that the model and the user can read; empty where it can."""
    check: str = ""
    """What was found to hold, in a word or two."""
    note: str = ""
    """A sentence that the user should read."""


Rule = Callable[[EditProposal], RuleResult]
