"""The estimate against real vocabularies: seldom too low before anything is known, and the same text back."""

from pathlib import Path

import pytest

from interfix.engine import vocabulary
from interfix.engine.remote.control_token_text import escape_controls, spell_control
from interfix.engine.remote.estimated_tokenizer import INITIAL_RATIO, MIN_RATIO, EstimatedTokenizer
from interfix.engine.remote.token_bytes import decode_token_spelling
from tests.effort import take_share
from tests.llamacpp_sdist import fetch_llamacpp_models

GRAMMARS = Path(__file__).parents[4] / "grammars"
EXAMPLES = {path.parent.name: path for path in sorted(GRAMMARS.glob("*/example.*"))}


@pytest.mark.parametrize("name", take_share(["starcoder", "qwen2", "deepseek-coder", "refact", "llama-bpe", "llama-spm"]))
def test_no_code_takes_more_tokens_than_is_estimated_at_first(name: str) -> None:
    words = vocabulary.load_vocabulary(fetch_llamacpp_models() / f"ggml-vocab-{name}.gguf")
    ratios = {}
    for language, path in EXAMPLES.items():
        text = path.read_text("utf-8")
        ratios[language] = len(words.encode(text)) / len(EstimatedTokenizer().encode(text))
    assert max(ratios.values()) <= INITIAL_RATIO, ratios
    assert sum(ratios.values()) / len(ratios) >= MIN_RATIO


@pytest.mark.parametrize(
    "text", ["def f(x):\n\treturn  x + 12  # größer 漢字 🙂\n\n\n", "", " \r\n\v\f a", "aVeryLongIdentifierOfMany_parts"]
)
def test_text_comes_back_as_it_was(text: str) -> None:
    estimate = EstimatedTokenizer(["<|fim_prefix|>"])
    assert b"".join(map(estimate.token_to_piece, estimate.encode(text))).decode() == text
    assert estimate.token_to_piece(estimate.find_token("<|fim_prefix|>")) == b"<|fim_prefix|>"
    assert estimate.find_token("<|other|>") == -1


def test_the_most_that_was_seen_lately_counts() -> None:
    estimate = EstimatedTokenizer()
    estimate.learn_ratio(100, 150)
    estimate.learn_ratio(100, 90)
    assert estimate.ratio == pytest.approx(1.5 * 1.03)
    assert estimate.to_real_tokens(estimate.to_own_tokens(1000)) <= 1000
    for _ in range(40):
        estimate.learn_ratio(100, 80)
    assert estimate.ratio == pytest.approx(0.8 * 1.03)


def test_control_tokens_are_spelled_and_taken_apart() -> None:
    assert spell_control("▁<PRE>") == " <PRE>"
    assert spell_control("<｜fim▁begin｜>") == "<｜fim▁begin｜>"
    assert escape_controls("a<PRE>b <|x|>", ["▁<PRE>", "<|y|>"]) == "a< PRE>b <|x|>"


@pytest.mark.parametrize(
    ("token", "data"),
    [("Ġdef", b" def"), ("Ċ", b"\n"), ("▁def", b" def"), ("<0x0A>", b"\n"), ("Ã¤", "ä".encode()), ("漢", "漢".encode())],
)
def test_tokens_as_vocabularies_spell_them(token: str, data: bytes) -> None:
    assert decode_token_spelling(token) == data
