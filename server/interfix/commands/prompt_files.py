"""Prompts are markdown files beside the commands: a `# turn` heading, then its text with $placeholders."""

import re
from functools import cache
from importlib import resources
from string import Template

from interfix.commands.selection import Selection
from interfix.context.document_masking import compute_mask_lines
from interfix.masking import Masker


@cache
def load_prompt(name: str) -> dict[str, Template]:
    """The turns of `COMMAND_NAME.md`, by their headings."""
    text = (resources.files(__package__) / f"{name}.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^# (\w+)\n", text, flags=re.MULTILINE)
    return {turn: Template(body.strip()) for turn, body in zip(parts[::2], parts[1::2], strict=True)}


def create_masker(selection: Selection, words: str = "") -> Masker:
    """Hides the secrets in and around a selection, and those in the user's own words."""
    snapshot = selection.snapshot
    first, last = compute_mask_lines(snapshot, selection.start, selection.end)
    around = snapshot.data[snapshot.lines.find_start(first) : snapshot.lines.find_next_start(snapshot.data, last - 1)]
    return Masker(around.decode("utf-8", "surrogatepass"), words)


def fence_code(code: str, language: str) -> str:
    """Code as a fenced block that nothing inside it can close."""
    longest = max(map(len, re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"
