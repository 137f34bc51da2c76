"""Fits the context of a chat's turns into an exact number of tokens."""

from collections.abc import Sequence

import msgspec

from interfix.inference_types import ChatMessage, ContextSnippet, PartState, PromptPart, SegmentKind
from interfix.prompt.tokenizer import Tokenizer

PARAGRAPH_BREAK = "\n\n"
"""Between two pieces of context, and before the content."""
_STATE_WORDS = {PartState.WHOLE: "", PartState.CUT: "cut to the budget", PartState.NO_ROOM: "left out: prompt full"}


class ChatPrompt(msgspec.Struct, frozen=True):
    """A chat laid out."""

    tokens: list[int]
    """The prompt, ending where the answer begins."""
    parts: tuple[PromptPart, ...]
    """What became of each piece of context and each turn, in order; the template's own text is none of them."""
    reasoning_mark: str = ""
    """By what the template has begun reasoning at the prompt's end; empty where it has not."""


class FittedTurn(msgspec.Struct, frozen=True):
    """A turn with the context that has room."""

    tokens: list[int]
    """Both."""
    parts: tuple[PromptPart, ...]
    """What became of each piece, then the turn itself."""


def fit_context(messages: Sequence[ChatMessage], tokenizer: Tokenizer, budget: int) -> list[FittedTurn]:
    """Each message's text, its context before it as far as all of them stay within `budget` tokens.

    The last message's context comes first. Of the last piece with any room the whole lines are shown that fit.
    """
    contents = [tokenizer.encode(message.content) for message in messages]
    room = budget - sum(map(len, contents))
    fitted: list[FittedTurn] = []
    for message, content in zip(reversed(messages), reversed(contents), strict=True):
        context, parts, full = list[int](), list[PromptPart](), False
        for piece in message.context:
            tokens, state = list[int](), PartState.EXCLUDED if piece.left else PartState.NO_ROOM
            if not full and not piece.left:
                tokens, state = _fit_snippet(piece, tokenizer, room)
                full = state is not PartState.WHOLE
            context += tokens
            room -= len(tokens)
            why = piece.left or _STATE_WORDS[state]
            parts.append(PromptPart(SegmentKind.CONTEXT, piece.source, piece.name, len(tokens), bool(tokens), state, why=why))
        parts.append(PromptPart(SegmentKind.TURN, message.role, "", len(content), kept=True))
        fitted.append(FittedTurn(context + content, tuple(parts)))
    return fitted[::-1]


def _fit_snippet(snippet: ContextSnippet, tokenizer: Tokenizer, room: int) -> tuple[list[int], PartState]:
    """As much of a piece as has room, and what became of it."""
    tokens = tokenizer.encode(snippet.text + PARAGRAPH_BREAK)
    if len(tokens) <= room:
        return tokens, PartState.WHOLE
    tokens = _cut_to_head(snippet.text, tokenizer, room)
    return tokens, PartState.CUT if tokens else PartState.NO_ROOM


def _cut_to_head(text: str, tokenizer: Tokenizer, room: int) -> list[int]:
    """As many whole lines of the beginning as fit, with a gap behind them; nothing where not one does."""
    lines = text.splitlines(keepends=True)
    low, high = 0, len(lines) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if len(tokenizer.encode("".join(lines[:middle]) + PARAGRAPH_BREAK)) <= room:
            low = middle
        else:
            high = middle - 1
    return tokenizer.encode("".join(lines[:low]) + PARAGRAPH_BREAK) if low else []
