"""`interfix.answer`: what the model said last, word for word."""

from collections.abc import Awaitable
from typing import Any

import msgspec

from interfix.lsp.session import Session


class NoArguments(msgspec.Struct, frozen=True):
    """Nothing is asked."""


def report_last_answer(session: Session, _arguments: NoArguments, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """For whoever wants to see why an edit could not be used."""

    async def last() -> dict[str, Any]:
        return {"answer": session.last_answer}

    return last()
