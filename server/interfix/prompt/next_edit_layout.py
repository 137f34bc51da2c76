"""Lays a next edit's prompt out within an exact number of tokens."""

from collections.abc import Iterator

import msgspec

from interfix.errors import UsageError
from interfix.inference_types import EditWindow
from interfix.masking import mask
from interfix.prompt.families.next_edit_format import EditPromptParts, NextEditFormat, encode_pieces, has_marks
from interfix.prompt.tokenizer import Tokenizer

CONTEXT_LINES = (150, 80, 40, 20, 10, 5, 0)
"""Lines around the region on either side, from the most to the least."""


class NextEditLayout(msgspec.Struct, frozen=True):
    """A laid-out prompt."""

    tokens: tuple[int, ...]
    """Never more than the budget."""
    parts: EditPromptParts
    """What is shown."""


def lay_out_next_edit(
    parts: EditPromptParts, next_edit_format: NextEditFormat, tokenizer: Tokenizer, budget: int
) -> NextEditLayout:
    """The fullest prompt within `budget` tokens: other files go first, then old edits, then what is far from the region.

    Raises `UsageError` where not even the region and the newest edit fit, or the code holds the layout's own marks.
    """
    window = parts.window
    texts = [window.before, window.region, window.after, window.original, window.path]
    texts += [text for edit in parts.edits for text in (edit.path, edit.before, edit.after)]
    if has_marks([*texts, *(file.text for file in parts.files)], next_edit_format.text_marks):
        raise UsageError("The code holds marks by which the next-edit model's layout is known, so it cannot be shown to it.")
    for smaller in _list_smaller(parts):
        tokens = encode_pieces(next_edit_format.render(smaller), tokenizer)
        if len(tokens) <= budget:
            return NextEditLayout(tuple(tokens), smaller)
    raise UsageError(f"The lines to be rewritten do not fit into a next-edit prompt of {budget} tokens.")


def cut_surroundings(window: EditWindow, lines: int) -> EditWindow:
    """The window with at most so many lines before the region and after it."""
    before, after = window.before.split("\n"), window.after.split("\n")
    lines_before = "\n".join(before[-lines - 1 :]) if lines else ""
    return msgspec.structs.replace(
        window,
        before=mask(lines_before),
        after=mask("\n".join(after[:lines]) + ("\n" if 0 < lines < len(after) else "")),
        begins_file=window.begins_file and len(lines_before) == len(window.before),
    )


def _list_smaller(parts: EditPromptParts) -> Iterator[EditPromptParts]:
    """The parts, and less and less of them."""
    smaller = msgspec.structs.replace(parts, window=cut_surroundings(parts.window, CONTEXT_LINES[0]))
    yield smaller
    while smaller.files:
        smaller = msgspec.structs.replace(smaller, files=smaller.files[:-1])
        yield smaller
    while len(smaller.edits) > 1:
        smaller = msgspec.structs.replace(smaller, edits=smaller.edits[1:])
        yield smaller
    for lines in CONTEXT_LINES[1:]:
        smaller = msgspec.structs.replace(smaller, window=cut_surroundings(parts.window, lines))
        yield smaller
