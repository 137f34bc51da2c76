"""Lays a chat out for a base model, which follows examples, not orders: each has an end marker."""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from interfix.inference_types import ChatMessage
from interfix.prompt.chat_context_budget import ChatPrompt, fit_context
from interfix.prompt.tokenizer import Tokenizer

REQUEST_MARKER, ANSWER_MARKER, END_MARKER = "=== request", "=== answer", "=== end"
ANSWER_ENDS = (f"\n{END_MARKER}", f"\n{REQUEST_MARKER}", f"\n{ANSWER_MARKER}")
"""Where the answer is over: at its own end marker, or where the model begins another example."""


def lay_out_few_shot(messages: Sequence[ChatMessage], tokenizer: Tokenizer, budget: int) -> ChatPrompt:
    """The prompt: what the system turn says, the examples, then the turns in their form, up to where the answer begins.

    Within `budget` tokens as much of the messages' context is shown as has room; without any the prompt may be longer.
    """
    system = [message.content for message in messages if message.role == "system"]
    turns = [message for message in messages if message.role != "system"]
    heads = [ANSWER_MARKER if turn.role == "assistant" else REQUEST_MARKER for turn in turns]
    frame = [tokenizer.encode("\n\n".join([*system, _load_examples()]) + "\n\n" + heads[0] + "\n")]
    for ended, head in zip(heads, [*heads[1:], ANSWER_MARKER], strict=True):
        frame.append(tokenizer.encode((f"\n{END_MARKER}" if ended == ANSWER_MARKER else "") + f"\n\n{head}\n"))
    begin = [tokenizer.bos] if tokenizer.bos >= 0 else []
    fitted = fit_context(turns, tokenizer, budget - len(begin) - sum(map(len, frame)))
    prompt = begin + frame[0]
    for turn, tokens in zip(fitted, frame[1:], strict=True):
        prompt += turn.tokens + tokens
    return ChatPrompt(prompt, tuple(part for each in fitted for part in each.parts))


@cache
def _load_examples() -> str:
    text = (resources.files(__package__) / "examples.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^# (request|answer)\n", text, flags=re.MULTILINE)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return "\n\n".join(
        f"{REQUEST_MARKER}\n{body.strip()}" if kind == "request" else f"{ANSWER_MARKER}\n{body.strip()}\n{END_MARKER}"
        for kind, body in pairs
    )
