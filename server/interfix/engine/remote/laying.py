"""Lays prompts out for a server's model, with whatever counts its tokens. Knows no API; asks a server about tokens only."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.remote.asked import Asked
from interfix.engine.remote.estimate import Estimate
from interfix.engine.remote.recognition import Recognised, controls_of
from interfix.engine.remote.server import Prompt
from interfix.engine.remote.spelling import harmless
from interfix.errors import BadUsage
from interfix.masking import mask
from interfix.prompt import layout
from interfix.prompt.again import Choice
from interfix.prompt.chat import lay_out_chat
from interfix.prompt.examples import lay_out_examples
from interfix.prompt.fit import ChatPrompt, Fitted, with_context
from interfix.prompt.tokenizer import Tokenizer
from interfix.values import Message, Part, Piece, Segment

PROMPT_TOKENS = 1024
"""Length of an infill prompt where nobody has set one, tokens: a local model's, for a server may be a slow machine, too."""
CONTEXT_TOKENS = 8192
"""Context of a server that does not tell what it has, and the most that a chat takes of one that has more, tokens."""
ANSWER_ROOM = 256
"""Least room a chat's prompt must leave for the answer, tokens."""
TEMPLATE_TOKENS, TURN_TOKENS = 64, 8
"""What a chat template takes, about, where the server lays the turns out: once, and for each turn."""
PASSES = 6
"""Layouts of one prompt, at most: each asks for what the one before it did not know. Two or three do."""

_Laid = TypeVar("_Laid")


class Infill(msgspec.Struct, frozen=True):
    """A laid-out infill."""

    prompt: Prompt
    """The prompt."""
    own: int
    """Its length in the tokens it was laid out with."""
    tokens: int
    """Its length in the model's, as far as it is known."""
    budget: int
    """The most it might have had."""
    parts: tuple[Part, ...]
    """What became of each segment."""
    choice: Choice | None
    """What was decided, for the document's next prompt."""


class Turns(msgspec.Struct, frozen=True):
    """A laid-out chat."""

    prompt: Prompt | None
    """The whole prompt; None where the server is to lay the turns out."""
    turns: tuple[Message, ...]
    """The turns as they are sent then, with as much of their context as there is room for."""
    tokens: int
    """Its length, as far as it is known."""
    limit: int
    """At most this many tokens are left for the answer."""
    parts: tuple[Part, ...] = ()
    """What became of each piece of context and each turn, in order."""


async def infill(found: Recognised, request: InfillRequest, choice: Choice | None) -> Infill:
    """The prompt of an infill, within its budget. Raises what the server's tokeniser raises."""
    family, words = found.family, found.tokenizer
    budget = max(1, min(request.prompt_budget or PROMPT_TOKENS, (found.told.context or CONTEXT_TOKENS) - request.max_tokens))
    segments = request.segments
    if not isinstance(words, Asked):  # the prompt is sent as text
        segments = tuple(_safe_segment(each, controls_of(family)) for each in segments)
    room = words.room(budget) if isinstance(words, Estimate) else budget
    laid_out = await _settled(words, lambda: layout.lay_out(segments, words, family, room, choice))
    prompt = _prompt(laid_out.tokens, words)
    return Infill(prompt, len(laid_out.tokens), _real(laid_out.tokens, words), budget, laid_out.parts, laid_out.choice)


async def chat(found: Recognised, request: ChatRequest) -> Turns:
    """A chat, by our own layout where prompts are given by ids and the template is known, else in turns.

    Raises `BadUsage` where the turns do not fit, `RoleRefused` where the template fails, and what the server's tokeniser raises.
    """
    words, told = found.tokenizer, found.told
    context = min(told.context or CONTEXT_TOKENS, CONTEXT_TOKENS)
    room = min(ANSWER_ROOM, request.max_tokens)
    template = told.template or found.family.template
    if request.model.forced or (isinstance(words, Asked) and template):
        own = await _settled(words, lambda: _our_own(request, template, words, told.model, context - room))
        laid_out = Turns(_prompt(own.tokens, words), (), _real(own.tokens, words), request.max_tokens, own.parts)
    else:
        extra = TEMPLATE_TOKENS + TURN_TOKENS * len(request.messages)
        turns, fitted = await _in_turns(found, request, context - room - extra)
        tokens = [token for each in fitted for token in each.tokens]
        parts = tuple(part for each in fitted for part in each.parts)
        laid_out = Turns(None, turns, _real(tokens, words) + extra, request.max_tokens, parts)
    length = laid_out.tokens
    if length + room > context:
        says = f"This takes {length} tokens of the {context} of {told.model}: too little is left for an answer. Select less."
        raise BadUsage(says)
    return msgspec.structs.replace(laid_out, limit=min(request.max_tokens, context - length))


def _our_own(request: ChatRequest, template: str, words: Tokenizer, model: str, budget: int) -> ChatPrompt:
    if request.model.forced:
        return lay_out_examples(request.messages, words, budget)
    return lay_out_chat(request.messages, template, words, model, budget)


async def _in_turns(found: Recognised, request: ChatRequest, budget: int) -> tuple[tuple[Message, ...], list[Fitted]]:
    words, controls = found.tokenizer, controls_of(found.family)
    safe = [_safe(each, controls) for each in request.messages]
    room = words.room(budget) if isinstance(words, Estimate) else budget
    fitted = await _settled(words, lambda: with_context(safe, words, room))
    return tuple(Message(each.role, mask(_text(content.tokens, words))) for each, content in zip(safe, fitted, strict=True)), fitted


def _safe(message: Message, controls: Sequence[str]) -> Message:
    """A turn in whose text nothing reads as a control token."""
    context = tuple(Piece(each.source, mask(harmless(each.text, controls)), each.name, each.left) for each in message.context)
    return Message(message.role, mask(harmless(message.content, controls)), context)


def _safe_segment(segment: Segment, controls: Sequence[str]) -> Segment:
    """The same of a piece of an infill."""
    return segment.showing(mask(harmless(segment.text, controls)), segment.line, mask(harmless(segment.brief, controls)))


async def _settled(words: Tokenizer, lay_out: Callable[[], _Laid]) -> _Laid:
    """A layout in which no text's tokens are estimated that the server can tell."""
    laid_out = lay_out()
    for _ in range(PASSES):
        if not isinstance(words, Asked) or not await words.fetch():
            break
        laid_out = lay_out()
    return laid_out


def _prompt(tokens: Sequence[int], words: Tokenizer) -> Prompt:
    """Ids only where they are the server's own."""
    own = isinstance(words, Asked) and not any(map(words.estimated, tokens))
    return Prompt(tuple(tokens) if own else (), _text(tokens, words))


def _text(tokens: Sequence[int], words: Tokenizer) -> str:
    return b"".join(map(words.piece, tokens)).decode("utf-8", "replace")


def _real(tokens: Sequence[int], words: Tokenizer) -> int:
    return words.real(len(tokens)) if isinstance(words, Estimate) else len(tokens)
