"""The slots of one role, one a document: what was decoded for its last request need not be decoded for the next.

Each has a KV cache of its own. In a common one every document's attention would run over the cells of all of them, and moving one
document's suffix would rotate everybody's.
"""

import logging
from collections.abc import Callable

from interfix.engine.pace import Pace
from interfix.engine.runtime import Context
from interfix.engine.slot import Slot
from interfix.errors import BadUsage, Unavailable

log = logging.getLogger(__name__)


class Slots:
    """Hands slots out by document; the one that was used longest ago goes first."""

    def __init__(
        self, make: Callable[[], Context], tokens: int, count: int, pace: Pace | None = None, remedy: str = "Select less."
    ) -> None:
        """At most `count` caches of `tokens` cells; `make` makes one when it is needed, with the sequences that a slot needs.

        `pace` hears how long prompts take; `remedy` says what to do where something does not fit: a sentence.
        """
        self.tokens = tokens
        """Cells of each cache."""
        self._make = make
        self._pace = pace
        self._remedy = remedy
        self._count = count
        self._by_age: list[Slot] = []

    def take(self, document: str, tokens_needed: int) -> Slot:
        """The slot for a document, with room for so many tokens in all.

        Raises `BadUsage` where no cache could hold them, `Unavailable` where memory does not allow a single one.
        """
        if tokens_needed > self.tokens:
            raise BadUsage(f"This needs {tokens_needed} tokens and the context window has {self.tokens}. {self._remedy}")
        slot = self.find(document) or self._new() or self._by_age[0]
        if slot.document != document:
            slot.clear()
            slot.document = document
        if slot in self._by_age:
            self._by_age.remove(slot)
        self._by_age.append(slot)
        return slot

    def find(self, document: str) -> Slot | None:
        """The slot that holds a document now, if one does."""
        return next((slot for slot in self._by_age if slot.document == document), None)

    @property
    def can_shift(self) -> bool:
        """Whether the caches made so far can move what they hold."""
        return all(slot.context.can_shift for slot in self._by_age)

    def close(self) -> None:
        """Free the caches."""
        for slot in self._by_age:
            slot.context.close()
        self._by_age.clear()

    def _new(self) -> Slot | None:
        """One slot more, if there may be one and memory allows it or there is none yet."""
        if len(self._by_age) >= self._count:
            return None
        try:
            return Slot(self._make(), self._pace)
        except Unavailable as problem:
            if not self._by_age:
                raise
            log.warning("%s The document used longest ago makes room.", problem)
            self._count = len(self._by_age)
            return None
