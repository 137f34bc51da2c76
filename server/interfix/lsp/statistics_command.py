"""`interfix.statistics`: what became of the suggestions on this machine."""

import asyncio
import sqlite3
from collections.abc import Awaitable
from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from interfix.errors import UnavailableError
from interfix.lsp.session import Session
from interfix.stats.store import locate_statistics, open_store
from interfix.stats.summary import build_summary
from interfix.stats.summary_text import describe_summary


class StatisticsArguments(msgspec.Struct, frozen=True):
    """Since when."""

    days: Annotated[int, Meta(ge=1, le=36_500)] = 30
    """The last so many days."""


def report_statistics(session: Session, arguments: StatisticsArguments, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """The figures, as `interfix stats --json` has them. Raises `UnavailableError` where nothing was counted."""
    return asyncio.to_thread(_summarize, session, arguments.days)


def _summarize(session: Session, days: int) -> dict[str, Any]:
    settings = session.settings.statistics
    file = locate_statistics(settings)
    if not file.exists():
        reason = "Nothing was suggested yet" if settings.enabled else "Statistics are switched off (statistics.enabled)"
        raise UnavailableError(f"{reason}, so there is nothing to tell.")
    try:
        with open_store(file) as store:
            summary = build_summary(store, date.today() - timedelta(days=days - 1))
    except (sqlite3.Error, OSError) as error:
        raise UnavailableError(f"The statistics in {file} cannot be read: {error}. Delete the file to begin anew.") from None
    return {**msgspec.to_builtins(summary), "saved_share": summary.saved_share, "sentences": describe_summary(summary)}
