"""Which end of the prefix an answer writes once more, with the real vocabularies of model families."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interfix.engine.healed_start import HealedStart
from interfix.engine.vocabulary import Vocabulary, load_vocabulary
from interfix.inference_types import PartState, Segment, SegmentKind
from interfix.prompt.families import detect_family
from interfix.prompt.infill_layout import lay_out_infill
from interfix.prompt.token_healing import MAX_HEALED_TOKENS, find_healed_length
from tests.effort import take_share
from tests.llamacpp_sdist import fetch_llamacpp_models
from tests.unit.prompt.fake_tokenizer import FakeTokenizer

NAMES = take_share(("qwen2", "deepseek-coder", "starcoder", "refact", "llama-spm"))
WORDS = ("self", ".", "path", "Größe", "名前", "(", '"', "_private", "HTTPServer2", " ", "    ", "\n", "\r\n", "= ", "::", "x")
CODE = st.lists(
    st.sampled_from(WORDS),
    min_size=1,
    max_size=30,
).map("".join)
_loaded: dict[str, Vocabulary] = {}


def load(name: str) -> Vocabulary:
    if name not in _loaded:
        _loaded[name] = load_vocabulary(fetch_llamacpp_models() / f"ggml-vocab-{name}.gguf")
    return _loaded[name]


def spell(words: Vocabulary, tokens: list[int]) -> bytes:
    return b"".join(map(words.token_to_piece, tokens))


@pytest.mark.parametrize("name", NAMES)
@given(text=CODE, cut=st.integers(0, 4))
@settings(max_examples=30, deadline=None)
def test_the_prompt_ends_between_words_or_lines(name: str, text: str, cut: int) -> None:
    words = load(name)
    tokens = words.encode(text[: len(text) - cut])
    count = find_healed_length(tokens, words)
    kept, healed = tokens[: len(tokens) - count], spell(words, tokens[len(tokens) - count :])
    assert kept or not tokens
    assert b"\n" not in healed
    if 0 < count < min(MAX_HEALED_TOKENS, len(tokens) - 1):
        assert not (healed[:1].isalnum() and spell(words, kept)[-1:].isalnum())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("typed", ["self.pa", "request[kTi", "(Agen", "new HTTPSer", "x.get_val", "return se", "list.", "foo("])
def test_what_is_typed_of_a_word_is_written_once_more(name: str, typed: str) -> None:
    words = load(name)
    tokens = words.encode("\n".join(["value = compute(1, 2)", typed]))
    healed = spell(words, tokens[len(tokens) - find_healed_length(tokens, words) :]).decode()
    assert typed.endswith(healed.strip())
    assert len(healed.strip()) >= len(typed) - max(typed.rfind(each) for each in " .[(_") - 1


@pytest.mark.parametrize("ending", ["x = 1\n", "x = 1;\r\n", ""])
def test_the_end_of_a_line_is_not(ending: str) -> None:
    words = load(NAMES[0])
    assert find_healed_length(words.encode("def f():\n" + ending), words) == 0


@pytest.mark.parametrize("suffix", ["", ")\nrest()\n"])
def test_a_layout_leaves_it_out_and_tells_of_the_part_as_it_is(suffix: str) -> None:
    words = FakeTokenizer()
    segments = [Segment(SegmentKind.PREFIX, "a = 1\nself . pa"), Segment(SegmentKind.SUFFIX, suffix)]
    plain = lay_out_infill(segments, words, detect_family(words), 100)
    healing = lay_out_infill(segments, words, detect_family(words), 100, heals_tokens=True)
    assert healing.healed
    left_out = words.decode(healing.healed)
    assert words.decode(plain.tokens) == words.decode(healing.tokens).replace("<suffix>", f"{left_out}<suffix>")
    start, end = healing.suffix_range
    assert words.decode(healing.tokens[start:end]) == f"<suffix>{suffix}"
    assert [part.state for part in healing.parts if part.tokens] == [PartState.WHOLE] * (1 + bool(suffix))
    assert healing.choice == plain.choice


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@given(text=CODE, seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_whatever_token_is_chosen_the_text_can_be_written_to_its_end(name: str, text: str, seed: int) -> None:
    words, random = load(name), np.random.default_rng(seed)
    healing = HealedStart(words.encode(text), words.piece_index, words.token_to_piece)
    while rest := healing.rest:
        logits = healing.restrict(random.normal(0, 3, words.size).astype(np.float32))
        assert np.isfinite(logits.max())
        piece = words.token_to_piece(int(logits.argmax()))
        assert piece.startswith(rest) or rest.startswith(piece)
        healing.accept(int(logits.argmax()), -1.0)
