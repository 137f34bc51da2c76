"""`textDocument/codeAction`: what can be done here, listed without asking any model."""

from collections.abc import Iterator
from typing import Any

import msgspec
from lsprotocol import types

from interfix.commands.command import AnswerCommand
from interfix.commands.registry import INSTRUCT_COMMANDS
from interfix.lsp import custom_command_lookup
from interfix.lsp.command_params import CommandArguments, DiagnosticParams, build_selection_request
from interfix.lsp.cursor_read_ahead import watch_cursor
from interfix.lsp.instruct_command_handlers import RUN_COMMAND
from interfix.lsp.range_argument import Position, Range
from interfix.lsp.session import Session
from interfix.output.notification_sanitizer import format_notification

ActionKind = types.CodeActionKind
_EXTRACT_COMMANDS = ("1-extract-function", "6-split-up")
_MESSAGE_CHARACTERS = 60
"""Of a diagnostic's message in a title."""


def code_action(session: Session, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Edits, which are made when one is resolved, and commands; those of the kinds asked for."""
    only = params.context.only
    requested_kinds = [kind.value if isinstance(kind, ActionKind) else kind for kind in only or ()]
    return [
        action
        for action in _list_actions(session, params)
        if only is None or any(_is_of_kind(action.kind, kind) for kind in requested_kinds)
    ]


def supports_resolve(session: Session) -> bool:
    """Whether the client asks for an action's edit when it is taken; else taking it is a command, and the server makes the edit."""
    text = session.client.capabilities.text_document
    can = text.code_action if text else None
    return bool(can and can.data_support and can.resolve_support and "edit" in can.resolve_support.properties)


def _list_actions(session: Session, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    uri, at = params.text_document.uri, _convert_range(params.range)
    snapshot = session.snapshot(uri)
    arguments = CommandArguments(uri, at, version=snapshot.version)
    about = build_selection_request(session, arguments)
    if at.start == at.end:
        watch_cursor(session, snapshot, about.start)
    first, last = snapshot.lines.find_line(about.start), snapshot.lines.find_line(about.end)
    if not snapshot.data[snapshot.lines.find_start(first) : snapshot.lines.find_end(snapshot.data, last)].strip():
        return
    for each in params.context.diagnostics:
        message = " ".join(str(each.message).split())
        short = message if len(message) <= _MESSAGE_CHARACTERS else f"{message[: _MESSAGE_CHARACTERS - 2]} …"
        reported = DiagnosticParams(_convert_range(each.range), message, each.source)
        with_it = msgspec.structs.replace(arguments, diagnostics=(reported,))
        action = _edit_action(session, f"fix: {short}", ActionKind.QuickFix, "interfix.fix", with_it)
        action.diagnostics = [each]
        yield action
    for command in INSTRUCT_COMMANDS.values():
        if command.menu is None or (command.menu.needs_language and snapshot.language is None):
            continue
        if isinstance(command, AnswerCommand):
            yield _answer_action(command.menu.title, f"interfix.{command.name}", arguments)
        else:
            yield _edit_action(session, command.menu.title, ActionKind(command.menu.kind), f"interfix.{command.name}", arguments)
    for file in custom_command_lookup.list_commands(about):
        command_arguments = msgspec.structs.replace(arguments, name=file.name)
        if file.header.result == "answer":
            yield _answer_action(file.header.title, RUN_COMMAND, command_arguments)
        else:
            kind = ActionKind.RefactorExtract if file.name in _EXTRACT_COMMANDS else ActionKind.RefactorRewrite
            yield _edit_action(session, file.header.title, kind, RUN_COMMAND, command_arguments)


def _edit_action(
    session: Session, title: str, kind: types.CodeActionKind, command: str, arguments: CommandArguments
) -> types.CodeAction:
    action = types.CodeAction(format_notification(f"Interfix: {title}"), kind)
    if supports_resolve(session):
        action.data = {"command": command, "arguments": msgspec.to_builtins(arguments)}
    else:
        applied = msgspec.structs.replace(arguments, apply=True)
        action.command = types.Command(action.title, command, arguments=[msgspec.to_builtins(applied)])
    return action


def _answer_action(title: str, command: str, arguments: CommandArguments) -> types.CodeAction:
    arguments_to_show = msgspec.structs.replace(arguments, show=True)
    title = format_notification(f"Interfix: {title}")
    return types.CodeAction(
        title,
        ActionKind.Empty,
        command=types.Command(title, command, arguments=[msgspec.to_builtins(arguments_to_show)]),
    )


def _is_of_kind(kind: Any, requested_kind: str) -> bool:
    name = str(kind.value if isinstance(kind, ActionKind) else kind or "")
    return not requested_kind or name == requested_kind or name.startswith(f"{requested_kind}.")


def _convert_range(range: types.Range) -> Range:
    start, end = (Position(at.line, at.character) for at in (range.start, range.end))
    return Range(start, end)
