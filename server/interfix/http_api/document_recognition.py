"""Which document a request is about: requests name none, so it is told by its text.

A plugin shows so many lines, or characters, around the cursor. From one keystroke to the next nearly all lines are the same, but
the window moves with the cursor, which would change the head of the prompt and have all of it decoded anew. So each document that
was seen lately has a name, under which the engine keeps its cache, and lines that are numbered as they first came: a window that
has begun to move is cut at a multiple of some lines, and what stands at its head stays the same for a while.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile
from uuid import uuid4

import msgspec

from interfix.system.common_prefix import count_common_prefix

MAX_DOCUMENTS = 24
"""Documents that are remembered; more than the engine has caches for."""
MIN_SHARED = 0.5
"""Share of a request's text, in characters of whole lines, that must be the document's."""
MAX_NEW_LINES = 10
"""Lines that may be new between two requests, or `MAX_NEW_SHARE` of them: more is another document, such as a copy."""
MAX_NEW_SHARE = 0.15
MAX_NEW_PLACES = 2
"""In so many places at most: somebody who types changes one, a copy differs here and there."""
FIRST_LINE = 1 << 20
"""The number of the first line that is seen of a document: the window may move up."""
MAX_STEP_LINES = 16
"""A window that moves begins at a multiple of so many lines at most."""
MAX_PREAMBLE_LINES = 4
"""Lines that a client may put before what it shows of a document."""
MIN_STEPS = 8
"""And a short one at a multiple of fewer: at most one line in so many is left out."""


class DocumentPlace(msgspec.Struct, frozen=True):
    """Where a request is in a document."""

    document: str
    """The document's name."""
    first_line: int
    """The number of the first line that is shown of the prefix, counted from an arbitrary one."""
    preamble_end: int
    """So many characters of the prefix are a client's own, the same at each request, such as a comment on the language."""
    start: int
    """Character of the prefix, not before `preamble_end`, from which on the document is shown: its head is cut where it would
    move."""


class DocumentMatcher:
    """The documents of the last requests, the newest last."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, _SeenDocument] = OrderedDict()
        self._session = uuid4().hex[:8]
        self._count = 0

    def match(self, prefix: str, suffix: str) -> DocumentPlace:
        """The document that shares most with a request, a new one where none shares enough."""
        window = _Window(prefix, suffix)
        best = max(self._seen.values(), key=lambda seen: seen.count_shared(window), default=None)
        if best is None or not best.is_same(window):
            self._count += 1
            best = _SeenDocument(f"http:{self._session}/{self._count}", window)
        else:
            best.follow(window)
        self._seen[best.name] = best
        self._seen.move_to_end(best.name)
        while len(self._seen) > MAX_DOCUMENTS:
            self._seen.popitem(last=False)
        return best.place(window)

    def expect(self, document: str, text: str) -> None:
        """What was suggested in a document may be in it when it is next seen."""
        if (seen := self._seen.get(document)) is not None:
            seen.expected = frozenset(_strip_lines(text.split("\n")))

    def latest(self) -> str:
        """The document that was asked about last; empty where there is none."""
        return next(reversed(self._seen), "")


class _Window:
    """What a request shows."""

    def __init__(self, prefix: str, suffix: str) -> None:
        *self.above, self.cursor_line = prefix.split("\n")
        self.rest_of_line, *self.below = suffix.split("\n")
        self.prefix = prefix
        telling = [line for line in _strip_lines((*self.above, *self.below)) if line]
        self.lines = Counter(telling)
        self.length = sum(map(len, telling))


class _SeenDocument:
    """What is remembered of a document: its lines as they were in the last request, no more."""

    def __init__(self, name: str, window: _Window) -> None:
        self.name = name
        self.expected: frozenset[str] = frozenset()
        self._window = window
        self._first_line = FIRST_LINE
        self._step = 0  # lines; 0 while the window has not moved
        self._cuts_lines = False  # the window is so many characters long, and begins inside a line
        self._preamble = 0  # lines

    def count_shared(self, window: _Window) -> int:
        """Characters of whole lines that are in both, and what the cursor's line begins with in both."""
        shared = sum(len(line) * count for line, count in (window.lines & self._window.lines).items())
        return shared + count_common_prefix(window.cursor_line, self._window.cursor_line)

    def is_same(self, window: _Window) -> bool:
        """Whether a request is about this document."""
        total = window.length + len(window.cursor_line)
        if not total:
            return not self._window.length
        typed = self._window.cursor_line.strip()  # a whole line by now, if the cursor has left it
        expected = self._window.lines.keys() | self.expected | {line for line in window.lines if typed and line.startswith(typed)}
        inner = _drop_ends((*window.above, *window.below), expected)
        is_new = [line not in expected for line in inner]
        fresh, new_places = sum(is_new), sum(new and not before for before, new in pairwise((False, *is_new)))
        shared = self.count_shared(window) + sum(len(line) for line in (expected & window.lines.keys()) - self._window.lines.keys())
        is_one_change = new_places <= MAX_NEW_PLACES and fresh <= max(MAX_NEW_LINES, MAX_NEW_SHARE * len(inner))
        return shared >= MIN_SHARED * total and is_one_change

    def follow(self, window: _Window) -> None:
        """Remember the request, and see whether its window has moved."""
        old = self._window.above
        places: dict[str, int] = {}
        for index, line in enumerate((*old, self._window.cursor_line + self._window.rest_of_line, *self._window.below)):
            places[line] = -1 if line in places else index  # a line that is there twice says nothing
        votes = Counter(places[line] - index for index, line in enumerate(window.above) if places.get(line, -1) >= 0)
        moved = votes.most_common(1)[0][0] if votes else 0
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, window.above, strict=False)))
        if same <= MAX_PREAMBLE_LINES and same < min(len(old), len(window.above)):
            first, before = window.above[same], old[same]
            is_cut = not moved and (before.endswith(first) or first.endswith(before))
            self._cuts_lines |= is_cut
            if moved or is_cut:
                self._preamble = same
        if (moved or self._cuts_lines) and not self._step:
            self._step = _choose_step(len(window.above))
        self._first_line += moved
        self._window = window
        self.expected = frozenset()

    def place(self, window: _Window) -> DocumentPlace:
        """Where the last request is."""
        preamble, skipped = 0, 0
        if self._step:
            preamble, partial = self._preamble, int(self._cuts_lines)
            skipped = partial + -(self._first_line + preamble + partial) % self._step
            skipped = max(0, min(skipped, len(window.above) - preamble))
        return DocumentPlace(
            self.name,
            self._first_line + skipped,
            preamble_end=_measure_lines(window.above[:preamble]),
            start=_measure_lines(window.above[: preamble + skipped]),
        )


def _strip_lines(lines: Iterable[str]) -> list[str]:
    return [line.strip() for line in lines]


def _drop_ends(lines: Sequence[str], known_lines: Iterable[str]) -> list[str]:
    """The lines between the first and the last that are known."""
    bare = [line for line in _strip_lines(lines) if line]
    places = [index for index, line in enumerate(bare) if line in known_lines]
    return bare[places[0] : places[-1] + 1] if places else []


def _measure_lines(lines: Sequence[str]) -> int:
    """Characters of whole lines, their breaks included."""
    return sum(len(line) + 1 for line in lines)


def _choose_step(lines: int) -> int:
    step = MAX_STEP_LINES
    while step > 1 and step * MIN_STEPS > lines:
        step //= 2
    return step
