"""Lays a chat out by a model's own template, in a sandbox. Text of a turn never becomes a control token."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import jinja2
from jinja2.ext import Extension
from jinja2.nodes import Node
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from interfix.errors import RoleMismatchError
from interfix.masking import mask
from interfix.prompt.chat_context import ChatPrompt, fit_context
from interfix.prompt.reasoning_marks import find_given_mark
from interfix.prompt.tokenizer import Tokenizer
from interfix.values import ChatMessage

# Private-use characters stand in for each turn's text while the template runs, so that the text itself can be tokenised as text.
_PLACEHOLDER = "\ue0f0{}\ue0f1"
_PLACEHOLDERS = re.compile("\ue0f0(\\d+)\ue0f1")


def lay_out_chat(messages: Sequence[ChatMessage], template: str, tokenizer: Tokenizer, model: str, budget: int) -> ChatPrompt:
    """The prompt, ending where the assistant's answer begins.

    Within `budget` tokens as much of the messages' context is shown as has room; without any the prompt may be longer. A system
    turn that the template refuses or leaves out is put before the first user turn. Raises `RoleMismatchError`,
    with the model's name,
    where the template fails.
    """
    merged = _merge_system_turn(messages)
    turns, parts = messages, _render_template(messages, template, tokenizer)
    if isinstance(parts, Exception) or _omits_turns(parts, messages):
        again = _render_template(merged, template, tokenizer) if merged is not messages else parts
        if isinstance(again, Exception):
            error = parts if isinstance(parts, Exception) else again
            raise RoleMismatchError(
                f"The chat template of {model} fails ({error}). Use another file of this model, or another model."
            ) from error
        turns, parts = merged, again
    if _omits_turns(parts, turns):
        raise RoleMismatchError(
            f"The chat template of {model} leaves out what was asked. Use another file of this model, or another model."
        )
    markup = [_encode_markup(part, tokenizer, first=i == 0) for i, part in enumerate(parts[::2])]
    fitted = fit_context(turns, tokenizer, budget - sum(map(len, markup)))
    prompt = markup[0]
    for number, tokens in zip(parts[1::2], markup[1:], strict=True):
        prompt = prompt + fitted[int(number)].tokens + tokens
    return ChatPrompt(prompt, tuple(part for each in fitted for part in each.parts), find_given_mark(parts[-1]))


def _merge_system_turn(messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    """The turns with the system's text before the first user turn's own; the same object where there is none to merge."""
    if len(messages) < 2 or messages[0].role != "system":
        return messages
    system, first, *rest = messages
    return (ChatMessage(first.role, mask(f"{system.content}\n\n{first.content}"), first.context), *rest)


def _omits_turns(parts: Sequence[str], messages: Sequence[ChatMessage]) -> bool:
    return set(parts[1::2]) != {str(i) for i in range(len(messages))}


def _render_template(messages: Sequence[ChatMessage], template: str, tokenizer: Tokenizer) -> list[str] | Exception:
    """The template's own text and the numbers of the turns between, in turn; the exception where the template fails.

    A template is somebody's program: whatever it raises is its failure.
    """
    values: dict[str, Any] = {
        "messages": [{"role": message.role, "content": _PLACEHOLDER.format(i)} for i, message in enumerate(messages)],
        "add_generation_prompt": True,
        "bos_token": tokenizer.bos_text,
        "eos_token": tokenizer.eos_text,
        # Models that can think aloud are asked not to: on a small machine it takes minutes.
        "enable_thinking": False,
    }
    failure: Exception | None = None
    for tools in ({"tools": None}, {}):  # most want to be told that there are none, some go through them whatever they are
        try:
            return _PLACEHOLDERS.split(_compile_template(template).render(**values, **tools))
        except Exception as error:
            failure = failure or error
    assert failure is not None
    return failure


def _encode_markup(text: str, tokenizer: Tokenizer, *, first: bool) -> list[int]:
    """The tokens of the template's own text; the token that begins every prompt stands once, whether or not it is written there."""
    tokens = tokenizer.encode_markup(text, first=first)
    if not first or tokenizer.bos < 0 or tokens[:1] == [tokenizer.bos]:
        return tokens
    return [tokenizer.bos, *tokens]


@lru_cache(maxsize=8)
def _compile_template(template: str) -> jinja2.Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _GenerationTag]
    )
    environment.filters["tojson"] = _dump_json
    environment.globals["raise_exception"] = _raise_template_error
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)  # the user's own clock is meant
    return environment.from_string(template)


def _raise_template_error(message: str) -> None:
    raise jinja2.TemplateError(message)


def _dump_json(value: Any, indent: int | None = None, **_: Any) -> str:
    """JSON as chat templates want it; Jinja's own filter escapes for HTML."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


class _GenerationTag(Extension):
    """`{% generation %}…{% endgeneration %}` marks the assistant's text for training and means nothing here."""

    tags = {"generation"}  # noqa: RUF012 (jinja2 declares it so)

    def parse(self, parser: Parser) -> Node | list[Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)
