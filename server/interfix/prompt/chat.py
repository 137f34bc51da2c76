"""Lays a chat out by the model file's own template, in a sandbox. Text of a turn never becomes a control token. Knows no engine."""

import re
from collections.abc import Sequence

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from interfix.errors import RoleRefused
from interfix.prompt.tokenizer import Tokenizer
from interfix.values import Message

# Private-use characters stand in for each turn's text while the template runs, so that the text itself can be tokenised as text.
_STAND_IN = "\ue0f0{}\ue0f1"
_STAND_INS = re.compile("\ue0f0(\\d+)\ue0f1")


def lay_out_chat(messages: Sequence[Message], template: str, tokenizer: Tokenizer, model: str) -> list[int]:
    """The prompt's tokens, ending where the assistant's answer begins.

    Raises `RoleRefused`, with the model's name, where the template fails.
    """
    turns = [{"role": message.role, "content": _STAND_IN.format(i)} for i, message in enumerate(messages)]
    try:
        rendered = (
            _environment()
            .from_string(template)
            .render(messages=turns, add_generation_prompt=True, tools=None, **_specials(tokenizer))
        )
    except jinja2.TemplateError as error:
        raise RoleRefused(
            f"The chat template of {model} fails ({error}). Use another file of this model, or another model."
        ) from error
    prompt = [tokenizer.bos] if tokenizer.bos >= 0 else []
    for i, part in enumerate(_STAND_INS.split(rendered)):
        tokens = tokenizer.encode(messages[int(part)].content) if i % 2 else tokenizer.encode_markup(part)
        prompt += tokens[1:] if prompt[:1] == tokens[:1] == [tokenizer.bos] and len(prompt) == 1 else tokens
    return prompt


def _specials(tokenizer: Tokenizer) -> dict[str, str]:
    bos = tokenizer.piece(tokenizer.bos).decode("utf-8", "replace") if tokenizer.bos >= 0 else ""
    return {"bos_token": bos, "eos_token": ""}


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])

    def refuse(message: str) -> None:
        raise jinja2.TemplateError(message)

    environment.globals["raise_exception"] = refuse
    return environment
