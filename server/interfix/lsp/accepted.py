"""`interfix.accepted`: the editor says that the user has accepted a suggestion. An edit alone tells it, too, only less surely."""

import msgspec
from lsprotocol import types

from interfix.lsp.session import Session

NAME = "interfix.accepted"


class Arguments(msgspec.Struct, frozen=True):
    """The argument of `interfix.accepted`."""

    id: str
    """Of the suggestion, as its item gave it."""


def command(id: str) -> types.Command:
    """What an item asks the editor to run once it is accepted."""
    return types.Command(title="Accepted", command=NAME, arguments=[{"id": id}])


async def accepted(session: Session, arguments: Arguments, _token: int | str | None) -> None:
    """Take note."""
    session.suggester.accepted(arguments.id)
