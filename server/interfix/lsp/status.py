"""`interfix.status`: what serves this session, for people who look for what is wrong."""

from collections.abc import Awaitable
from typing import Any

import msgspec

from interfix import __version__
from interfix.lsp.session import Session


class Arguments(msgspec.Struct, frozen=True):
    """Nothing is asked."""


def status(session: Session, _arguments: Arguments, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """The server, its engine, its models and what is wrong with its settings."""
    return _answer(session)


async def _answer(session: Session) -> dict[str, Any]:
    return {
        "version": __version__,
        "models": session.supply.why,
        "problems": list(session.problems),
        "indexes": session.workspaces.indexes(),
        "reading": session.gatherer.busy,
        "engine": msgspec.to_builtins(await session.engine.status()),
    }
