"""`interfix.why`: the exact prompt at a place or of a command, or what the last suggestion of a document was made from."""

from collections.abc import Awaitable
from typing import Any

import msgspec
from lsprotocol import types

from interfix.commands.prompt_preview import preview_prompts
from interfix.completion.decision_explanation import DecisionExplanation, explain_decision
from interfix.completion.first_line_padding import align_first_line
from interfix.completion.prompt_report import build_prompt_report
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.errors import UnavailableError, UsageError
from interfix.lsp import command_params, converters
from interfix.lsp.instruct_command_handlers import find_command
from interfix.lsp.range_argument import Position
from interfix.lsp.session import Session
from interfix.next_edit.decision_explanation import EditExplanation, explain_edit_decision
from interfix.output.notification_sanitizer import format_notification
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import decode_text


class PromptArguments(msgspec.Struct, frozen=True):
    """Where to look: at a completion's place, or at a command."""

    uri: str = ""
    """The open document of a completion."""
    position: Position | None = None
    """The cursor. None: the place of the last request, with what became of it."""
    last: bool = False
    """Whether the place of the last request is meant where there was one, and the position only where there was none."""
    prompt: bool = True
    """For the last request: whether its prompt is wanted, too."""
    command: str = ""
    """A command such as `interfix.refactor`, or `interfix.run`; empty: a completion is meant."""
    arguments: command_params.CommandArguments | None = None
    """What the command would be given."""


def report_prompt(session: Session, arguments: PromptArguments, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """The prompt, its parts, what each source took and what was left out; of a command those of each request it makes."""
    if arguments.command:
        return _report_command(session, arguments)
    snapshot = session.snapshot(arguments.uri)
    if arguments.position is None or (arguments.last and snapshot.key in session.suggester.decisions):
        return _report_last(session, snapshot, with_prompt=arguments.prompt)
    at = types.Position(arguments.position.line, arguments.position.character)
    offset = converters.byte_offset(snapshot, at, session.encoding)
    return _report_at(session, snapshot, offset, _report_next_edit(session, snapshot) if arguments.last else {})


def _report_command(session: Session, arguments: PromptArguments) -> Awaitable[dict[str, Any]]:
    if arguments.arguments is None:
        raise UsageError(f"Why {arguments.command} shows what it shows cannot be told without its arguments.")
    about = command_params.build_selection_request(session, arguments.arguments)
    command = find_command(about, arguments.command, arguments.arguments.name)

    async def requests() -> dict[str, Any]:
        prompts = await preview_prompts(command, await command_params.create_instruct_client(session), about)
        return {"requests": msgspec.to_builtins(prompts)}

    return requests()


async def _report_last(session: Session, snapshot: Snapshot, *, with_prompt: bool) -> dict[str, Any]:
    decision, request = session.suggester.decisions.get(snapshot.key), session.suggester.last_requests.get(snapshot.key)
    next_edit = _report_next_edit(session, snapshot)
    if decision is None and next_edit:
        return next_edit
    if decision is None:
        raise UsageError("No suggestion was asked for in this file yet: type something in it first.")
    verdict = msgspec.to_builtins(decision) | _format_explanation(explain_decision(decision))
    if request is None:
        return {"verdict": verdict} | next_edit
    line, character = request.snapshot.to_position(request.offset, session.encoding)
    at_request = {"line": line, "character": character, "automatic": request.automatic}
    before = request.snapshot.data[request.snapshot.lines.find_start(line) : request.offset]
    said_in_place = align_first_line(decision.said, decode_text(before))
    decided = {"verdict": verdict | at_request | {"said_in_place": said_in_place}} | next_edit
    return (await _report_request(session, request)) | decided if with_prompt else decided


async def _report_at(session: Session, snapshot: Snapshot, offset: int, next_edit: dict[str, Any]) -> dict[str, Any]:
    if (model := await session.models.get_base()) is None:
        if next_edit:
            return next_edit
        raise UnavailableError(session.models.explanation)
    request = SuggestionRequest(model, snapshot, offset, session.find_root(snapshot))
    return await _report_request(session, request) | next_edit


def _report_next_edit(session: Session, snapshot: Snapshot) -> dict[str, Any]:
    """What became of the last request for a next edit in a document; empty where there was none."""
    decision = session.next_edits.decisions.get(snapshot.uri)
    if decision is None:
        return {}
    return {"next_edit": msgspec.to_builtins(decision) | _format_explanation(explain_edit_decision(decision))}


def _format_explanation(explanation: DecisionExplanation | EditExplanation) -> dict[str, str]:
    """Its sentences as menus show them, too."""
    return {name: format_notification(sentence) for name, sentence in msgspec.to_builtins(explanation).items()}


async def _report_request(session: Session, request: SuggestionRequest) -> dict[str, Any]:
    report = await build_prompt_report(session.engine, session.gatherer, request, session.settings.completion)
    return dict(msgspec.to_builtins(report))
