"""`interfix.dismissed`, `interfix.snooze`: the user wants no such next edit, or none for a while."""

from typing import Annotated

import msgspec
from msgspec import Meta

from interfix.lsp.session import Session


class DismissArguments(msgspec.Struct, frozen=True):
    """The argument of `interfix.dismissed`."""

    id: str
    """Of the next edit, as its command has it."""


class SnoozeArguments(msgspec.Struct, frozen=True):
    """The argument of `interfix.snooze`."""

    seconds: Annotated[float, Meta(ge=0, le=604_800)]
    """How long; 0 ends it."""


async def record_dismissal(session: Session, arguments: DismissArguments, _token: int | str | None) -> None:
    """Take note: the same edit is not suggested again."""
    session.next_edits.record_dismissal(arguments.id)


async def snooze(session: Session, arguments: SnoozeArguments, _token: int | str | None) -> None:
    """Suggest no next edit for a while."""
    session.next_edits.snooze(arguments.seconds)
