"""`interfix.explain`, `interfix.ask` and people's own questions: text about the selection, as it is written and as a whole."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from interfix.commands.command_request import CommandRequest
from interfix.commands.instruct_client import InstructClient
from interfix.commands.registry import ANSWER_COMMANDS
from interfix.commands.selection import resolve_selection
from interfix.lsp.command_params import CommandArguments, build_request, create_instruct_client
from interfix.lsp.session import Session

AnswerFunction = Callable[[InstructClient, CommandRequest], AsyncGenerator[str, None]]

_TITLES = {"explain": "Explaining", "ask": "Answering"}


def make_answer_handler(name: str) -> Callable[[Session, CommandArguments, int | str | None], Awaitable[dict[str, Any]]]:
    """The handler of a command that answers in words."""

    def answer(session: Session, arguments: CommandArguments, token: int | str | None) -> Awaitable[dict[str, Any]]:
        about = build_request(session, arguments)
        return stream_answer(session, about, ANSWER_COMMANDS[name], _TITLES[name], token, show=arguments.show)

    return answer


async def stream_answer(
    session: Session, request: CommandRequest, ask: AnswerFunction, title: str, token: int | str | None, *, show: bool
) -> dict[str, Any]:
    """Stream the answer under the token; the result holds all of it."""
    stream = ask(await create_instruct_client(session), request)
    pieces: list[str] = []
    selection = resolve_selection(request.snapshot, request.start, request.end)
    with session.client.show_cancellable_progress(f"{title}: {selection.label}", token) as progress:
        async with aclosing(stream):
            async for piece in stream:
                pieces.append(piece)
                progress.report(piece)
    markdown = "".join(pieces)
    if show:
        await session.client.show_markdown(markdown)
    return {"markdown": markdown}
