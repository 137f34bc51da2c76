"""What all commands that answer in words have in common: the request, and text without anything that could be clicked on."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from interfix.commands import room
from interfix.commands.asking import Asking, CutOff
from interfix.commands.prompts import fenced, masker_for, prompt
from interfix.commands.selection import Selection
from interfix.commands.situation import Situation
from interfix.commands.surroundings import surroundings
from interfix.output.markdown_sanitizer import MarkdownSanitizer
from interfix.syntax.scopes import scopes_in
from interfix.values import Message, Sampling


async def told(
    asking: Asking, situation: Situation, selection: Selection, name: str, sampling: Sampling, words: dict[str, str] | None = None
) -> AsyncGenerator[str, None]:
    """Stream the answer to the prompt `name`; of a selection that is too long one answer for each part, under its names."""
    pieces = room.pieces(selection, asking.settings, writes=False)
    for i, piece in enumerate(pieces):
        if len(pieces) > 1:
            yield ("\n\n" if i else "") + _sanitized(f"## {_heading(piece)}\n\n")
        sanitizer = MarkdownSanitizer()
        stream = asking.stream(messages(asking, situation, piece, name, words or {}), sampling)
        ending = ""
        async with aclosing(stream):
            try:
                async for text in stream:
                    if clean := sanitizer.take(text):
                        yield clean
            except CutOff as error:
                ending = f"\n\n*{_sanitized(str(error))}*"
        if rest := sanitizer.rest() + ending:
            yield rest


def _sanitized(text: str) -> str:
    sanitizer = MarkdownSanitizer()
    return sanitizer.take(text) + sanitizer.rest()


def messages(asking: Asking, situation: Situation, selection: Selection, name: str, words: dict[str, str]) -> tuple[Message, ...]:
    """The request about one stretch."""
    turns = prompt(name)
    text = turns["user"].substitute(
        language=selection.language or "source",
        place=selection.place,
        code=fenced(selection.code, selection.language),
        **words,
    )
    masker = masker_for(selection, situation.words)
    asked = masker.mask(text)
    shown = surroundings(situation, selection, room.for_context(selection, asking.settings, writes=False), masker)
    return (
        Message("system", masker.mask(turns["system"].substitute())),
        Message("user", asked, shown),
    )


def _heading(selection: Selection) -> str:
    first = selection.snapshot.lines.at(selection.start) + 1
    last = selection.snapshot.lines.at(selection.end) + 1
    names = [
        scope.name
        for scope in scopes_in(selection.snapshot, selection.start, selection.end)
        if selection.start <= scope.start and scope.end <= selection.end
    ]
    shown = ", ".join(f"`{name}`" for name in names[:4]) + (" …" if len(names) > 4 else "")
    return f"{shown} (lines {first} to {last})" if shown else f"Lines {first} to {last}"
