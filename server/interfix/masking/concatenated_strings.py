"""Secrets in concatenated strings: the parts of `"…" + "…"`, and of literals that follow each other, are searched as one."""

import re
from collections.abc import Callable, Iterable, Iterator

_PIECE = r"""(?P<quote>["'`])(?:(?!(?P=quote))[^\\\r\n]){1,300}(?P=quote)"""
_NEXT = re.compile(r"""[ \t]{0,3}(?:\\?\r?\n|\+|\.\.?|&)\s{0,80}(?=["'`])""")
"""A line end or an operator: on one line literals beside each other are the arguments of a shell's command."""
_FIRST = re.compile(_PIECE)
_MOST_PIECES = 40
_BEFORE = 120
"""Characters before the first piece that tell what it is."""

Find = Callable[[str], Iterable[tuple[int, int]]]


def find_in_concatenations(text: str, find: Find) -> Iterator[tuple[int, int]]:
    """The places of pieces of which something is secret once they are put together, as `find` says."""
    at = 0
    while (match := _FIRST.search(text, at)) is not None:
        pieces = _list_pieces(text, match)
        at = pieces[-1][1] + 1
        if len(pieces) > 1:
            before = text[max(0, pieces[0][0] - 1 - _BEFORE) : pieces[0][0]]
            whole = "".join(text[start:end] for start, end in pieces)
            secret = list(find(before + whole + before[-1]))
            offset = len(before)
            for start, end in pieces:
                if any(first < offset + end - start and last > offset for first, last in secret):
                    yield start, end
                offset += end - start


def _list_pieces(text: str, first: re.Match[str]) -> list[tuple[int, int]]:
    """The insides of the literals that belong together, from the first on."""
    pieces = [(first.start() + 1, first.end() - 1)]
    at = first.end()
    while len(pieces) < _MOST_PIECES and (gap := _NEXT.match(text, at)) and gap.end() > at:
        piece = _FIRST.match(text, gap.end())
        if piece is None:
            break
        pieces.append((piece.start() + 1, piece.end() - 1))
        at = piece.end()
    return pieces
