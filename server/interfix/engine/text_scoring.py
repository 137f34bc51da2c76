"""How likely a text is behind a prompt: decoded as if it had been written, read off, and taken back."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from interfix.engine.kv_slot import KvSlot
from interfix.engine.runtime_config import OUTPUT_TOKENS
from interfix.engine.sampling import compute_log_total, rank_tokens
from interfix.inference_types import TextScore

_LIKELY_ENDS = 8
"""So many of the likeliest tokens are looked at for one that ends the answer; a rarer end counts as the last of them."""


def score_text(slot: KvSlot, prompt: Sequence[int], text: Sequence[int], ends: Callable[[int], bool]) -> Iterator[TextScore | None]:
    """Tell the probability of a text behind a prompt whose logits are there to read, as they are again afterwards.

    Yields None between two decodes. For a slot that can be cut.
    """
    context = slot.context
    total, end = _read_logprob(context.read_logits(), text[0]), 0.0
    for start in range(0, len(text), OUTPUT_TOKENS):
        slot.append(text[start : start + OUTPUT_TOKENS])
        for index, token in enumerate(text[start + 1 : start + 1 + OUTPUT_TOKENS]):
            total += _read_logprob(context.read_logits(index), token)
        if start + OUTPUT_TOKENS >= len(text):
            likely = rank_tokens(context.read_logits(), _LIKELY_ENDS)
            end = next((each.logprob for each in likely if ends(each.token)), likely[-1].logprob)
        yield None
    # The last logits are those of the text: the prompt's last token is decoded once more for its own.
    slot.drop_last(len(text) + 1)
    slot.append(prompt[-1:])
    yield TextScore(logprob=total + end, end_logprob=end, tokens=len(text))


def _read_logprob(logits: npt.NDArray[np.float32], token: int) -> float:
    return float(logits[token]) - compute_log_total(logits)
