"""Explains code in Markdown, as it is written."""

from collections.abc import AsyncGenerator

from interfix.commands.command_request import CommandRequest
from interfix.commands.instruct_client import InstructClient
from interfix.commands.markdown_answer import stream_markdown
from interfix.commands.selection import resolve_selection


def explain(client: InstructClient, request: CommandRequest) -> AsyncGenerator[str, None]:
    """Stream the explanation of what the selection means (see `resolve_selection`); closing it stops the engine.

    Raises `UsageError` where there is no code, and what the engine raises.
    """
    selection = resolve_selection(request.snapshot, request.start, request.end)
    return stream_markdown(client, request, selection, "explain", client.settings.commands.explain)
