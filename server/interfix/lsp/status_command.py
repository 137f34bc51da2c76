"""`interfix.status`: what serves this session, for people who look for what is wrong."""

from collections.abc import Awaitable
from typing import Any

import msgspec

from interfix import __version__
from interfix.lsp.session import Session
from interfix.output.notification_sanitizer import format_notification


class StatusArguments(msgspec.Struct, frozen=True):
    """Nothing is asked."""


def report_status(session: Session, _arguments: StatusArguments, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """The server, its engine, its models and what is wrong with its settings."""
    return _collect_status(session)


async def _collect_status(session: Session) -> dict[str, Any]:
    return {
        "version": __version__,
        "models": format_notification(session.models.explanation),
        "problems": [format_notification(problem) for problem in session.settings_problems],
        "indexes": session.workspaces.report_indexes(),
        "reading": session.gatherer.pending_count,
        "engine": msgspec.to_builtins(await session.engine.status()),
    }
