"""Writes a commit message from what is staged, in the style of the repository's last messages."""

import re

from interfix.commands.builtin_prompt_loader import load_prompt
from interfix.commands.instruct_client import InstructClient, UnusableAnswer
from interfix.commands.staged_changes import StagedChanges, StagedFile
from interfix.inference_types import ChatMessage, ContextSnippet, Sampling
from interfix.masking import Masker

MAX_MESSAGE_CHARACTERS = 400
"""So much of an older message is shown."""
_FENCE = re.compile(r"```[^\n]*\n(.*?)\n?```", re.DOTALL)
_LABEL = re.compile(r"^(?:\*\*)?commit message:?(?:\*\*)?:?\s*", re.IGNORECASE)


async def write_commit_message(client: InstructClient, changes: StagedChanges) -> str:
    """The message. Raises `UnusableAnswer` where the model gives none, and what the engine raises.

    All files are named. Their changes are shown as far as the prompt has room, the smaller ones first, with secrets masked.
    """
    messages = build_messages(changes)
    message = _extract_message(await client.request_answer(messages, Sampling()))
    if not message:
        raise UnusableAnswer(f"{client.model.name} gave no commit message; try again.", message)
    return message


def build_messages(changes: StagedChanges) -> tuple[ChatMessage, ChatMessage]:
    """The request."""
    masker = Masker(*(file.diff for file in changes.files), *changes.messages)
    turns = load_prompt("commit_message")
    changed_files = sorted((file for file in changes.files if file.diff), key=lambda file: len(file.diff))
    snippets = tuple(ContextSnippet("diff", masker.mask(f"{file.path}:\n{file.diff}"), file.path) for file in changed_files)
    older = "\n---\n".join(each[:MAX_MESSAGE_CHARACTERS] for each in changes.messages)
    text = turns["user"].substitute(
        messages=older or "(none yet)", files="\n".join(f"- {_describe_file(file)}" for file in changes.files)
    )
    return ChatMessage("system", masker.mask(turns["system"].substitute())), ChatMessage("user", masker.mask(text), snippets)


def _describe_file(file: StagedFile) -> str:
    return f"{file.path}: {file.state}" + (f" (not shown: {file.refusal})" if file.refusal else "")


def _extract_message(answer: str) -> str:
    text = answer.strip()
    if fenced := _FENCE.search(text):
        text = fenced[1].strip()
    text = _LABEL.sub("", text)
    lines = [line.rstrip() for line in text.splitlines()]
    if lines:
        lines[0] = lines[0].strip("`\"' *#")
    if len(lines) > 1 and lines[1]:
        lines.insert(1, "")
    return "\n".join(lines).strip()
