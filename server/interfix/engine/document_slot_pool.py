"""The slots of one role, one a document: what was decoded for its last request need not be decoded for the next.

Each has a KV cache of its own. In a common one every document's attention would run over the cells of all of them, and moving one
document's suffix would rotate everybody's.
"""

import logging
import time
from collections.abc import Callable

from interfix.engine.kv_slot import KvSlot, SlotKey
from interfix.engine.llama_runtime import LlamaContext
from interfix.engine.prefill_speed import PrefillSpeed
from interfix.errors import UnavailableError, UsageError

log = logging.getLogger(__name__)

RETRY_SECONDS = 60
"""So long after memory did not allow a cache none is tried again: other programs may have given theirs back by then."""


class KvSlotPool:
    """Hands slots out by document; the one that was used longest ago goes first."""

    def __init__(
        self,
        create_context: Callable[[], LlamaContext],
        tokens: int,
        max_slots: int,
        prefill_speed: PrefillSpeed | None = None,
        remedy: str = "Select less.",
    ) -> None:
        """At most `max_slots` caches of `tokens` cells; `create_context` makes one when it is needed, with the sequences that a
        slot needs.

        `prefill_speed` hears how long prompts take; `remedy` says what to do where something does not fit: a sentence.
        """
        self.tokens = tokens
        """Cells of each cache."""
        self._create_context = create_context
        self._prefill_speed = prefill_speed
        self._remedy = remedy
        self._max_slots = max_slots
        self._clock = time.monotonic
        self._retry_at = 0.0
        self._by_age: list[KvSlot] = []

    def acquire(self, key: SlotKey, tokens_needed: int, held: KvSlot | None = None) -> KvSlot:
        """The slot for a prompt, with room for so many tokens in all; `held` where `find` has just found it.

        Raises `UsageError` where no cache could hold them, `UnavailableError` where memory does not allow a single one.
        """
        if tokens_needed > self.tokens:
            raise UsageError(f"This needs {tokens_needed} tokens and the context has {self.tokens}. {self._remedy}")
        slot = held or self.find(key) or self._find_free() or self._add_slot() or self._by_age[0]
        slot.is_ahead = False
        self._assign(slot, key)
        self._by_age.append(slot)
        return slot

    def acquire_ahead(self, key: SlotKey, tokens_needed: int, held: KvSlot | None = None) -> KvSlot | None:
        """The same for a prompt that nobody has asked for; None where every slot is somebody's.

        The first to make room for others are the slots of such prompts; one that was asked for since is like any other.
        """
        read_ahead = [slot for slot in self._by_age if slot.is_ahead]
        slot = held or self.find(key)
        if slot is None and tokens_needed <= self.tokens:
            slot = self._find_free() or self._add_slot()
        if slot is not None and slot.key == key and not slot.is_ahead:
            return slot
        if slot is None and not read_ahead:
            return None
        slot = slot or read_ahead[0]
        slot.is_ahead = True
        self._assign(slot, key)
        self._by_age.insert(sum(each.is_ahead for each in self._by_age), slot)
        return slot

    def find(self, key: SlotKey) -> KvSlot | None:
        """The slot that holds a prompt now, if one does."""
        return next((slot for slot in self._by_age if slot.key == key), None)

    @property
    def can_shift(self) -> bool:
        """Whether the caches made so far can move what they hold."""
        return all(slot.context.can_shift for slot in self._by_age)

    def close(self) -> None:
        """Free the caches."""
        for slot in self._by_age:
            slot.context.close()
        self._by_age.clear()

    def _find_free(self) -> KvSlot | None:
        """A slot that holds nothing any more."""
        return next((slot for slot in self._by_age if slot.key is None), None)

    def _assign(self, slot: KvSlot, key: SlotKey) -> None:
        """Have the slot hold this prompt and no other; it has no age meanwhile."""
        if slot.key != key:
            slot.clear()
            slot.key = key
        if slot in self._by_age:
            self._by_age.remove(slot)

    def _add_slot(self) -> KvSlot | None:
        """One slot more, if there may be one and memory allows it or there is none yet."""
        if len(self._by_age) >= self._max_slots or (self._by_age and self._clock() < self._retry_at):
            return None
        try:
            return KvSlot(self._create_context(), self._prefill_speed)
        except UnavailableError as problem:
            if not self._by_age:
                raise
            log.warning("%s The document used longest ago makes room.", problem)
            self._retry_at = self._clock() + RETRY_SECONDS
            return None
