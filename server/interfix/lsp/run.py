"""`interfix.run`: a command from a file, ours or people's own. `interfix.answer`: what the model said last, word for word."""

from collections.abc import Awaitable
from typing import Any

import msgspec

from interfix.commands import written
from interfix.commands.own import OwnCommand, menu, own
from interfix.commands.situation import Situation
from interfix.errors import BadUsage
from interfix.lsp import answering, editing
from interfix.lsp.session import Session
from interfix.lsp.situation import Arguments, situation


class Nothing(msgspec.Struct, frozen=True):
    """Nothing is asked."""


def run(session: Session, arguments: Arguments, token: int | str | None) -> Awaitable[dict[str, Any]]:
    """The edit and the verdict, or the markdown, as the command's header says."""
    about = situation(session, arguments)
    command = named(about, arguments.name)
    title = command.header.title
    if command.header.result == "answer":
        return answering.told(
            session, about, lambda asking, where: written.answer(asking, where, command), title, token, show=arguments.show
        )
    return editing.changed(
        session, about, lambda asking, where: written.change(asking, where, command), title, token, apply=arguments.apply
    )


def answer(session: Session, _arguments: Nothing, _token: int | str | None) -> Awaitable[dict[str, Any]]:
    """For whoever wants to see why an edit could not be used."""

    async def last() -> dict[str, Any]:
        return {"answer": session.last_answer}

    return last()


def known(about: Situation) -> tuple[OwnCommand, ...]:
    """The commands from files that suit the document; those of its workspace only where that is trusted."""
    language = about.snapshot.language.id if about.snapshot.language else ""
    return tuple(each for each in (*menu(), *own(about.root)) if each.suits(language))


def named(about: Situation, name: str) -> OwnCommand:
    """The command of a name. Raises `BadUsage` where there is none."""
    commands = {each.name: each for each in known(about)}
    if name not in commands:
        raise BadUsage(f"There is no command {name!r} for this file; there are {', '.join(commands)}.")
    return commands[name]
