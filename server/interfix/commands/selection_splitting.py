"""A selection that is too long for one request, split by its definitions."""

from collections.abc import Iterator

from interfix.commands.context_byte_budget import BYTES_PER_TOKEN, INSTRUCTION_TOKENS
from interfix.commands.selection import Selection
from interfix.config.settings import Settings
from interfix.errors import UsageError
from interfix.syntax.enclosing_scopes import Scope, find_scopes


def require_single_request(selection: Selection, settings: Settings) -> None:
    """Raises `UsageError` with its size where a selection cannot be taken as one."""
    if len(split_selection(selection, settings, is_rewrite=True)) > 1:
        size = (selection.end - selection.start) // BYTES_PER_TOKEN
        raise UsageError(f"The selection is about {size} tokens long, too much to be taken as one. Select a single definition.")


def split_selection(selection: Selection, settings: Settings, *, is_rewrite: bool) -> list[Selection]:
    """The selection in stretches that each fit, cut between definitions; one where it fits as it is.

    What `is_rewrite` has to fit twice, once as the answer. Raises `UsageError` with the size where a single definition is too long.
    """
    context = settings.engine.context_tokens - INSTRUCTION_TOKENS
    most = min(context // 2, settings.commands.max_tokens * 9 // 10) if is_rewrite else context - settings.commands.max_tokens // 2
    pieces = list[Selection]()
    for piece in _split_to_fit(selection, most * BYTES_PER_TOKEN):
        joined = _join_selections(pieces[-1], piece) if pieces else None
        if joined is not None and joined.end - joined.start <= most * BYTES_PER_TOKEN:
            pieces[-1] = joined
        else:
            pieces.append(piece)
    return [piece for piece in pieces if piece.code.strip()]


def _split_to_fit(selection: Selection, max_bytes: int) -> Iterator[Selection]:
    if selection.end - selection.start <= max_bytes:
        yield selection
        return
    inner = _inner_definitions(selection)
    if not inner:
        size = (selection.end - selection.start) // BYTES_PER_TOKEN
        raise UsageError(
            f"The selection is about {size} tokens long, {max_bytes // BYTES_PER_TOKEN} fit, "
            "and it has no definitions to take one by one. "
            "Select less, or raise commands.max_tokens and engine.context_tokens."
        )
    snapshot, at = selection.snapshot, selection.start
    for scope in inner:
        start = snapshot.lines.find_start(snapshot.lines.find_line(scope.start))
        end = snapshot.lines.find_end(snapshot.data, snapshot.lines.find_line(scope.end))
        if snapshot.data[at:start].strip():
            yield from _split_to_fit(_trim_end(Selection(snapshot, at, start)), max_bytes)
        yield from _split_to_fit(Selection(snapshot, start, end), max_bytes)
        at = snapshot.lines.find_next_start(snapshot.data, snapshot.lines.find_line(scope.end))
    if snapshot.data[at : selection.end].strip():
        yield from _split_to_fit(_trim_end(Selection(snapshot, at, selection.end)), max_bytes)


def _inner_definitions(selection: Selection) -> list[Scope]:
    """The outermost definitions that are not all of the selection, on lines of their own."""
    definitions: list[Scope] = []
    snapshot = selection.snapshot
    whole = len(selection.snapshot.data[selection.start : selection.end].strip())
    for scope in find_scopes(snapshot, selection.start, selection.end):
        inside = selection.start <= scope.start and scope.end <= selection.end and scope.end - scope.start < whole
        if inside and not (definitions and snapshot.lines.find_line(scope.start) <= snapshot.lines.find_line(definitions[-1].end)):
            definitions.append(scope)
    return definitions


def _trim_end(selection: Selection) -> Selection:
    """Without the blank lines and the line ending at its end."""
    text = selection.snapshot.data[selection.start : selection.end]
    return Selection(selection.snapshot, selection.start, selection.start + len(text.rstrip()))


def _join_selections(first: Selection, second: Selection) -> Selection:
    return Selection(first.snapshot, first.start, second.end)
