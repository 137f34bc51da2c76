"""States of a recurrent or hybrid model, saved at two positions of a prompt, so that the tokens behind them can be decoded again.

Such a model holds one state for all it has read. It can neither be cut nor moved, so what a keystroke changes would cost the whole
prompt. In llama.cpp several sequences may share a state, and the one that decodes first gets a copy of its own: a checkpoint is a
sequence that is not decoded, costs nothing to take and nothing to go back to.

The near checkpoint stands a few tokens before the prefix's end, for typing changes the last token or two, and deleting some more.
The far one stands where a step of the prefix has ended farther back, for what goes beyond that. States take tens of megabytes, so
there are no more.
"""

from collections.abc import Sequence

from interfix.engine.llama_runtime import LlamaContext

NEAR_DISTANCE_TOKENS = 8
"""How far before the prefix's end, or that of a prompt without a suffix, the near checkpoint is."""
MIN_FAR_DISTANCE_TOKENS = 64
"""The far checkpoint is at least so far behind the near one."""
MAX_FAR_DISTANCE_TOKENS = 320
"""A far checkpoint farther behind the near one than this makes way for another."""


class StateCheckpoints:
    """Two sequences beside the one that is decoded, and which tokens each has read."""

    def __init__(self, context: LlamaContext, main: int, near: int, far: int) -> None:
        """`main` is the sequence that is decoded, `near` and `far` those to keep its states in; all are empty."""
        self._context = context
        self._main, self._near, self._far = main, near, far
        self._tokens: dict[int, list[int]] = {near: [], far: []}

    def find_prefix(self, tokens: Sequence[int]) -> int:
        """How many of these tokens a checkpoint has read, and no others; the last token is not one of them."""
        return max(len(read) for read in ([], *self._tokens.values()) if len(read) < len(tokens) and read == [*tokens[: len(read)]])

    def restore(self, length: int) -> list[int]:
        """Go back to the longest checkpoint of at most so many tokens; returns what the main sequence, now empty, has read then."""
        fitting = [sequence for sequence, read in self._tokens.items() if 0 < len(read) <= length]
        if not fitting:
            return []
        best = max(fitting, key=lambda sequence: len(self._tokens[sequence]))
        self._context.copy_range(best, self._main, 0, len(self._tokens[best]))
        return list(self._tokens[best])

    def save(self, read: Sequence[int]) -> None:
        """Make the main sequence's state, which has read these tokens, the near checkpoint."""
        near, far = len(self._tokens[self._near]), len(self._tokens[self._far])
        if 0 < near <= len(read) - MIN_FAR_DISTANCE_TOKENS and far < len(read) - MAX_FAR_DISTANCE_TOKENS:
            self._put(self._near, self._far, self._tokens[self._near])
        self._put(self._main, self._near, read)

    def prune(self, tokens: Sequence[int]) -> None:
        """Forget the checkpoints that have read anything but the beginning of these tokens."""
        for sequence, read in self._tokens.items():
            if read != [*tokens[: len(read)]]:
                self._forget(sequence)

    def clear(self) -> None:
        """Forget both."""
        for sequence in self._tokens:
            self._forget(sequence)

    def _put(self, source: int, target: int, read: Sequence[int]) -> None:
        self._forget(target)
        self._context.copy_range(source, target, 0, len(read))
        self._tokens[target] = list(read)

    def _forget(self, sequence: int) -> None:
        if self._tokens[sequence]:
            self._context.truncate(sequence, 0)
            self._tokens[sequence] = []
