"""What all commands that answer in words have in common: the request, and text without anything that could be clicked on."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from interfix.commands.command_request import CommandRequest
from interfix.commands.instruct_client import InstructClient, TruncatedAnswer
from interfix.commands.selection import Selection
from interfix.commands.selection_prompt import build_selection_prompt
from interfix.commands.selection_splitting import split_selection
from interfix.inference_types import Sampling
from interfix.output.markdown_code import write_code_span
from interfix.output.markdown_sanitizer import MarkdownSanitizer
from interfix.syntax.enclosing_scopes import find_scopes


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
        prompt = build_selection_prompt(request, piece, client.budget_settings, prompt_name, variables or {}, is_rewrite=False)
        stream = client.stream(prompt.messages, sampling)
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


def _format_heading(selection: Selection) -> str:
    first = selection.snapshot.lines.find_line(selection.start) + 1
    last = selection.snapshot.lines.find_line(selection.end) + 1
    names = [
        scope.name
        for scope in find_scopes(selection.snapshot, selection.start, selection.end)
        if selection.start <= scope.start and scope.end <= selection.end
    ]
    heading = ", ".join(map(write_code_span, names[:4])) + (" …" if len(names) > 4 else "")
    return f"{heading} (lines {first} to {last})" if heading else f"Lines {first} to {last}"
