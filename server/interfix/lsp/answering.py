"""`interfix.explain`, `interfix.ask` and people's own questions: text about the selection, as it is written and as a whole."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from interfix.commands.asking import Asking
from interfix.commands.registry import ANSWERS
from interfix.commands.situation import Situation
from interfix.lsp.session import Session
from interfix.lsp.situation import Arguments, asking, situation

Ask = Callable[[Asking, Situation], AsyncGenerator[str, None]]

_TITLES = {"explain": "Explaining", "ask": "Answering"}


def command(name: str) -> Callable[[Session, Arguments, int | str | None], Awaitable[dict[str, Any]]]:
    """The handler of a command that answers in words."""

    def answer(session: Session, arguments: Arguments, token: int | str | None) -> Awaitable[dict[str, Any]]:
        about = situation(session, arguments)
        return told(session, about, ANSWERS[name], _TITLES[name], token, show=arguments.show)

    return answer


async def told(session: Session, about: Situation, ask: Ask, title: str, token: int | str | None, *, show: bool) -> dict[str, Any]:
    """Stream the answer under the token; the result holds all of it."""
    stream = ask(await asking(session), about)
    pieces: list[str] = []
    with session.client.answering(title, token) as progress:
        async with aclosing(stream):
            async for piece in stream:
                pieces.append(piece)
                progress.report(piece)
    markdown = "".join(pieces)
    if show:
        await session.client.show(markdown)
    return {"markdown": markdown}
