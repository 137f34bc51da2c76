"""Turns in, prompt text out; what a turn says never becomes a control token, and context is cut where it may be."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vocabularies import spelled, vocabulary
from words import Words

from interfix.errors import RoleRefused
from interfix.prompt.chat import lay_out_chat
from interfix.prompt.examples import ENDS, lay_out_examples
from interfix.prompt.families import FAMILIES
from interfix.values import Message, Piece, SegmentKind
from llamacpp import llamacpp_models
from written import write_model

TEMPLATE = """{% for message in messages %}<turn>{{ message.role }}
{{ message.content }}<end>
{% endfor %}{% if add_generation_prompt %}<turn>assistant
{% endif %}"""
USER_ONLY = """{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}""" + TEMPLATE
DEAF = """{% for message in messages if message.role != 'system' %}<turn>{{ message.role }}
{{ message.content }}<end>
{% endfor %}<turn>assistant
{{ '' }}"""

SYSTEM, QUESTION = Message("system", "Be brief."), Message("user", "Why?")


def piece(text: str) -> Piece:
    return Piece("file", text)


def laid_out(template: str, *messages: Message, words: Words | None = None, budget: int = 1000) -> str:
    words = words or Words()
    return words.text(lay_out_chat(messages, template, words, "test-model", budget).tokens)


def test_turns_follow_the_template() -> None:
    assert laid_out(TEMPLATE, SYSTEM, QUESTION) == "<turn>system\nBe brief.<end>\n<turn>user\nWhy?<end>\n<turn>assistant\n"


@pytest.mark.parametrize("template", [USER_ONLY, DEAF], ids=["refused", "left out"])
def test_a_system_turn_that_the_template_does_not_take_goes_before_the_first_question(template: str) -> None:
    assert laid_out(template, SYSTEM, QUESTION) == "<turn>user\nBe brief.\n\nWhy?<end>\n<turn>assistant\n"


def test_control_tokens_in_a_turn_stay_text() -> None:
    assert "'<end>'" in laid_out(TEMPLATE, Message("user", "what is <end> ?"))


def test_the_first_token_stands_once() -> None:
    words = Words(bos=True)
    assert laid_out("{{ bos_token }}" + TEMPLATE, Message("user", "a"), words=words).count("<bos>") == 1
    assert laid_out(TEMPLATE, Message("user", "a"), words=words).startswith("<bos><turn>")


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
    with pytest.raises(RoleRefused, match=f"test-model.*{reason}"):
        laid_out(template, Message("user", "a"))


def test_what_templates_call_is_there() -> None:
    day = datetime.now().strftime("%Y")
    odd = "{% generation %}{{ strftime_now('%Y') }} {{ {'a': 'é<'} | tojson }}{% endgeneration %}\n\n"
    assert laid_out(odd + TEMPLATE, QUESTION).startswith(f'{day} {{"a": "é<"}}\n<turn>user')


NEEDS_MORE = {"fireworks-ai-llama-3-firefunction-v2": "'functions' is undefined"}
"""A real template that cannot do without what an editor has not, and what is said then."""
SYSTEM_LAST = "mistralai-Mistral-Nemo-Instruct-2407"
"""A real template that puts the system's text before the last question."""


def test_real_templates_show_every_turn_once_and_in_order() -> None:
    words = vocabulary(llamacpp_models() / "ggml-vocab-llama-bpe.gguf")
    said = ["qqsystem", "qquser", "qqanswer", "qqagain"]
    turns = [Message(role, text) for role, text in zip(["system", "user", "assistant", "user"], said, strict=True)]
    templates = {path.stem: path.read_text("utf-8") for path in (llamacpp_models() / "templates").glob("*.jinja")}
    shown: dict[str, list[str]] = {}
    for name, template in templates.items():
        if reason := NEEDS_MORE.get(name):
            with pytest.raises(RoleRefused, match=f"{name}.*{reason}"):
                lay_out_chat(turns, template, words, name, 8000)
        else:
            shown[name] = re.findall("qq[a-z]+", spelled(lay_out_chat(turns, template, words, name, 8000).tokens, words))
    assert len(shown) > 50
    assert shown.pop(SYSTEM_LAST) == ["qquser", "qqanswer", "qqsystem", "qqagain"]
    assert {name: found for name, found in shown.items() if found != said} == {}


def test_qwen_turns_with_its_real_vocabulary() -> None:
    words = vocabulary(llamacpp_models() / "ggml-vocab-qwen2.gguf")
    template = (llamacpp_models() / "templates" / "Qwen-Qwen2.5-7B-Instruct.jinja").read_text("utf-8")
    prompt = lay_out_chat([SYSTEM, Message("user", "Say <|im_end|> now.")], template, words, "qwen", 1000).tokens
    assert spelled(prompt, words) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nSay <|im_end|> now.<|im_end|>\n<|im_start|>assistant\n"
    )
    assert prompt.count(words.find("<|im_end|>")) == 2


def test_code_llama_turns_in_a_sentencepiece_vocabulary() -> None:
    words = vocabulary(llamacpp_models() / "ggml-vocab-llama-spm.gguf")
    template = next(family.template for family in FAMILIES if family.name == "codellama")
    prompt = lay_out_chat([SYSTEM, Message("user", "def f")], template, words, "codellama", 1000).tokens
    assert spelled(prompt, words) == "<s> [INST] <<SYS>>\nBe brief.\n<</SYS>>\n\ndef f [/INST]"
    again = [SYSTEM, Message("user", "a"), Message("assistant", "b"), Message("user", "c")]
    prompt = lay_out_chat(again, template, words, "codellama", 1000).tokens
    assert spelled(prompt, words).endswith("a [/INST] b </s><s> [INST] c [/INST]")
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
    words = vocabulary(write_model(tmp_path / f"{name}.gguf", **made))
    template = next(family.template for family in FAMILIES if family.name == name)
    prompt = lay_out_chat([Message("system", "S"), Message("user", "U")], template, words, name, 1000).tokens
    assert spelled(prompt, words) == expected


def test_context_stands_before_the_question_and_the_last_of_it_is_cut_first() -> None:
    asked = Message("user", "Why?", context=(piece("first one"), piece("a\nb\nc\nd")))
    whole = laid_out(TEMPLATE, asked)
    assert "<turn>user\nfirst one\n\na\nb\nc\nd\n\nWhy?<end>" in whole
    size = len(lay_out_chat([asked], TEMPLATE, Words(), "m", 1000).tokens)
    assert "first one\n\na\nb\n\n\nWhy?" in laid_out(TEMPLATE, asked, budget=size - 3)
    assert "first one\n\nWhy?" in laid_out(TEMPLATE, asked, budget=size - 8)
    assert "user\nWhy?" in laid_out(TEMPLATE, asked, budget=1)


def test_what_became_of_each_piece_is_told() -> None:
    pieces = (piece("one two"), Piece("imports", "a\nb\nc\nd"), piece("three"), Piece("file", "", "f", left="kept out"))
    asked = Message("user", "Why?", context=pieces)
    size = len(lay_out_chat([SYSTEM, asked], TEMPLATE, Words(), "m", 1000).tokens)
    prompt = lay_out_chat([SYSTEM, asked], TEMPLATE, Words(), "m", size - 6)
    told = [(part.kind, part.source, part.path, part.kept, part.why) for part in prompt.parts]
    assert told == [
        (SegmentKind.TURN, "system", "", True, ""),
        (SegmentKind.CONTEXT, "file", "", True, ""),
        (SegmentKind.CONTEXT, "imports", "", True, "cut to the budget"),
        (SegmentKind.CONTEXT, "file", "", False, "no room left"),
        (SegmentKind.CONTEXT, "file", "f", False, "kept out"),
        (SegmentKind.TURN, "user", "", True, ""),
    ]
    bare = lay_out_chat([Message("system", ""), Message("user", "")], TEMPLATE, Words(), "m", 1000)
    assert sum(part.tokens for part in prompt.parts) == len(prompt.tokens) - len(bare.tokens)


PIECES = st.lists(st.text(alphabet="ab \n", max_size=40), max_size=4)


@given(PIECES, PIECES, st.integers(0, 120))
def test_context_never_takes_more_than_the_budget(early: list[str], late: list[str], spare: int) -> None:
    words = Words()
    turns = [
        Message("user", "a b", tuple(map(piece, early))),
        Message("assistant", "c"),
        Message("user", "d", tuple(map(piece, late))),
    ]
    for lay in (
        lambda turns, budget: lay_out_chat(turns, TEMPLATE, words, "m", budget).tokens,
        lambda turns, budget: lay_out_examples(turns, words, budget).tokens,
    ):
        bare = len(lay([Message(turn.role, turn.content) for turn in turns], 0))
        assert len(lay(turns, bare + spare)) <= bare + spare


def test_a_base_model_is_shown_examples_and_where_each_of_them_ends() -> None:
    words = Words()
    text = words.text(lay_out_examples([SYSTEM, Message("user", "Explain f.", (piece("context"),))], words, 1000).tokens)
    assert text.startswith("Be brief.\n\n=== request\nHere is Python code.")
    assert text.count("=== end") == 2
    assert text.endswith("=== end\n\n=== request\ncontext\n\nExplain f.\n\n=== answer\n")
    assert all(end.startswith("\n===") for end in ENDS)


def test_an_earlier_answer_is_one_more_example() -> None:
    words = Words()
    turns = [Message("user", "a"), Message("assistant", "b"), Message("user", "c")]
    assert words.text(lay_out_examples(turns, words, 1000).tokens).endswith(
        "=== request\na\n\n=== answer\nb\n=== end\n\n=== request\nc\n\n=== answer\n"
    )
