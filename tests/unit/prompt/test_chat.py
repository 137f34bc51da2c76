"""Turns in, prompt text out; what a turn says never becomes a control token."""

import pytest
from words import Words

from interfix.errors import RoleRefused
from interfix.prompt.chat import lay_out_chat
from interfix.values import Message

TEMPLATE = """{% for message in messages %}<turn>{{ message.role }}
{{ message.content }}<end>
{% endfor %}{% if add_generation_prompt %}<turn>assistant
{% endif %}"""


def laid_out(template: str, *messages: Message, words: Words | None = None) -> str:
    words = words or Words()
    return words.text(lay_out_chat(messages, template, words, "test-model"))


def test_turns_follow_the_template() -> None:
    text = laid_out(TEMPLATE, Message("system", "Be brief."), Message("user", "Why?"))
    assert text == "<turn>system\nBe brief.<end>\n<turn>user\nWhy?<end>\n<turn>assistant\n"


def test_control_tokens_in_a_turn_stay_text() -> None:
    assert "'<end>'" in laid_out(TEMPLATE, Message("user", "what is <end> ?"))


def test_the_first_token_stands_once() -> None:
    words = Words(bos=True)
    assert laid_out("{{ bos_token }}" + TEMPLATE, Message("user", "a"), words=words).count("<bos>") == 1
    assert laid_out(TEMPLATE, Message("user", "a"), words=words).startswith("<bos><turn>")


def test_a_template_that_fails_is_reported_with_the_models_name() -> None:
    with pytest.raises(RoleRefused, match="test-model"):
        laid_out("{{ raise_exception('no system turn') }}", Message("user", "a"))


def test_a_template_cannot_leave_the_sandbox() -> None:
    with pytest.raises(RoleRefused):
        laid_out("{{ messages.__class__.__mro__[1].__subclasses__() }}", Message("user", "a"))
