"""`interfix.why`: the exact prompt at a place or of a command, or what the last suggestion of a document was made from."""

from collections.abc import Awaitable
from typing import Any

import msgspec
from lsprotocol import types

from interfix.commands.prompt_preview import preview_prompts
from interfix.completion.prompt_report import build_prompt_report, build_report
from interfix.completion.suggestion import SuggestionRequest
from interfix.errors import UnavailableError, UsageError
from interfix.lsp import command_params, converters
from interfix.lsp.instruct_commands import find_command
from interfix.lsp.selection import Position
from interfix.lsp.session import Session
from interfix.syntax.snapshot import Snapshot


class PromptArguments(msgspec.Struct, frozen=True):
    """Where to look: at a completion's place, or at a command."""

    uri: str = ""
    """The open document of a completion."""
    position: Position | None = None
    """The cursor. None: the last suggestion's, whose prompt is told part by part but not word for word, with what became of it."""
    command: str = ""
    """A command such as `interfix.refactor`, or `interfix.run`; empty: a completion is meant."""
    arguments: command_params.CommandArguments | None = None
    """What the command would be given."""


def report_prompt(session: Session, arguments: PromptArguments, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """The prompt, its parts, what each source took and what was left out; of a command those of each request it makes."""
    if arguments.command:
        return _report_command(session, arguments)
    snapshot = session.snapshot(arguments.uri)
    if arguments.position is None:
        return _report_last(session, snapshot)
    at = types.Position(arguments.position.line, arguments.position.character)
    return _report_at(session, snapshot, converters.byte_offset(snapshot, at, session.encoding))


def _report_command(session: Session, arguments: PromptArguments) -> Awaitable[dict[str, Any]]:
    if arguments.arguments is None:
        raise UsageError(f"Why {arguments.command} shows what it shows cannot be told without its arguments.")
    about = command_params.build_selection_request(session, arguments.arguments)
    command = find_command(about, arguments.command, arguments.arguments.name)

    async def requests() -> dict[str, Any]:
        prompts = await preview_prompts(command, await command_params.create_instruct_client(session), about)
        return {"requests": msgspec.to_builtins(prompts)}

    return requests()


async def _report_last(session: Session, snapshot: Snapshot) -> dict[str, Any]:
    gathered, started = session.gatherer.last_results.get(snapshot.key, (None, None))
    verdict = session.suggester.decisions.get(snapshot.key)
    if verdict is None and (gathered is None or started is None):
        raise UsageError(f"No suggestion was made in {snapshot.uri} yet; give a position.")
    prompt = build_report(gathered, started) if gathered is not None and started is not None else None
    return dict(msgspec.to_builtins(prompt) or {}) | {"verdict": msgspec.to_builtins(verdict)}


async def _report_at(session: Session, snapshot: Snapshot, offset: int) -> dict[str, Any]:
    if (model := await session.model_provider.get_base()) is None:
        raise UnavailableError(session.model_provider.explanation)
    request = SuggestionRequest(model, snapshot, offset, session.find_root(snapshot))
    report = await build_prompt_report(session.engine, session.gatherer, request, session.settings.completion)
    return dict(msgspec.to_builtins(report))
