"""How models mark the reasoning that they write before an answer, where nobody takes it out for them.

Sources: the chat templates that come with llama.cpp have `<think>`, `<seed:think>`, `<|START_THINKING|>`, `<|channel|>analysis`,
`<|channel>thought` and `<|inner_prefix|>`. Known by name only, not checked: `[THINK]` (Magistral), `◁think▷` (Kimi) and
`<|begin_of_thought|>` (OpenThinker). The plain tags are what system prompts ask of other models.
"""

_TAGS = ("think", "thinking", "thought", "thoughts", "reasoning", "reflection", "scratchpad", "seed:think")
REASONING_MARKS: dict[str, tuple[str, ...]] = {
    **{f"<{tag}>": (f"</{tag}>",) for tag in _TAGS},
    "[think]": ("[/think]",),
    "◁think▷": ("◁/think▷",),
    "<|start_thinking|>": ("<|end_thinking|>",),
    "<|begin_of_thought|>": ("<|end_of_thought|>",),
    "<|inner_prefix|>": ("<|inner_suffix|>",),
    "<|channel>thought": ("<channel|>",),
    "<|channel|>analysis": ("<|end|>", "<|channel|>final<|message|>"),
    "<|channel|>commentary": ("<|end|>", "<|channel|>final<|message|>"),
}
"""What begins reasoning, in lower case, and what may end it. No mark is the beginning of another."""
ANSWER_MARKS = (
    *("<|start|>assistant", "<|channel|>final<|message|>", "<|return|>"),
    *("<|start_response|>", "<|end_response|>", "<|begin_of_solution|>", "<|end_of_solution|>"),
)
"""What stands around the answer itself where reasoning came before it, in lower case."""


def find_given_mark(markup: str) -> str:
    """The mark by which a chat template has begun the reasoning for the model, at the end of its markup; empty for none."""
    end = markup.rstrip().lower()
    return next((mark for mark in REASONING_MARKS if end.endswith(mark)), "")
