"""Looks ahead for the likeliest whole name where a guide refuses what a model would write.

Token by token the likeliest beginning that is left may lead to unlikely names only: `Metadata` of `MetadataPathFinder`, where
`PackageNotFoundError` is likelier as a whole. So names are compared whole, the likeliest beginning read on first, as in A*: no name
is likelier than its beginning.
"""

import heapq
import math
from collections.abc import Callable, Generator, Sequence
from itertools import count

import msgspec
import numpy as np
import numpy.typing as npt

from interfix.engine.guided_text import GuidedText, TextState
from interfix.engine.kv_slot import KvSlot
from interfix.engine.member_chain import NAME_BYTES
from interfix.engine.sampling import SampledToken, rank_tokens

NAME_STARTS = frozenset(bytes((byte,)) for byte in NAME_BYTES)
MAX_NAME_TOKENS = 8
"""A longer name is not looked for."""
MAX_DECODES = 8
"""So many beginnings of names are read, at most."""
MAX_JUDGED = 60
"""So many of the likeliest tokens are looked at behind each."""
MAX_BRANCHES = 8
"""So many of them are kept."""


class NamePath(msgspec.Struct, frozen=True):
    """The beginning of a name, or a whole one."""

    tokens: tuple[SampledToken, ...]
    """What is written of it."""
    state: TextState
    """How far the text is read behind it."""
    score: float
    """Natural logarithm of its probability, less what the guide has it cost."""
    is_whole: bool = False
    """Its last token ends the name."""


class NameLookahead:
    """Compares names for one answer, in the slot that it is written in."""

    def __init__(self, slot: KvSlot, text: GuidedText, token_to_piece: Callable[[int], bytes], ends: Callable[[int], bool]) -> None:
        self._slot = slot
        self._text = text
        self._token_to_piece = token_to_piece
        self._ends = ends

    def find(self, state: TextState, logits: npt.NDArray[np.float32], length: int) -> Generator[None, None, Sequence[SampledToken]]:
        """The tokens of the likeliest name, which are then decoded in place of the last `length`; none, and nothing is done, where
        no beginning is allowed.

        `state` is where the name begins, `logits` what the model said there. Yields None behind each decode.
        """
        order = count()
        begin = NamePath((), state, 0.0)
        heap = [(-path.score, next(order), path) for path in self._list_branches(begin, logits)]
        if not heap:
            return ()
        heapq.heapify(heap)
        self._slot.drop_last(length)
        best = NamePath((), state, -math.inf)
        shown: tuple[int, ...] = ()  # behind the slot's end
        decodes = 0
        while heap and decodes < MAX_DECODES:
            _, _, path = heapq.heappop(heap)
            if path.score <= best.score:
                break
            if path.is_whole:
                best = path
                continue
            shown = self._show(shown, path)
            decodes += 1
            yield None
            logits = self._slot.context.read_logits()
            if (whole := path.score + self._weigh_end(path.state, logits)) > best.score:
                best = msgspec.structs.replace(path, score=whole)
            for branch in self._list_branches(path, logits):
                heapq.heappush(heap, (-branch.score, next(order), branch))
        if not best.tokens and heap:
            best = heap[0][2]
        if shown != tuple(each.token for each in best.tokens):
            self._show(shown, best)
            yield None
        return best.tokens

    def _show(self, shown: tuple[int, ...], path: NamePath) -> tuple[int, ...]:
        """Decode a path in another's place."""
        self._slot.drop_last(len(shown))
        tokens = tuple(each.token for each in path.tokens)
        self._slot.append(tokens)
        return tokens

    def _list_branches(self, path: NamePath, logits: npt.NDArray[np.float32]) -> list[NamePath]:
        """The likeliest ways on that name something, the likeliest first."""
        found: list[NamePath] = []
        if len(path.tokens) >= MAX_NAME_TOKENS:
            return found
        for each in rank_tokens(logits, MAX_JUDGED):
            piece = self._token_to_piece(each.token)
            if self._ends(each.token) or (path.state.tiers and piece[:1] not in NAME_STARTS):
                continue
            state, cost = self._text.read(path.state, piece)
            if cost < math.inf:
                is_whole = not state.tiers or (bool(path.state.tiers) and state.line != path.state.line)
                found.append(NamePath((*path.tokens, each), state, path.score + each.logprob - cost, is_whole))
        return sorted(found, key=lambda branch: -branch.score)[:MAX_BRANCHES]

    def _weigh_end(self, state: TextState, logits: npt.NDArray[np.float32]) -> float:
        """The logarithm of the probability that a name ends here, less what that costs."""
        total = 0.0
        for each in rank_tokens(logits, MAX_JUDGED):
            piece = self._token_to_piece(each.token)
            if self._ends(each.token):
                total += 0.0 if state.is_open else math.exp(each.logprob)
            elif piece[:1] not in NAME_STARTS:
                total += math.exp(each.logprob - self._text.read(state, piece)[1])
        return math.log(total) if total else -math.inf
