"""The prompts of the commands: Markdown files beside this one, a `# turn` heading and then its text with $placeholders."""

import re
from functools import cache
from importlib import resources
from string import Template


@cache
def load_prompt(name: str) -> dict[str, Template]:
    """The turns of `COMMAND_NAME.md`, by their headings."""
    text = (resources.files(__package__) / f"{name}.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^# (\w+)\n", text, flags=re.MULTILINE)
    return {turn: Template(body.strip()) for turn, body in zip(parts[::2], parts[1::2], strict=True)}
