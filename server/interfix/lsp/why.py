"""`interfix.why`: the exact prompt at a place, or what the last suggestion of a document was made from."""

from collections.abc import Awaitable
from typing import Any

import msgspec
from lsprotocol import types

from interfix.completion.why import told
from interfix.completion.why import why as explained
from interfix.errors import BadUsage, Unavailable
from interfix.lsp import convert
from interfix.lsp.selection import Position
from interfix.lsp.session import Session
from interfix.syntax.snapshot import Snapshot


class Arguments(msgspec.Struct, frozen=True):
    """Where to look."""

    uri: str
    """The open document."""
    position: Position | None = None
    """The cursor. None: the last suggestion's, whose prompt is told part by part but not word for word, with what became of it."""


def why(session: Session, arguments: Arguments, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """The prompt, its parts, what each source took and what was left out."""
    snapshot = session.snapshot(arguments.uri)
    if arguments.position is None:
        return _last(session, arguments.uri)
    at = types.Position(arguments.position.line, arguments.position.character)
    return _laid_out(session, snapshot, convert.offset(snapshot, at, session.encoding))


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
