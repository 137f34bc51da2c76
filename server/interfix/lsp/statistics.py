"""`interfix.statistics`: what became of the suggestions on this machine. Counts nothing itself."""

import asyncio
import sqlite3
from collections.abc import Awaitable
from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from interfix.errors import Unavailable
from interfix.lsp.session import Session
from interfix.stats.store import file_of, opened
from interfix.stats.summary import summary


class Arguments(msgspec.Struct, frozen=True):
    """Since when."""

    days: Annotated[int, Meta(ge=1)] = 30
    """The last so many days."""


def statistics(session: Session, arguments: Arguments, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """The figures, as `interfix stats --json` has them. Raises `Unavailable` where nothing was counted."""
    return asyncio.to_thread(_counted, session, arguments.days)


def _counted(session: Session, days: int) -> dict[str, Any]:
    settings = session.settings.statistics
    file = file_of(settings)
    if not file.exists():
        reason = "Nothing was suggested yet" if settings.enabled else "Statistics are switched off (statistics.enabled)"
        raise Unavailable(f"{reason}, so there is nothing to tell.")
    try:
        with opened(file) as store:
            found = summary(store, date.today() - timedelta(days=days - 1))
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"The statistics in {file} cannot be read: {error}. Delete the file to begin anew.") from None
    return {**msgspec.to_builtins(found), "saved_share": found.saved_share}
