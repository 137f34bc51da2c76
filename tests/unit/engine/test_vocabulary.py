"""Somebody's text stays text: no spelling in it becomes a control token, whatever type the model file gives that token."""

from pathlib import Path

import gguf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interfix.engine import vocabulary
from interfix.engine.vocabulary import Vocabulary
from tests.effort import take_share
from tests.gguf_fixtures import write_model
from tests.llamacpp_sdist import fetch_llamacpp_models

NAMES = take_share(("deepseek-coder", "qwen2", "refact", "starcoder", "llama-bpe", "llama-spm"))
SPELLINGS = (
    "<|EOT|>",
    "<|User|>",
    "<｜fim▁hole｜>",
    "<pad>",
    "[PAD32022]",
    "[PAD151646]",
    "<|USER_TOKEN|>",
    "<|tool_call>",
    '<|"|>',
)
SPELLINGS += ("</s>", "<think>", "<tool_call>", "<|im_end|>", "<fim_prefix>", "▁<EOT>", "<|start_of_role|>")
_loaded: dict[str, Vocabulary] = {}


def load_vocabulary(name: str) -> Vocabulary:
    if name not in _loaded:
        _loaded[name] = vocabulary.load_vocabulary(fetch_llamacpp_models() / f"ggml-vocab-{name}.gguf")
    return _loaded[name]


def decode_text(words: Vocabulary, tokens: list[int]) -> str:
    """The text of tokens; a sentencepiece vocabulary takes ▁ for a space."""
    return b"".join(map(words.token_to_piece, tokens)).decode("utf-8", "replace").replace("▁", " ")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", SPELLINGS)
def test_a_spelling_in_a_text_is_not_the_token(name: str, text: str) -> None:
    words = load_vocabulary(name)
    around = f'x = "{text}"\n'
    tokens = words.encode(around)
    ours = words.encode_markup(text)
    assert decode_text(words, tokens) == around.replace("▁", " ")
    if len(ours) == 1 and ours[0] != words.find_token("</s>"):  # plain text where the file says no more of it
        assert ours[0] not in tokens


@given(name=st.sampled_from(NAMES), parts=st.lists(st.sampled_from((*SPELLINGS, "<", "[", "|", " ", "a", "é", "\n")), max_size=12))
@settings(deadline=None)
def test_any_text_of_spellings_and_their_parts_is_said_as_it_was(name: str, parts: list[str]) -> None:
    words = load_vocabulary(name)
    text = "".join(parts)
    tokens = words.encode(text)
    assert decode_text(words, tokens) == text.replace("▁", " ")
    assert not {
        words.find_token(spelling) for spelling in ("<|EOT|>", "<|User|>", "<pad>", "<|USER_TOKEN|>", "<|tool_call>", '<|"|>')
    } & {token for token in tokens if token >= 0}


def test_tokens_of_text_stay_whole(tmp_path: Path) -> None:
    """Runs of spaces and HTML's elements are text, though Gemma's files call them the user's own."""
    path = write_model(tmp_path / "gemma.gguf", "gemma", controls=("<bos>",), own=("    ", "<table>", "</h1>", "<tool_call>"))
    words = vocabulary.load_vocabulary(path)
    for text in ("    ", "<table>", "</h1>"):
        assert words.encode(text) == [words.encode_markup(text)[0]]
    assert len(words.encode_markup("<tool_call>")) == 1
    assert len(words.encode("<tool_call>")) > 1


@pytest.mark.slow
def test_the_real_file_has_the_token_among_the_users_own() -> None:
    """The premise: were it a control token, llama.cpp would leave it alone by itself."""
    reader = gguf.GGUFReader(fetch_llamacpp_models() / "ggml-vocab-deepseek-coder.gguf")
    field = reader.fields["tokenizer.ggml.token_type"]
    token = load_vocabulary("deepseek-coder").find_token("<|EOT|>")
    assert int(field.parts[field.data[token]][0]) == gguf.TokenType.USER_DEFINED
