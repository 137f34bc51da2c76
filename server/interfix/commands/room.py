"""How much fits into a request, and how a longer selection is taken apart: by its definitions. Knows no model's tokens.

The engine counts exactly and has the last word; here bytes stand for tokens, on the safe side.
"""

from collections.abc import Iterator

from interfix.commands.selection import Selection
from interfix.config.settings import Settings
from interfix.errors import BadUsage
from interfix.syntax.scopes import Scope, scopes_in

TOKEN_BYTES = 3
"""Bytes of code a token stands for, at least: code has 3 to 4 in the vocabularies of today's models."""
FRAME_TOKENS = 400
"""What the instructions around the code take, tokens."""
CONTEXT_BYTES = 4000
"""Most bytes of context: on a laptop's processor each thousand costs a second or two."""


def for_context(selection: Selection, settings: Settings, *, writes: bool) -> int:
    """Bytes of context that may be shown beside a selection, its answer allowed for."""
    code = (selection.end - selection.start) // TOKEN_BYTES
    left = (
        settings.engine.context_tokens - FRAME_TOKENS - code - (code + code // 4 if writes else settings.commands.max_tokens // 2)
    )
    return max(0, min(CONTEXT_BYTES, left * TOKEN_BYTES))


def single(selection: Selection, settings: Settings) -> None:
    """Raises `BadUsage` with its size where a selection cannot be taken as one."""
    if len(pieces(selection, settings, writes=True)) > 1:
        size = (selection.end - selection.start) // TOKEN_BYTES
        raise BadUsage(f"The selection is about {size} tokens long, too much to be taken as one. Select a single definition.")


def pieces(selection: Selection, settings: Settings, *, writes: bool) -> list[Selection]:
    """The selection in stretches that each fit, cut between definitions; one where it fits as it is.

    What `writes` has to fit twice, once as the answer. Raises `BadUsage` with the size where a single definition is too long.
    """
    context = settings.engine.context_tokens - FRAME_TOKENS
    most = min(context // 2, settings.commands.max_tokens * 9 // 10) if writes else context - settings.commands.max_tokens // 2
    found = list[Selection]()
    for piece in _fitting(selection, most * TOKEN_BYTES):
        joined = _joined(found[-1], piece) if found else None
        if joined is not None and joined.end - joined.start <= most * TOKEN_BYTES:
            found[-1] = joined
        else:
            found.append(piece)
    return [piece for piece in found if piece.code.strip()]


def _fitting(selection: Selection, most: int) -> Iterator[Selection]:
    if selection.end - selection.start <= most:
        yield selection
        return
    inner = _members(selection)
    if not inner:
        size = (selection.end - selection.start) // TOKEN_BYTES
        raise BadUsage(
            f"The selection is about {size} tokens long, {most // TOKEN_BYTES} fit, and it has no definitions to take one by one. "
            "Select less, or raise commands.max_tokens and engine.context_tokens."
        )
    snapshot, at = selection.snapshot, selection.start
    for scope in inner:
        start = snapshot.lines.start(snapshot.lines.at(scope.start))
        end = snapshot.lines.end(snapshot.data, snapshot.lines.at(scope.end))
        if snapshot.data[at:start].strip():
            yield from _fitting(_trimmed(Selection(snapshot, at, start)), most)
        yield from _fitting(Selection(snapshot, start, end), most)
        at = snapshot.lines.after(snapshot.data, snapshot.lines.at(scope.end))
    if snapshot.data[at : selection.end].strip():
        yield from _fitting(_trimmed(Selection(snapshot, at, selection.end)), most)


def _members(selection: Selection) -> list[Scope]:
    """The outermost definitions that are not all of the selection, on lines of their own."""
    found: list[Scope] = []
    snapshot = selection.snapshot
    whole = len(selection.snapshot.data[selection.start : selection.end].strip())
    for scope in scopes_in(snapshot, selection.start, selection.end):
        inside = selection.start <= scope.start and scope.end <= selection.end and scope.end - scope.start < whole
        if inside and not (found and snapshot.lines.at(scope.start) <= snapshot.lines.at(found[-1].end)):
            found.append(scope)
    return found


def _trimmed(selection: Selection) -> Selection:
    """Without the blank lines and the line ending at its end."""
    text = selection.snapshot.data[selection.start : selection.end]
    return Selection(selection.snapshot, selection.start, selection.start + len(text.rstrip()))


def _joined(first: Selection, second: Selection) -> Selection:
    return Selection(first.snapshot, first.start, second.end)
