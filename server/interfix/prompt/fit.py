"""Fits what may be shown of the turns' context into an exact number of tokens. Knows no template and no engine."""

from collections.abc import Sequence

from interfix.prompt.tokenizer import Tokenizer
from interfix.values import Message

GAP = "\n\n"
"""Between two pieces of context, and before the content."""


def with_context(messages: Sequence[Message], tokenizer: Tokenizer, budget: int) -> list[list[int]]:
    """The tokens of each message's text, its context before it as far as all of them stay within `budget` tokens.

    The last message's context comes first. Of the last piece with any room the whole lines are shown that fit.
    """
    contents = [tokenizer.encode(message.content) for message in messages]
    room = budget - sum(map(len, contents))
    for i in reversed(range(len(messages))):
        context: list[int] = []
        for piece in messages[i].context:
            tokens = tokenizer.encode(piece + GAP)
            whole = len(tokens) <= room
            tokens = tokens if whole else _head(piece, tokenizer, room)
            context += tokens
            room -= len(tokens)
            if not whole:
                break
        contents[i] = context + contents[i]
    return contents


def _head(text: str, tokenizer: Tokenizer, room: int) -> list[int]:
    """As many whole lines of the beginning as fit, with a gap behind them; nothing where not one does."""
    lines = text.splitlines(keepends=True)
    low, high = 0, len(lines) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if len(tokenizer.encode("".join(lines[:middle]) + GAP)) <= room:
            low = middle
        else:
            high = middle - 1
    return tokenizer.encode("".join(lines[:low]) + GAP) if low else []
