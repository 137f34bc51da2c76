"""Lays a chat out by a model's own template. Text of a turn never becomes a control token."""

import re
from collections.abc import Sequence
from typing import Any

from interfix.errors import RoleMismatchError
from interfix.inference_types import ChatMessage
from interfix.masking import mask
from interfix.prompt.chat_context_budget import ChatPrompt, fit_context
from interfix.prompt.reasoning_mark_patterns import find_given_mark
from interfix.prompt.template_rendering import TemplateError, render_template
from interfix.prompt.tokenizer import Tokenizer

# Private-use characters stand in for each turn's text while the template runs, so that the text itself can be tokenised as text.
_PLACEHOLDER = "\ue0f0{}\ue0f1"
_NO_REASONING = {"enable_thinking": False, "thinking": False, "reasoning": False, "thinking_mode": "disabled"}
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
        merged_parts = _render_template(merged, template, tokenizer) if merged is not messages else parts
        if isinstance(merged_parts, Exception):
            error = parts if isinstance(parts, Exception) else merged_parts
            raise RoleMismatchError(
                f"The chat template of {model} fails ({error}). Use another file of this model, or another model."
            ) from error
        turns, parts = merged, merged_parts
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


def render_turns(messages: Sequence[ChatMessage], template: str, tokenizer: Tokenizer) -> None:
    """Run the template ahead: what it writes, or how it fails, is kept for `lay_out_chat`, which then waits for nothing."""
    parts, merged = _render_template(messages, template, tokenizer), _merge_system_turn(messages)
    if (isinstance(parts, Exception) or _omits_turns(parts, messages)) and merged is not messages:
        _render_template(merged, template, tokenizer)


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

    A template is somebody's program: whatever it does wrong is its failure.
    """
    values: dict[str, Any] = {
        "messages": [{"role": message.role, "content": _PLACEHOLDER.format(i)} for i, message in enumerate(messages)],
        "add_generation_prompt": True,
        "bos_token": tokenizer.bos_text,
        "eos_token": tokenizer.eos_text,
        # Models that can think aloud are asked not to, by the names that templates have for it: it takes minutes here.
        **_NO_REASONING,
    }
    try:
        return _PLACEHOLDERS.split(render_template(template, values))
    except TemplateError as error:
        return error


def _encode_markup(text: str, tokenizer: Tokenizer, *, first: bool) -> list[int]:
    """The tokens of the template's own text; the token that begins every prompt stands once, whether or not it is written there."""
    tokens = tokenizer.encode_markup(text, first=first)
    if not first or tokenizer.bos < 0 or tokens[:1] == [tokenizer.bos]:
        return tokens
    return [tokenizer.bos, *tokens]
