"""Answers a question about code in Markdown, as it is written."""

from collections.abc import AsyncGenerator

from interfix.commands.command_request import CommandRequest
from interfix.commands.instruct_client import InstructClient
from interfix.commands.markdown_answer import stream_markdown
from interfix.commands.selection import resolve_selection
from interfix.errors import UsageError


def ask(client: InstructClient, request: CommandRequest) -> AsyncGenerator[str, None]:
    """Stream the answer to the words, about what the selection means (see `resolve_selection`); closing it stops the engine.

    Raises `UsageError` where there is no code or no question, and what the engine raises.
    """
    if not request.instruction.strip():
        raise UsageError("To ask needs a question.")
    selection = resolve_selection(request.snapshot, request.start, request.end)
    return stream_markdown(client, request, selection, "ask", client.settings.commands.ask, {"question": request.instruction})
