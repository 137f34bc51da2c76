"""`textDocument/codeAction`: what can be done here, listed without asking any model."""

from collections.abc import Iterator
from typing import Any

import msgspec
from lsprotocol import types

from interfix.lsp import run
from interfix.lsp.selection import Position, Range
from interfix.lsp.session import Session
from interfix.lsp.situation import Arguments, Reported, situation
from interfix.output.notification import notification_text

Kind = types.CodeActionKind
_EXTRACT = ("1-extract-function", "6-split-up")
_MESSAGE_CHARACTERS = 60
"""Of a diagnostic's message in a title."""


def code_action(session: Session, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Edits, which are made when one is resolved, and commands; those of the kinds asked for."""
    only = params.context.only
    wanted = [kind.value if isinstance(kind, Kind) else kind for kind in only or ()]
    return [action for action in _actions(session, params) if only is None or any(_within(action.kind, kind) for kind in wanted)]


def resolvable(session: Session) -> bool:
    """Whether the client asks for an action's edit when it is taken; else taking it is a command, and the server makes the edit."""
    text = session.client.capabilities.text_document
    can = text.code_action if text else None
    return bool(can and can.data_support and can.resolve_support and "edit" in can.resolve_support.properties)


def _actions(session: Session, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    uri, at = params.text_document.uri, _range(params.range)
    snapshot = session.snapshot(uri)
    arguments = Arguments(uri, at, version=snapshot.version)
    about = situation(session, arguments)
    first, last = snapshot.lines.at(about.start), snapshot.lines.at(about.end)
    if not snapshot.data[snapshot.lines.start(first) : snapshot.lines.end(snapshot.data, last)].strip():
        return
    for each in params.context.diagnostics:
        message = " ".join(str(each.message).split())
        short = message if len(message) <= _MESSAGE_CHARACTERS else f"{message[: _MESSAGE_CHARACTERS - 2]} …"
        reported = Reported(_range(each.range), message, each.source)
        with_it = msgspec.structs.replace(arguments, diagnostics=(reported,))
        action = _edit(session, f"fix: {short}", Kind.QuickFix, "interfix.fix", with_it)
        action.diagnostics = [each]
        yield action
    yield _answer("explain", "interfix.explain", arguments)
    if snapshot.language is not None:
        yield _edit(session, "document", Kind.RefactorRewrite, "interfix.document", arguments)
        yield _edit(session, "write tests", Kind.Refactor, "interfix.test", arguments)
    for command in run.known(about):
        named = msgspec.structs.replace(arguments, name=command.name)
        if command.header.result == "answer":
            yield _answer(command.header.title, "interfix.run", named)
        else:
            kind = Kind.RefactorExtract if command.name in _EXTRACT else Kind.RefactorRewrite
            yield _edit(session, command.header.title, kind, "interfix.run", named)


def _edit(session: Session, title: str, kind: types.CodeActionKind, command: str, arguments: Arguments) -> types.CodeAction:
    action = types.CodeAction(notification_text(f"Interfix: {title}"), kind)
    if resolvable(session):
        action.data = {"command": command, "arguments": msgspec.to_builtins(arguments)}
    else:
        applied = msgspec.structs.replace(arguments, apply=True)
        action.command = types.Command(action.title, command, arguments=[msgspec.to_builtins(applied)])
    return action


def _answer(title: str, command: str, arguments: Arguments) -> types.CodeAction:
    shown = msgspec.structs.replace(arguments, show=True)
    title = notification_text(f"Interfix: {title}")
    return types.CodeAction(
        title,
        Kind.Empty,
        command=types.Command(title, command, arguments=[msgspec.to_builtins(shown)]),
    )


def _within(kind: Any, asked: str) -> bool:
    name = str(kind.value if isinstance(kind, Kind) else kind or "")
    return not asked or name == asked or name.startswith(f"{asked}.")


def _range(range: types.Range) -> Range:
    start, end = (Position(at.line, at.character) for at in (range.start, range.end))
    return Range(start, end)
