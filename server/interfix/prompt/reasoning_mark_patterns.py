"""How models mark the reasoning that they write before an answer, where nobody takes it out for them.

Sources: the chat templates that come with llama.cpp have `<think>`, `<seed:think>`, `<mm:think>`, `<think:opensource>`,
`<|START_THINKING|>`, `<|channel|>analysis`, `<|channel>thought`, `<|inner_prefix|>`, `[THINK]`, `<|open|>think<|sep|>` (Kimi K3),
`<|think|>`, `to=self<|message|>` and a sentence of Apriel's. Known by name only, not checked: `◁think▷` (Kimi) and
`<|begin_of_thought|>` (OpenThinker). The plain tags are what system prompts ask of other models. Makers put names of their own
before and behind the word of a tag: any is taken.
"""

import re

_WORDS = "think|thinking|thought|thoughts|reasoning|reflection|scratchpad"
_TAG = rf"(?:[a-z][\w-]{{0,15}}:)?(?:{_WORDS})(?::[\w-]{{1,15}})?"
_PARTIAL_TAG = re.compile(r"</?(?:[a-z][\w:-]{0,44})?\Z", re.IGNORECASE)
"""What may still become a tag."""
_OTHER_MARKS: dict[str, tuple[str, ...]] = {
    "[think]": ("[/think]",),
    "◁think▷": ("◁/think▷",),
    "<|start_thinking|>": ("<|end_thinking|>",),
    "<|begin_of_thought|>": ("<|end_of_thought|>",),
    "<|inner_prefix|>": ("<|inner_suffix|>",),
    "<|open|>think<|sep|>": ("<|close|>think<|sep|>",),
    "<|channel>thought": ("<channel|>",),
    "<|channel|>analysis": ("<|end|>", "<|channel|>final<|message|>"),
    "<|channel|>commentary": ("<|end|>", "<|channel|>final<|message|>"),
    "<|think|>": ("<|end|>",),
    "to=self<|message|>": ("<|eom|>",),
    "here are my reasoning steps:": ("[begin final response]",),
}
"""What begins reasoning, in lower case, and what may end it. No mark is the beginning of another."""
_ANSWER_MARKS = (
    *("<|start|>assistant", "<|channel|>final<|message|>", "<|return|>", "to=user<|message|>", "<|begin|>assistant<|content|>"),
    *("<|start_response|>", "<|end_response|>", "<|begin_of_solution|>", "<|end_of_solution|>"),
    *("<|open|>response<|sep|>", "<|close|>response<|sep|>", "<|close|>message<|sep|>", "<|start_text|>", "<|end_text|>"),
)
"""What stands around the answer itself where reasoning came before it, in lower case."""
_FIXED_MARKS = (*_OTHER_MARKS, *_ANSWER_MARKS)
_LONE_ENDS = {end: begin for begin, ends in _OTHER_MARKS.items() for end in ends if end.startswith(("[/", "◁/", "[begin"))}
EXAMPLE_MARKS: dict[str, tuple[str, ...]] = {
    **{f"<{tag}>": (f"</{tag}>",) for tag in (*_WORDS.split("|"), "seed:think", "mm:think", "think:opensource")},
    **_OTHER_MARKS,
}
"""Marks that models are known to write, with what may end each: there are more tags than these."""
LONGEST_MARK = max(48, *map(len, _FIXED_MARKS))
"""Characters of the longest mark."""
MARK_PATTERN = re.compile("|".join((f"<{_TAG}>", *map(re.escape, _FIXED_MARKS))), re.IGNORECASE)
"""What begins reasoning, or stands around an answer."""
LONE_END_PATTERN = re.compile("|".join((f"</{_TAG}>", *map(re.escape, _LONE_ENDS))), re.IGNORECASE)
"""What cannot mean anything but the end of reasoning."""
_GIVEN_MARK = re.compile(f"(?:{'|'.join((f'<{_TAG}>', *map(re.escape, _OTHER_MARKS)))})\\Z", re.IGNORECASE)


def list_ends(mark: str) -> tuple[str, ...]:
    """What may end the reasoning that a mark begins, in lower case as the mark is; empty where it begins none."""
    if mark in _OTHER_MARKS:
        return _OTHER_MARKS[mark]
    return () if mark in _ANSWER_MARKS else (f"</{mark[1:]}",)


def find_begin(end: str) -> str:
    """The mark that begins what a lone end, in lower case, ends."""
    return _LONE_ENDS.get(end) or f"<{end[2:]}"


def count_unclear(text: str) -> int:
    """How many of the last characters may be the beginning of a mark."""
    tail = text[-LONGEST_MARK:].lower()
    partial = _PARTIAL_TAG.search(tail)
    first = next((i for i in range(len(tail)) if any(mark.startswith(tail[i:]) for mark in _FIXED_MARKS)), len(tail))
    return len(tail) - min(first, partial.start() if partial else first)


def find_given_mark(markup: str) -> str:
    """The mark by which a chat template has begun the reasoning for the model, at the end of its markup; empty for none."""
    match = _GIVEN_MARK.search(markup.rstrip()[-LONGEST_MARK:])
    return match[0].lower() if match else ""
