"""What all commands that answer in words have in common: the request, and text without anything that could be clicked on."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from interfix.commands.command_request import CommandRequest
from interfix.commands.context_snippets import gather_context
from interfix.commands.instruct_client import InstructClient, TruncatedAnswer
from interfix.commands.prompt_templates import create_masker, fence_code, load_prompt
from interfix.commands.request_budget import compute_context_bytes
from interfix.commands.selection import Selection
from interfix.commands.selection_splitting import split_selection
from interfix.output.markdown_sanitizer import MarkdownSanitizer
from interfix.syntax.scopes import find_scopes
from interfix.values import ChatMessage, Sampling


async def stream_markdown(
    client: InstructClient,
    request: CommandRequest,
    selection: Selection,
    prompt_name: str,
    sampling: Sampling,
    variables: dict[str, str] | None = None,
) -> AsyncGenerator[str, None]:
    """Stream the answer to the prompt `prompt_name`; of a selection that is too long one answer for each part, under its names."""
    pieces = split_selection(selection, client.budget_settings, is_rewrite=False)
    for i, piece in enumerate(pieces):
        if len(pieces) > 1:
            yield ("\n\n" if i else "") + _sanitized(f"## {_format_heading(piece)}\n\n")
        sanitizer = MarkdownSanitizer()
        stream = client.stream(build_answer_messages(client, request, piece, prompt_name, variables or {}), sampling)
        ending = ""
        async with aclosing(stream):
            try:
                async for text in stream:
                    if clean := sanitizer.take(text):
                        yield clean
            except TruncatedAnswer as error:
                ending = f"\n\n*{_sanitized(str(error))}*"
        if rest := sanitizer.flush() + ending:
            yield rest


def _sanitized(text: str) -> str:
    sanitizer = MarkdownSanitizer()
    return sanitizer.take(text) + sanitizer.flush()


def build_answer_messages(
    client: InstructClient, request: CommandRequest, selection: Selection, prompt_name: str, variables: dict[str, str]
) -> tuple[ChatMessage, ...]:
    """The request about one stretch."""
    turns = load_prompt(prompt_name)
    text = turns["user"].substitute(
        language=selection.language or "source",
        place=selection.location_clause,
        code=fence_code(selection.code, selection.language),
        **variables,
    )
    masker = create_masker(selection, request.instruction)
    question = masker.mask(text)
    snippets = gather_context(
        request, selection, compute_context_bytes(selection, client.budget_settings, is_rewrite=False), masker
    )
    return (
        ChatMessage("system", masker.mask(turns["system"].substitute())),
        ChatMessage("user", question, snippets),
    )


def _format_heading(selection: Selection) -> str:
    first = selection.snapshot.lines.find_line(selection.start) + 1
    last = selection.snapshot.lines.find_line(selection.end) + 1
    names = [
        scope.name
        for scope in find_scopes(selection.snapshot, selection.start, selection.end)
        if selection.start <= scope.start and scope.end <= selection.end
    ]
    shown = ", ".join(f"`{name}`" for name in names[:4]) + (" …" if len(names) > 4 else "")
    return f"{shown} (lines {first} to {last})" if shown else f"Lines {first} to {last}"
