"""`interfix.models`, `interfix.pull`: the list of models, and the download of missing ones."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import msgspec

from interfix.config.paths import models_dir
from interfix.lsp.last_answer_command import NoArguments
from interfix.lsp.session import Session
from interfix.models.catalog_listing import list_known_models


def list_models(session: Session, _arguments: NoArguments, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """Every model of the catalog and of the user's own, and who serves now."""
    return _collect_models(session)


async def _collect_models(session: Session) -> dict[str, Any]:
    rows = await asyncio.to_thread(list_known_models, models_dir(session.settings.models.directory))
    return {"models": msgspec.to_builtins(rows), "serving": msgspec.to_builtins(session.models.model_names)}


async def start_pull(session: Session, _arguments: NoArguments, _token: int | str | None) -> dict[str, Any]:
    """Begin; the download is shown as progress of its own, which can be cancelled, and outlives the request."""
    session.reload_models(pull=True)
    return {}
