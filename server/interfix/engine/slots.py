"""The slots of one context, one a document: what was decoded for its last request need not be decoded for the next."""

from interfix.engine.runtime import Context
from interfix.engine.slot import Slot
from interfix.errors import BadUsage

EXTRA_SEQUENCES = 2
"""Sequences of the context beside one a slot."""


class Slots:
    """Hands slots out by document; the one that was used longest ago goes first."""

    def __init__(self, context: Context, count: int) -> None:
        """`context` has `EXTRA_SEQUENCES` more than `count`: one to park cells in, one spare."""
        self.context = context
        """The cache that the slots divide."""
        self.spare = count + 1
        """A sequence that no slot uses between two of its steps."""
        self._by_age = [Slot(context, sequence, parking=count) for sequence in range(count)]

    def take(self, document: str, tokens_needed: int) -> Slot:
        """The slot for a document, with room for so many tokens in all. Raises `BadUsage` where no cache could hold them."""
        if tokens_needed > self.context.tokens:
            raise BadUsage(
                f"This needs {tokens_needed} tokens and the context window has {self.context.tokens}. "
                "Select less, or raise engine.context_tokens."
            )
        slot = self.find(document) or self._by_age[0]
        if slot.document != document:
            slot.clear()
            slot.document = document
        self._by_age.remove(slot)
        others = sum(other.cells() for other in self._by_age)
        for other in self._by_age:
            if others + tokens_needed <= self.context.tokens:
                break
            others -= other.cells()
            other.clear()
        self._by_age.append(slot)
        return slot

    def find(self, document: str) -> Slot | None:
        """The slot that holds a document now, if one does."""
        return next((slot for slot in self._by_age if slot.document == document), None)

    def room(self) -> int:
        """Cells of the cache that no slot takes."""
        return self.context.tokens - sum(slot.cells() for slot in self._by_age)
