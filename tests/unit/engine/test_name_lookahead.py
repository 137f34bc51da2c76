"""What is looked ahead for is the likeliest whole name, and afterwards the slot holds it."""

import math
from collections.abc import Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.engine import name_lookahead
from interfix.engine.guided_text import GuidedText
from interfix.engine.kv_slot import KvSlot
from interfix.engine.name_lookahead import NameLookahead
from interfix.engine.sampling import compute_log_total
from interfix.guided_decoding_names import KnownType, NameGuide

PIECES = (b"<end>", *(bytes((byte,)) for byte in b"abc_(. \n"))
END = 0
HELD = 2
"""Tokens of a name that was refused, which the slot holds."""
NAMES = st.lists(st.text("abc_", min_size=1, max_size=4), min_size=1, max_size=8, unique=True)


class RandomSlot:
    """A slot whose model says something else, at random but always the same, behind each text."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.tokens = [1, 2, 3, *([1] * HELD)]
        self.context = self

    def append(self, tokens: Sequence[int]) -> None:
        self.tokens += tokens

    def drop_last(self, count: int) -> bool:
        del self.tokens[len(self.tokens) - count :]
        return True

    def read_logits(self) -> npt.NDArray[np.float32]:
        return self.compute_logits(self.tokens)

    def compute_logits(self, tokens: Sequence[int]) -> npt.NDArray[np.float32]:
        return np.random.default_rng((self.seed, *tokens)).normal(0, 2, len(PIECES)).astype(np.float32)


def look_ahead(slot: RandomSlot, text: GuidedText) -> bytes:
    search = NameLookahead(cast(KvSlot, slot), text, PIECES.__getitem__, lambda token: token == END)
    steps = search.find(text.state, slot.compute_logits(slot.tokens[:-HELD]), HELD)
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return b"".join(PIECES[each.token] for each in ended.value)


def weigh(slot: RandomSlot, text: GuidedText, name: bytes, begin: list[int]) -> float:
    """The logarithm of the probability of a name, its end included, less what it costs."""
    tokens, total = list(begin), -text.judge(name)
    for byte in name:
        logits = slot.compute_logits(tokens)
        token = PIECES.index(bytes((byte,)))
        total += float(logits[token]) - compute_log_total(logits)
        tokens.append(token)
    logits = slot.compute_logits(tokens)
    behind = text.copy()
    behind.accept(name)
    costs = {
        token: behind.judge(piece) for token, piece in enumerate(PIECES) if token != END and piece not in name_lookahead.NAME_STARTS
    }
    costs[END] = math.inf if behind.state.is_open else 0.0
    ends = sum(math.exp(float(logits[token]) - compute_log_total(logits) - cost) for token, cost in costs.items())
    return total + math.log(ends) if ends else -math.inf


@given(st.integers(0, 2**32), NAMES, st.lists(st.text("abc_", min_size=1, max_size=3), max_size=4))
def test_the_likeliest_of_all_names_is_found(seed: int, names: list[str], elsewhere: list[str]) -> None:
    guide = NameGuide(
        line="x.", cursor_type="T", types={"T": KnownType(tuple(names))}, elsewhere=("\n".join(elsewhere),), elsewhere_cost=2.0
    )
    slot, text = RandomSlot(seed), GuidedText(guide)
    begin = slot.tokens[:-HELD]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(name_lookahead, "MAX_DECODES", 1000)
        found = look_ahead(slot, text)
    assert found.decode() in {*names, *elsewhere}
    weights = {name: weigh(slot, text, name.encode(), begin) for name in {*names, *elsewhere}}
    assert weights[found.decode()] == pytest.approx(max(weights.values()), abs=1e-4)
    assert slot.tokens == [*begin, *(PIECES.index(bytes((byte,))) for byte in found)]


@given(st.integers(0, 2**32), NAMES)
def test_what_few_decodes_find_may_be_written(seed: int, names: list[str]) -> None:
    slot = RandomSlot(seed)
    text = GuidedText(NameGuide(line="x.", cursor_type="T", types={"T": KnownType(tuple(names))}))
    begin = slot.tokens[:-HELD]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(name_lookahead, "MAX_DECODES", 2)
        found = look_ahead(slot, text)
    assert found
    assert text.judge(found) < math.inf
    assert slot.tokens == [*begin, *(PIECES.index(bytes((byte,))) for byte in found)]


def test_where_no_beginning_is_allowed_nothing_is_done() -> None:
    slot = RandomSlot(1)
    before = list(slot.tokens)
    assert look_ahead(slot, GuidedText(NameGuide(line="x.", cursor_type="T", types={"T": KnownType(("zoo",))}))) == b""
    assert slot.tokens == before
