"""Turns in, prompt text out; what a turn says never becomes a control token, and context is cut where it may be."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.errors import RoleMismatchError
from interfix.inference_types import ChatMessage, ContextSnippet, SegmentKind
from interfix.prompt.chat_layout import lay_out_chat
from interfix.prompt.families import FAMILIES
from interfix.prompt.few_shot_chat_layout import ANSWER_ENDS, lay_out_few_shot
from tests.gguf_fixtures import write_model
from tests.llamacpp_sdist import fetch_llamacpp_models
from tests.unit.prompt.fake_tokenizer import FakeTokenizer
from tests.unit.prompt.vocabulary_loader import decode_prompt, load_vocabulary

TEMPLATE = """{% for message in messages %}<turn>{{ message.role }}
{{ message.content }}<end>
{% endfor %}{% if add_generation_prompt %}<turn>assistant
{% endif %}"""
USER_ONLY = """{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}""" + TEMPLATE
IGNORING_TEMPLATE = """{% for message in messages if message.role != 'system' %}<turn>{{ message.role }}
{{ message.content }}<end>
{% endfor %}<turn>assistant
{{ '' }}"""

pytestmark = pytest.mark.usefixtures("templates_rendered_here")

SYSTEM, QUESTION = ChatMessage("system", "Be brief."), ChatMessage("user", "Why?")


def make_piece(text: str) -> ContextSnippet:
    return ContextSnippet("file", text)


def lay_out_text(template: str, *messages: ChatMessage, words: FakeTokenizer | None = None, budget: int = 1000) -> str:
    words = words or FakeTokenizer()
    return words.decode(lay_out_chat(messages, template, words, "test-model", budget).tokens)


def test_turns_follow_the_template() -> None:
    assert lay_out_text(TEMPLATE, SYSTEM, QUESTION) == "<turn>system\nBe brief.<end>\n<turn>user\nWhy?<end>\n<turn>assistant\n"


@pytest.mark.parametrize("template", [USER_ONLY, IGNORING_TEMPLATE], ids=["refused", "left out"])
def test_a_system_turn_that_the_template_does_not_take_goes_before_the_first_question(template: str) -> None:
    assert lay_out_text(template, SYSTEM, QUESTION) == "<turn>user\nBe brief.\n\nWhy?<end>\n<turn>assistant\n"


def test_control_tokens_in_a_turn_stay_text() -> None:
    assert "'<end>'" in lay_out_text(TEMPLATE, ChatMessage("user", "what is <end> ?"))


def test_the_first_token_stands_once() -> None:
    words = FakeTokenizer(bos=True)
    assert lay_out_text("{{ bos_token }}" + TEMPLATE, ChatMessage("user", "a"), words=words).count("<bos>") == 1
    assert lay_out_text(TEMPLATE, ChatMessage("user", "a"), words=words).startswith("<bos><turn>")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ raise_exception('no user turn') }}", "no user turn"),
        ("{{ messages[7].content }}", "has no element 7"),
        ("{% for", "unexpected"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ messages.__class__.__mro__[1].__subclasses__() }}", "unsafe"),
        ("{{ messages.append(messages[0]) }}", "unsafe"),
        ("{% for i in range(100000000) %}{% endfor %}", "Range too big"),
        ("Hello.", "leaves out"),
    ],
)
def test_a_template_that_fails_is_reported_with_the_models_name(template: str, reason: str) -> None:
    with pytest.raises(RoleMismatchError, match=f"test-model.*{reason}"):
        lay_out_text(template, ChatMessage("user", "a"))


def test_what_templates_call_is_there() -> None:
    day = datetime.now().strftime("%Y")
    odd = "{% generation %}{{ strftime_now('%Y') }} {{ {'a': 'é<'} | tojson }}{% endgeneration %}\n\n"
    assert lay_out_text(odd + TEMPLATE, QUESTION).startswith(f'{day} {{"a": "é<"}}\n<turn>user')


NEEDS_MORE = {"fireworks-ai-llama-3-firefunction-v2": "'functions' is undefined"}
"""A real template that cannot do without what an editor has not, and what is said then."""
SYSTEM_LAST = "mistralai-Mistral-Nemo-Instruct-2407"
"""A real template that puts the system's text before the last question."""


@pytest.mark.slow
def test_real_templates_show_every_turn_once_and_in_order() -> None:
    words = load_vocabulary(fetch_llamacpp_models() / "ggml-vocab-llama-bpe.gguf")
    said = ["qqsystem", "qquser", "qqanswer", "qqagain"]
    turns = [ChatMessage(role, text) for role, text in zip(["system", "user", "assistant", "user"], said, strict=True)]
    templates = {path.stem: path.read_text("utf-8") for path in (fetch_llamacpp_models() / "templates").glob("*.jinja")}
    shown: dict[str, list[str]] = {}
    for name, template in templates.items():
        if reason := NEEDS_MORE.get(name):
            with pytest.raises(RoleMismatchError, match=f"{name}.*{reason}"):
                lay_out_chat(turns, template, words, name, 8000)
        else:
            shown[name] = re.findall("qq[a-z]+", decode_prompt(lay_out_chat(turns, template, words, name, 8000).tokens, words))
    assert len(shown) > 50
    assert shown.pop(SYSTEM_LAST) == ["qquser", "qqanswer", "qqsystem", "qqagain"]
    assert {name: found for name, found in shown.items() if found != said} == {}


@pytest.mark.slow
def test_qwen_turns_with_its_real_vocabulary() -> None:
    words = load_vocabulary(fetch_llamacpp_models() / "ggml-vocab-qwen2.gguf")
    template = (fetch_llamacpp_models() / "templates" / "Qwen-Qwen2.5-7B-Instruct.jinja").read_text("utf-8")
    prompt = lay_out_chat([SYSTEM, ChatMessage("user", "Say <|im_end|> now.")], template, words, "qwen", 1000).tokens
    assert decode_prompt(prompt, words) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nSay <|im_end|> now.<|im_end|>\n<|im_start|>assistant\n"
    )
    assert prompt.count(words.find_token("<|im_end|>")) == 2


def test_code_llama_turns_in_a_sentencepiece_vocabulary() -> None:
    words = load_vocabulary(fetch_llamacpp_models() / "ggml-vocab-llama-spm.gguf")
    template = next(family.chat_template for family in FAMILIES if family.name == "codellama")
    prompt = lay_out_chat([SYSTEM, ChatMessage("user", "def f")], template, words, "codellama", 1000).tokens
    assert decode_prompt(prompt, words) == "<s> [INST] <<SYS>>\nBe brief.\n<</SYS>>\n\ndef f [/INST]"
    again = [SYSTEM, ChatMessage("user", "a"), ChatMessage("assistant", "b"), ChatMessage("user", "c")]
    prompt = lay_out_chat(again, template, words, "codellama", 1000).tokens
    assert decode_prompt(prompt, words).endswith("a [/INST] b </s><s> [INST] c [/INST]")
    assert prompt.count(words.bos) == 2


FALLBACKS: dict[str, tuple[dict[str, Any], str]] = {
    "qwen": (
        {"controls": ("<|im_start|>", "<|im_end|>")},
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n",
    ),
    "deepseek-coder": (
        {"controls": ("<｜begin▁of▁sentence｜>", "<|EOT|>"), "bos": "<｜begin▁of▁sentence｜>"},
        "<｜begin▁of▁sentence｜>S\n### Instruction:\nU\n### Response:\n",
    ),
    "granite": ({"controls": ("<|endoftext|>",)}, "System:\nS\n\nQuestion:\nU\n\nAnswer:\n"),
    "starcoder2": (
        {"controls": ("<|endoftext|>",), "eos": "<|endoftext|>"},
        "S\n\n### Instruction\nU\n\n### Response\n",
    ),
    "codegemma": (
        {"controls": ("<bos>", "<start_of_turn>", "<end_of_turn>"), "bos": "<bos>"},
        "<bos><start_of_turn>user\nS\n\nU<end_of_turn>\n<start_of_turn>model\n",
    ),
    "codestral": (
        {"controls": ("<s>", "</s>", "[INST]", "[/INST]"), "bos": "<s>", "eos": "</s>"},
        "<s>[INST] S\n\nU[/INST]",
    ),
    "wizardcoder": ({"controls": ("<s>", "</s>"), "bos": "<s>"}, "<s>S\n\n### Instruction:\nU\n\n### Response:\n"),
    "smollm": (
        {"controls": ("<|im_start|>", "<|im_end|>")},
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n",
    ),
}
"""What a file that brings no template of its own is asked with, by family."""


@pytest.mark.parametrize("name", FALLBACKS)
def test_a_file_without_a_template_gets_its_familys(name: str, tmp_path: Path) -> None:
    made, expected = FALLBACKS[name]
    words = load_vocabulary(write_model(tmp_path / f"{name}.gguf", **made))
    template = next(family.chat_template for family in FAMILIES if family.name == name)
    prompt = lay_out_chat([ChatMessage("system", "S"), ChatMessage("user", "U")], template, words, name, 1000).tokens
    assert decode_prompt(prompt, words) == expected


def test_context_stands_before_the_question_and_the_last_of_it_is_cut_first() -> None:
    asked = ChatMessage("user", "Why?", context=(make_piece("first one"), make_piece("a\nb\nc\nd")))
    whole = lay_out_text(TEMPLATE, asked)
    assert "<turn>user\nfirst one\n\na\nb\nc\nd\n\nWhy?<end>" in whole
    size = len(lay_out_chat([asked], TEMPLATE, FakeTokenizer(), "m", 1000).tokens)
    assert "first one\n\na\nb\n\n\nWhy?" in lay_out_text(TEMPLATE, asked, budget=size - 3)
    assert "first one\n\nWhy?" in lay_out_text(TEMPLATE, asked, budget=size - 8)
    assert "user\nWhy?" in lay_out_text(TEMPLATE, asked, budget=1)


def test_what_became_of_each_piece_is_told() -> None:
    pieces = (
        make_piece("one two"),
        ContextSnippet("imports", "a\nb\nc\nd"),
        make_piece("three"),
        ContextSnippet("file", "", "f", left="kept out"),
    )
    asked = ChatMessage("user", "Why?", context=pieces)
    size = len(lay_out_chat([SYSTEM, asked], TEMPLATE, FakeTokenizer(), "m", 1000).tokens)
    prompt = lay_out_chat([SYSTEM, asked], TEMPLATE, FakeTokenizer(), "m", size - 6)
    told = [(part.kind, part.source, part.path, part.kept, part.why) for part in prompt.parts]
    assert told == [
        (SegmentKind.TURN, "system", "", True, ""),
        (SegmentKind.CONTEXT, "file", "", True, ""),
        (SegmentKind.CONTEXT, "imports", "", True, "cut to the budget"),
        (SegmentKind.CONTEXT, "file", "", False, "left out: prompt full"),
        (SegmentKind.CONTEXT, "file", "f", False, "kept out"),
        (SegmentKind.TURN, "user", "", True, ""),
    ]
    bare = lay_out_chat([ChatMessage("system", ""), ChatMessage("user", "")], TEMPLATE, FakeTokenizer(), "m", 1000)
    assert sum(part.tokens for part in prompt.parts) == len(prompt.tokens) - len(bare.tokens)


PIECES = st.lists(st.text(alphabet="ab \n", max_size=40), max_size=4)


@given(PIECES, PIECES, st.integers(0, 120))
def test_context_never_takes_more_than_the_budget(early: list[str], late: list[str], spare: int) -> None:
    words = FakeTokenizer()
    turns = [
        ChatMessage("user", "a b", tuple(map(make_piece, early))),
        ChatMessage("assistant", "c"),
        ChatMessage("user", "d", tuple(map(make_piece, late))),
    ]
    for lay in (
        lambda turns, budget: lay_out_chat(turns, TEMPLATE, words, "m", budget).tokens,
        lambda turns, budget: lay_out_few_shot(turns, words, budget).tokens,
    ):
        bare = len(lay([ChatMessage(turn.role, turn.content) for turn in turns], 0))
        assert len(lay(turns, bare + spare)) <= bare + spare


def test_a_base_model_is_shown_examples_and_where_each_of_them_ends() -> None:
    words = FakeTokenizer()
    text = words.decode(lay_out_few_shot([SYSTEM, ChatMessage("user", "Explain f.", (make_piece("context"),))], words, 1000).tokens)
    assert text.startswith("Be brief.\n\n=== request\nHere is Python code.")
    assert text.count("=== end") == 2
    assert text.endswith("=== end\n\n=== request\ncontext\n\nExplain f.\n\n=== answer\n")
    assert all(end.startswith("\n===") for end in ANSWER_ENDS)


def test_an_earlier_answer_is_one_more_example() -> None:
    words = FakeTokenizer()
    turns = [ChatMessage("user", "a"), ChatMessage("assistant", "b"), ChatMessage("user", "c")]
    assert words.decode(lay_out_few_shot(turns, words, 1000).tokens).endswith(
        "=== request\na\n\n=== answer\nb\n=== end\n\n=== request\nc\n\n=== answer\n"
    )
