"""A name was changed: its other uses."""

from collections.abc import Iterator

from interfix.next_edit.code_tokens import WORD, split_tokens
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditKind, widen_to_lines
from interfix.next_edit.next_edit import Proposal, Replacement


def find(context: EditContext) -> Iterator[Proposal]:
    """The next use below the cursor, else the first."""
    data = context.snapshot.data
    for edit in reversed(context.edits):
        if edit.uri != context.snapshot.uri or edit.start < 0 or edit.kind is EditKind.FORMATTED:
            continue
        lines = widen_to_lines(data, edit)
        old, new = (split_tokens(text.decode("utf-8", "replace")) for text in (lines.old, lines.new))
        changed = [(a.text, b.text) for a, b in zip(old, new, strict=False) if a.text != b.text]
        if len(old) != len(new) or len(set(changed)) != 1 or not all(map(WORD.fullmatch, changed[0])):
            return
        name, text = (each.encode() for each in changed[0])
        places = [
            token
            for start, line in _split_lines(data)
            for token in ((start + len(line[: each.start].encode()), each.text.encode()) for each in split_tokens(line))
            if token[1] == name
        ]
        for start, _ in sorted(places, key=lambda place: (place[0] < context.offset, place[0])):
            yield Proposal("rename", edit.uri, Replacement(start, start + len(name), text), 0.9)
        return


def _split_lines(data: bytes) -> Iterator[tuple[int, str]]:
    start = 0
    for line in data.splitlines(keepends=True):
        yield start, line.decode("utf-8", "replace")
        start += len(line)
