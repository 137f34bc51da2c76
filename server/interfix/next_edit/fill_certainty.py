"""How likely a stale span is one, and a model's text for it right: measured weights, for each model its own."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from rapidfuzz import fuzz

from interfix.next_edit.certainty import CertaintyTable
from interfix.next_edit.code_tokens import split_tokens
from interfix.next_edit.span_fill import SpanFill
from interfix.next_edit.span_prompt import SpanPrompt
from interfix.next_edit.stale_spans import StaleSpan
from interfix.syntax.document import Snapshot

_WORD = re.compile(r"[^\W\d]\w*")


class FillCalibration(msgspec.Struct, frozen=True):
    """What is known of one model's fills."""

    threshold: float
    """The least certainty worth showing unasked."""
    explicit_threshold: float
    """The least certainty that is shown for an explicit request."""
    table: CertaintyTable
    """The weights."""


class FillTables(msgspec.Struct, frozen=True):
    """All that was measured."""

    place_threshold: float
    """Spans that are less likely stale are not worth a model's time."""
    place: CertaintyTable
    """Tells how likely a span is one that the user is about to change, and no more than it."""
    others: FillCalibration
    """For a model that was never measured."""
    models: dict[str, FillCalibration] = {}
    """By the model's name."""

    def find_calibration(self, model: str) -> FillCalibration:
        """A model's own; a file's name may go on behind the model's."""
        of_model = (each for name, each in self.models.items() if model == name or model.startswith((f"{name}-", f"{name}.")))
        return next(of_model, self.others)


@cache
def load_fill_tables() -> FillTables:
    """What was measured: `fills.toml`, made by `tests/bench/next_edit_fills.py`."""
    return msgspec.toml.decode((Path(__file__).parent / "fills.toml").read_bytes(), type=FillTables)


def weigh_fill(snapshot: Snapshot, span: StaleSpan, probability: float, prompt: SpanPrompt, fill: SpanFill) -> dict[str, float]:
    """What speaks for a fill of a span that is stale with this `probability`; each figure is of the order of one."""
    mean = sum(fill.logprobs) / max(1, len(fill.logprobs))
    proposed = None if span.proposed is None else span.proposed.decode("utf-8", "replace").replace("\r\n", "\n")
    old, new, before, after = (_count_tokens(text) for text in (prompt.old, fill.text, *prompt.examples[-1]))
    came, went = after - before, before - after
    known_words = {*_WORD.findall(snapshot.data.decode("utf-8", "replace")), *_WORD.findall(_join_new_texts(prompt))}
    words = set(_WORD.findall(fill.text))
    return {
        "place": math.log(probability / (1 - probability)) / 2,
        "margin": max(-1.0, min(3.0, fill.margin / 10)),
        "mean": max(-2.0, mean),
        "least": max(-6.0, min(fill.logprobs, default=0.0)) / 2,
        "old_mean": max(-4.0, fill.old_logprob / max(1, fill.old_tokens)),
        "proposed": float(proposed is not None),
        "agrees": float(fill.text == proposed),
        "likeness": fuzz.ratio(prompt.old.strip(), fill.text.strip()) / 100,
        "same_came": _measure_overlap(came, new - old),
        "same_went": _measure_overlap(went, old - new),
        "unknown_words": float(len(words - known_words)),
        "lines": math.log2(1 + prompt.old.count("\n")),
        "call": span.evidence.get("call", 0.0),
        "alike": span.evidence.get("alike", 0.0),
        "leftover": span.evidence.get("leftover", 0.0),
    }


def _join_new_texts(prompt: SpanPrompt) -> str:
    """All that the edits which are shown have written."""
    return "\n".join(after for _, after in prompt.examples)


def _count_tokens(text: str) -> Counter[str]:
    return Counter(token for token in split_tokens(text) if not token.isspace())


def _measure_overlap(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """How much two bags of tokens have in common, 0 to 1; 1 where both are empty."""
    both, either = Counter(one) & Counter(other), Counter(one) | Counter(other)
    return both.total() / either.total() if either else 1.0
