"""`interfix.why`: the exact prompt at a place or of a command, or what the last suggestion of a document was made from."""

from collections.abc import Awaitable
from typing import Any

import msgspec
from lsprotocol import types

from interfix.commands import written
from interfix.commands.registry import ANSWERS, EDITS
from interfix.commands.why import Command
from interfix.commands.why import why as asked
from interfix.completion.why import told
from interfix.completion.why import why as explained
from interfix.errors import BadUsage, Unavailable
from interfix.lsp import convert, run, situation
from interfix.lsp.selection import Position
from interfix.lsp.session import Session
from interfix.syntax.snapshot import Snapshot


class Arguments(msgspec.Struct, frozen=True):
    """Where to look: at a completion's place, or at a command."""

    uri: str = ""
    """The open document of a completion."""
    position: Position | None = None
    """The cursor. None: the last suggestion's, whose prompt is told part by part but not word for word, with what became of it."""
    command: str = ""
    """A command such as `interfix.refactor`, or `interfix.run`; empty: a completion is meant."""
    arguments: situation.Arguments | None = None
    """What the command would be given."""


def why(session: Session, arguments: Arguments, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """The prompt, its parts, what each source took and what was left out; of a command those of each request it makes."""
    if arguments.command:
        return _of_command(session, arguments)
    snapshot = session.snapshot(arguments.uri)
    if arguments.position is None:
        return _last(session, arguments.uri)
    at = types.Position(arguments.position.line, arguments.position.character)
    return _laid_out(session, snapshot, convert.offset(snapshot, at, session.encoding))


def _of_command(session: Session, arguments: Arguments) -> Awaitable[dict[str, Any]]:
    if arguments.arguments is None:
        raise BadUsage(f"Why {arguments.command} shows what it shows cannot be told without its arguments.")
    about = situation.situation(session, arguments.arguments)
    name = arguments.command.removeprefix("interfix.")
    command: Command
    if name in EDITS:
        command = EDITS[name]
    elif name in ANSWERS:
        command = ANSWERS[name]
    elif name == "run":
        command = written.command_of(run.named(about, arguments.arguments.name))
    else:
        raise BadUsage(f"{arguments.command} asks no model; there are {', '.join((*EDITS, *ANSWERS, 'run'))}.")

    async def requests() -> dict[str, Any]:
        told = await asked(command, await situation.asking(session), about)
        return {"requests": msgspec.to_builtins(told)}

    return requests()


async def _last(session: Session, uri: str) -> dict[str, Any]:
    gathered, started = session.gatherer.last.get(uri, (None, None))
    verdict = session.suggester.verdicts.get(uri)
    if verdict is None and (gathered is None or started is None):
        raise BadUsage(f"No suggestion was made in {uri} yet; give a position.")
    prompt = told(gathered, started) if gathered is not None and started is not None else None
    return dict(msgspec.to_builtins(prompt) or {}) | {"verdict": msgspec.to_builtins(verdict)}


async def _laid_out(session: Session, snapshot: Snapshot, offset: int) -> dict[str, Any]:
    if (model := await session.supply.base()) is None:
        raise Unavailable(session.supply.why)
    root, settings = session.root(snapshot), session.settings.completion
    return dict(msgspec.to_builtins(await explained(session.engine, session.gatherer, model, snapshot, offset, root, settings)))
