"""`interfix.models`, `interfix.pull`: what there is to choose from, and the download of what is missing. Chooses nothing."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import msgspec

from interfix.config.paths import models_dir
from interfix.lsp.run import Nothing
from interfix.lsp.session import Session
from interfix.models.listing import listed


def models(session: Session, _arguments: Nothing, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """Every model of the catalog and of the user's own, and who serves now."""
    return _listed(session)


async def _listed(session: Session) -> dict[str, Any]:
    rows = await asyncio.to_thread(listed, models_dir(session.settings.models.directory))
    return {"models": msgspec.to_builtins(rows), "serving": msgspec.to_builtins(session.supply.serving)}


async def pull(session: Session, _arguments: Nothing, _token: int | str | None) -> dict[str, Any]:
    """Begin; the download is shown as progress of its own, which can be cancelled, and outlives the request."""
    session.supplied(pull=True)
    return {}
