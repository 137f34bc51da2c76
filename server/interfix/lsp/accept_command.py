"""`interfix.accepted`: the editor says that the user has accepted a suggestion or a next edit. An edit alone tells it, too, only
less surely."""

import msgspec
from lsprotocol import types

from interfix.lsp.session import Session

COMMAND_NAME = "interfix.accepted"


class AcceptArguments(msgspec.Struct, frozen=True):
    """The argument of `interfix.accepted`."""

    id: str
    """Of the suggestion or next edit, as its item gave it."""


def build_command(id: str) -> types.Command:
    """What an item asks the editor to run once it is accepted."""
    return types.Command(title="Accepted", command=COMMAND_NAME, arguments=[{"id": id}])


async def record_acceptance(session: Session, arguments: AcceptArguments, _token: int | str | None) -> None:
    """Take note."""
    if not session.next_edits.record_acceptance(arguments.id):
        session.suggester.handle_acceptance(arguments.id)
