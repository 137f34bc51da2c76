"""`interfix.explain`: the selection explained, as it is written and as a whole."""

from collections.abc import Awaitable
from contextlib import aclosing
from typing import Any

import msgspec

from interfix.commands import explain as command
from interfix.lsp.selection import Range, selected
from interfix.lsp.session import Session
from interfix.syntax.document import Snapshot


class Arguments(msgspec.Struct, frozen=True):
    """What to explain."""

    uri: str
    """The open document."""
    range: Range
    """The selection."""
    token: int | str | None = None
    """Where to stream to."""


def explain(session: Session, arguments: Arguments, token: int | str | None) -> Awaitable[dict[str, Any]]:
    """Stream the explanation under the token; the result holds all of it."""
    return _answer(session, *selected(session, arguments.uri, arguments.range), token)


async def _answer(session: Session, snapshot: Snapshot, start: int, end: int, token: int | str | None) -> dict[str, Any]:
    model = await session.supply.instruct()
    pieces: list[str] = []
    stream = command.explain(session.engine, model, snapshot, start, end, session.settings.commands)
    with session.client.answering("Explaining", token) as progress:
        async with aclosing(stream):
            async for piece in stream:
                pieces.append(piece)
                progress.report(piece)
    return {"markdown": "".join(pieces)}
