"""Lays prompts out for a server's model, with whatever counts its tokens."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from interfix.engine.protocol import ChatRequest, InfillRequest, NextEditRequest
from interfix.engine.remote.backend import ServerPrompt
from interfix.engine.remote.control_token_text import escape_controls
from interfix.engine.remote.estimated_tokenizer import EstimatedTokenizer
from interfix.engine.remote.model_and_tokenizer_detection import DetectedModel, list_control_tokens
from interfix.engine.remote.server_tokenizer import ServerTokenizer
from interfix.errors import RoleMismatchError, UsageError
from interfix.inference_types import ChatMessage, ContextSnippet, PromptPart, Segment
from interfix.masking import mask
from interfix.prompt import infill_layout
from interfix.prompt.chat_context_budget import ChatPrompt, FittedTurn, fit_context
from interfix.prompt.chat_layout import lay_out_chat
from interfix.prompt.families.next_edit_format import EditPromptParts
from interfix.prompt.few_shot_chat_layout import lay_out_few_shot
from interfix.prompt.layout_reuse import LayoutChoice
from interfix.prompt.next_edit_layout import lay_out_next_edit
from interfix.prompt.tokenizer import Tokenizer

DEFAULT_PROMPT_TOKENS = 1024
"""Length of an infill prompt where nobody has set one, tokens: a local model's, for a server may be a slow machine, too."""
DEFAULT_CONTEXT_TOKENS = 8192
"""Context of a server that does not tell what it has, and the most that a chat takes of one that has more, tokens."""
MIN_ANSWER_TOKENS = 256
"""Least room a chat's prompt must leave for the answer, tokens."""
TEMPLATE_TOKENS, TURN_TOKENS = 64, 8
"""What a chat template takes, about, where the server lays the turns out: once, and for each turn."""
MAX_PASSES = 6
"""Layouts of one prompt, at most: each asks for what the one before it did not know. Two or three do."""

_LayoutT = TypeVar("_LayoutT")


class InfillPrompt(msgspec.Struct, frozen=True):
    """A laid-out infill."""

    prompt: ServerPrompt
    """The prompt."""
    own_tokens: int
    """Its length in the tokens it was laid out with."""
    prompt_tokens: int
    """Its length in the model's, as far as it is known."""
    budget: int
    """The most it might have had."""
    parts: tuple[PromptPart, ...]
    """What became of each segment."""
    layout_choice: LayoutChoice | None
    """What was decided, for the document's next prompt."""


class ChatPayload(msgspec.Struct, frozen=True):
    """A laid-out chat."""

    prompt: ServerPrompt | None
    """The whole prompt; None where the server is to lay the turns out."""
    messages: tuple[ChatMessage, ...]
    """The turns as they are sent then, with as much of their context as there is room for."""
    prompt_tokens: int
    """Its length, as far as it is known."""
    max_answer_tokens: int
    """At most this many tokens are left for the answer."""
    parts: tuple[PromptPart, ...] = ()
    """What became of each piece of context and each turn, in order."""


async def prepare_infill(server_model: DetectedModel, request: InfillRequest, layout_choice: LayoutChoice | None) -> InfillPrompt:
    """The prompt of an infill, within its budget. Raises what the server's tokeniser raises."""
    family, words = server_model.family, server_model.tokenizer
    budget = max(
        1,
        min(
            request.prompt_budget or DEFAULT_PROMPT_TOKENS,
            (server_model.info.context_tokens or DEFAULT_CONTEXT_TOKENS) - request.max_tokens,
        ),
    )
    segments = request.segments
    if not isinstance(words, ServerTokenizer):  # the prompt is sent as text
        segments = tuple(_safe_segment(each, list_control_tokens(family)) for each in segments)
    room = words.to_own_tokens(budget) if isinstance(words, EstimatedTokenizer) else budget
    laid_out = await _lay_out_until_known(words, lambda: infill_layout.lay_out_infill(segments, words, family, room, layout_choice))
    prompt = _make_prompt(laid_out.tokens, words)
    return InfillPrompt(
        prompt, len(laid_out.tokens), _count_real_tokens(laid_out.tokens, words), budget, laid_out.parts, laid_out.choice
    )


async def prepare_next_edit(server_model: DetectedModel, request: NextEditRequest, max_tokens: int) -> tuple[ServerPrompt, int]:
    """The prompt of a next edit and its length in the model's tokens, as far as it is known.

    Raises `UsageError` where the region does not fit, and what the server's tokeniser raises.
    """
    family, words, parts = server_model.family, server_model.tokenizer, request.parts
    form = family.next_edit_format
    if form is None:
        raise RoleMismatchError(f"{server_model.info.name} was not tuned to propose the next edit in a layout that is known.")
    context = min(server_model.info.context_tokens or DEFAULT_CONTEXT_TOKENS, DEFAULT_CONTEXT_TOKENS)
    budget = max(1, min(request.prompt_budget or context, context - max_tokens))
    if not isinstance(words, ServerTokenizer):  # the prompt is sent as text
        parts = msgspec.convert(_escape_texts(msgspec.to_builtins(parts), list_control_tokens(family)), EditPromptParts)
    room = words.to_own_tokens(budget) if isinstance(words, EstimatedTokenizer) else budget
    laid_out = await _lay_out_until_known(words, lambda: lay_out_next_edit(parts, form, words, room))
    return _make_prompt(laid_out.tokens, words), _count_real_tokens(laid_out.tokens, words)


async def prepare_chat(server_model: DetectedModel, request: ChatRequest) -> ChatPayload:
    """A chat, by our own layout where prompts are given by ids and the template is known, else in turns.

    Raises `UsageError` where the turns do not fit, `RoleMismatchError` where the template fails, and what the server's tokeniser
    raises.
    """
    words, info = server_model.tokenizer, server_model.info
    context = min(info.context_tokens or DEFAULT_CONTEXT_TOKENS, DEFAULT_CONTEXT_TOKENS)
    room = min(MIN_ANSWER_TOKENS, request.max_tokens)
    template = info.chat_template or server_model.family.chat_template
    if request.model.is_forced or (isinstance(words, ServerTokenizer) and template):
        own = await _lay_out_until_known(
            words, lambda: _lay_out_whole(request, template, words, info.name, context - room), renders=True
        )
        laid_out = ChatPayload(
            _make_prompt(own.tokens, words), (), _count_real_tokens(own.tokens, words), request.max_tokens, own.parts
        )
    else:
        extra = TEMPLATE_TOKENS + TURN_TOKENS * len(request.messages)
        turns, fitted = await _fit_turns(server_model, request, context - room - extra)
        tokens = [token for each in fitted for token in each.tokens]
        parts = tuple(part for each in fitted for part in each.parts)
        laid_out = ChatPayload(None, turns, _count_real_tokens(tokens, words) + extra, request.max_tokens, parts)
    length = laid_out.prompt_tokens
    if length + room > context:
        says = f"This takes {length} tokens of the {context} of {info.name}: too little is left for an answer. Select less."
        raise UsageError(says)
    return msgspec.structs.replace(laid_out, max_answer_tokens=min(request.max_tokens, context - length))


def _lay_out_whole(request: ChatRequest, template: str, tokenizer: Tokenizer, model: str, budget: int) -> ChatPrompt:
    if request.model.is_forced:
        return lay_out_few_shot(request.messages, tokenizer, budget)
    return lay_out_chat(request.messages, template, tokenizer, model, budget)


async def _fit_turns(
    server_model: DetectedModel, request: ChatRequest, budget: int
) -> tuple[tuple[ChatMessage, ...], list[FittedTurn]]:
    words, controls = server_model.tokenizer, list_control_tokens(server_model.family)
    safe = [_escape_message(each, controls) for each in request.messages]
    room = words.to_own_tokens(budget) if isinstance(words, EstimatedTokenizer) else budget
    fitted = await _lay_out_until_known(words, lambda: fit_context(safe, words, room))
    return tuple(
        ChatMessage(each.role, mask(_decode_text(content.tokens, words))) for each, content in zip(safe, fitted, strict=True)
    ), fitted


def _escape_message(message: ChatMessage, controls: Sequence[str]) -> ChatMessage:
    """A turn in whose text nothing reads as a control token."""
    context = tuple(
        ContextSnippet(each.source, mask(escape_controls(each.text, controls)), each.name, each.left) for each in message.context
    )
    return ChatMessage(message.role, mask(escape_controls(message.content, controls)), context)


def _escape_texts(value: Any, controls: Sequence[str]) -> Any:
    """The same value with nothing in its texts that reads as a control token."""
    if isinstance(value, str):
        return escape_controls(value, controls)
    if isinstance(value, dict):
        return {name: _escape_texts(each, controls) for name, each in value.items()}
    return [_escape_texts(each, controls) for each in value] if isinstance(value, list | tuple) else value


def _safe_segment(segment: Segment, controls: Sequence[str]) -> Segment:
    """The same of a piece of an infill."""
    return segment.with_text(
        mask(escape_controls(segment.text, controls)), segment.line, mask(escape_controls(segment.brief, controls))
    )


async def _lay_out_until_known(tokenizer: Tokenizer, lay_out: Callable[[], _LayoutT], *, renders: bool = False) -> _LayoutT:
    """A layout in which no text's tokens are estimated that the server can tell.

    One that renders a chat template waits for a process: it is laid out in a thread.
    """
    laid_out = await asyncio.to_thread(lay_out) if renders else lay_out()
    for _ in range(MAX_PASSES):
        if not isinstance(tokenizer, ServerTokenizer) or not await tokenizer.fetch_missing():
            break
        laid_out = await asyncio.to_thread(lay_out) if renders else lay_out()
    return laid_out


def _make_prompt(tokens: Sequence[int], tokenizer: Tokenizer) -> ServerPrompt:
    """Ids only where they are the server's own."""
    own = isinstance(tokenizer, ServerTokenizer) and not any(map(tokenizer.is_estimated, tokens))
    return ServerPrompt(tuple(tokens) if own else (), _decode_text(tokens, tokenizer))


def _decode_text(tokens: Sequence[int], tokenizer: Tokenizer) -> str:
    return b"".join(map(tokenizer.token_to_piece, tokens)).decode("utf-8", "replace")


def _count_real_tokens(tokens: Sequence[int], tokenizer: Tokenizer) -> int:
    return tokenizer.to_real_tokens(len(tokens)) if isinstance(tokenizer, EstimatedTokenizer) else len(tokens)
