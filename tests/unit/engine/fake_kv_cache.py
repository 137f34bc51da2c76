"""A KV cache for tests: holds which token stands at which position of which sequence, and refuses what llama.cpp refuses."""

from collections.abc import Sequence
from itertools import pairwise

from interfix.engine.llama_runtime import DecodeAborted, DecodeInterrupted

HALF_READ = -7
"""What an aborted decode leaves behind of a state: some layers have read the tokens and some have not."""


class FakeKvCache:
    """Implements what a slot needs of `LlamaContext`."""

    def __init__(
        self, tokens: int = 4096, *, can_truncate_partly: bool = True, can_truncate: bool = True, can_shift: bool = True
    ) -> None:
        """`can_truncate_partly` is whether it can be cut, `can_truncate` whether it says so."""
        self.tokens = tokens
        self.can_truncate = can_truncate
        self.can_shift = can_shift
        self.sequences: dict[int, dict[int, int]] = {}
        self.decoded_count = 0
        self.abort_after: int | None = None
        """Tokens after which the next decode is aborted."""
        self.pending_interrupts = 0
        """So many decodes to come are interrupted before their first token is done."""
        self.can_truncate_partly = can_truncate_partly

    def decode(
        self,
        tokens: Sequence[int],
        position: int,
        sequence: int,
        *,
        all_logits: bool = False,  # noqa: ARG002
        interruptible: bool = False,
    ) -> None:
        assert position == self.find_end(sequence), "a sequence is decoded only behind its last position"
        if interruptible and self.pending_interrupts:
            self.pending_interrupts -= 1
            raise DecodeInterrupted
        for i, token in enumerate(tokens):
            if self.abort_after is not None and i >= self.abort_after:
                self.abort_after = None
                if not self.can_truncate_partly:
                    self.sequences.setdefault(sequence, {})[position + len(tokens)] = HALF_READ
                raise DecodeAborted
            self.sequences.setdefault(sequence, {})[position + i] = token
            self.decoded_count += 1

    def truncate(self, sequence: int, position: int) -> int:
        held = self.sequences.get(sequence, {})
        start = position if self.can_truncate_partly or position >= self.find_end(sequence) else 0
        self.sequences[sequence] = {at: token for at, token in held.items() if at < start}
        return start

    def copy_range(self, source: int, target: int, start: int, end: int) -> None:
        if not self.can_truncate:
            assert (start, end) == (0, self.find_end(source)), "a state is copied as a whole"
            assert not self.find_end(target)
        moved = {at: token for at, token in self.sequences.get(source, {}).items() if start <= at < end}
        self.sequences.setdefault(target, {}).update(moved)

    def shift_range(self, sequence: int, start: int, end: int, by: int) -> None:
        assert self.can_shift
        held = self.sequences.get(sequence, {})
        self.sequences[sequence] = {at + by if start <= at < end else at: token for at, token in held.items()}

    def find_end(self, sequence: int) -> int:
        return max(self.sequences.get(sequence, {}), default=-1) + 1

    def read_tokens(self, sequence: int) -> list[int]:
        """The tokens of a sequence in the order of their positions."""
        return [token for _, token in sorted(self.sequences.get(sequence, {}).items())]

    def find_widest_gap(self, sequence: int) -> int:
        """Most free positions between two tokens of a sequence."""
        positions = sorted(self.sequences.get(sequence, {}))
        return max((after - before - 1 for before, after in pairwise(positions)), default=0)
