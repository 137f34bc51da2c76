"""How likely a text is in a hole, by models of random weights: against all of it decoded at once, token by token.

About `engine/text_scoring.py`, and `engine/inference_jobs.py` together with it.
"""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from interfix.engine import inference_jobs
from interfix.engine.free_cores import CpuMonitor
from interfix.engine.llama_runtime import AbortFlag
from interfix.engine.model_pool import LoadedModel
from interfix.engine.protocol import InfillRequest
from interfix.inference_types import GeneratedToken, GenerationEvent, GenerationStart, Segment, SegmentKind, TextScore
from interfix.masking import mask
from interfix.models.role_check import BaseModel
from tests.unit.engine.architectures import MODELS, STATES, load_model

PREFIX, SUFFIX = "def add(a, b):\n    return ", "\n\nprint(add(1, 2))\n"
WHOLE_LINES = "def add(a, b):\n"
"""A prefix of which no answer writes an end once more."""
TEXTS = {"one line": "a + b", "longer than a batch": "a + b if a else b\n    # nothing else\n" * 4}
CLOSE_ENOUGH = 0.2
"""Per token; batches of other sizes add up in another order."""


def fill(model: LoadedModel, prefix: str = PREFIX, **changes: object) -> list[GenerationEvent]:
    segments = (Segment(SegmentKind.PREFIX, mask(prefix)), Segment(SegmentKind.SUFFIX, mask(SUFFIX)))
    request = InfillRequest(BaseModel(model.name, model.path), "a", segments, prompt_budget=400, max_tokens=200)
    steps = inference_jobs.infill(model, msgspec.structs.replace(request, **changes))
    return [event for event in steps if event is not None]


def join_tokens(events: list[GenerationEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, GeneratedToken))


def score_at_once(model: LoadedModel, prompt: str, text: str) -> float:
    """The natural logarithm of a text's probability behind a prompt, by a context that has seen nothing else."""
    before, tokens = model.weights.vocabulary.encode_markup(prompt), model.weights.vocabulary.encode(text)
    context = model.weights.create_context(1024, 1, CpuMonitor(1), AbortFlag())
    try:
        context.decode(before, 0, 0)
        total = 0.0
        for at, token in enumerate(tokens):
            logits = context.read_logits().astype(float)
            total += logits[token] - np.logaddexp.reduce(logits)
            context.decode([token], len(before) + at, 0)
    finally:
        context.close()
    return total


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_as_likely_as_when_it_is_decoded_behind_the_whole_prompt(tmp_path: Path, text: str) -> None:
    model = load_model("qwen2.5-coder", MODELS["qwen2"](tmp_path / "m.gguf"))
    try:
        (started, _) = fill(model, dry_run=True, scored_text=mask(text))
        assert isinstance(started, GenerationStart)
        (score,) = (event for event in fill(model, scored_text=mask(text)) if isinstance(event, TextScore))
        assert score.tokens == len(model.weights.vocabulary.encode(text))
        assert score.end_logprob < 0
        expected = score_at_once(model, started.prompt, text)
        assert score.logprob - score.end_logprob == pytest.approx(expected, abs=CLOSE_ENOUGH * score.tokens)
    finally:
        model.close()


@pytest.mark.parametrize("kind", ["qwen2", "gemma3", "mamba"])
def test_it_changes_nothing_of_the_answer_and_guessing_ahead_neither(tmp_path: Path, kind: str) -> None:
    model = load_model("qwen2.5-coder", MODELS[kind](tmp_path / "m.gguf"))
    try:
        answers = []
        for number, changes in enumerate(
            ({}, {"scored_text": mask("a + b")}, {"scored_text": mask("a + b"), "prompt_lookup": True})
        ):
            events = fill(model, WHOLE_LINES, document=f"{number}", **changes)
            scores = [at for at, event in enumerate(events) if isinstance(event, TextScore)]
            assert scores == ([1] if changes and kind not in STATES else [])
            # What is left of the score's text in the cache would be found by the next.
            answers += [join_tokens(events), join_tokens(fill(model, WHOLE_LINES, document=f"{number}"))]
        assert len(set(answers)) == 1
    finally:
        model.close()


def test_a_text_that_the_answer_has_no_room_for_is_not_scored(tmp_path: Path) -> None:
    model = load_model("qwen2.5-coder", MODELS["qwen2"](tmp_path / "m.gguf"))
    try:
        events = fill(model, scored_text=mask("a + b"), max_tokens=2)
        assert not any(isinstance(event, TextScore) for event in events)
    finally:
        model.close()
