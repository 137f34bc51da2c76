"""The slots of one context, one a document: what was decoded for its last request need not be decoded for the next."""

from interfix.engine.runtime import Context
from interfix.engine.slot import Slot
from interfix.errors import BadUsage


class Slots:
    """Hands slots out by document; the one that was used longest ago goes first."""

    def __init__(self, context: Context, count: int) -> None:
        """`context` has one sequence more than `count`: the slots share it to park cells in."""
        self.context = context
        """The cache that the slots divide."""
        self._by_age = [Slot(context, sequence, parking=count) for sequence in range(count)]

    def take(self, document: str, tokens_needed: int) -> Slot:
        """The slot for a document, with room for so many tokens in all. Raises `BadUsage` where no cache could hold them."""
        if tokens_needed > self.context.tokens:
            raise BadUsage(
                f"This needs {tokens_needed} tokens and the context window has {self.context.tokens}. "
                "Select less, or raise engine.context_tokens."
            )
        slot = next((slot for slot in self._by_age if slot.document == document), self._by_age[0])
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
