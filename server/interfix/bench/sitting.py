"""One place typed from its first key to its last, taking what is suggested where it is right. Knows one place only.

The clock is real: a suggestion that comes too late is not seen. Pauses end when what was suggested has been read.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
from pygls.exceptions import JsonRpcException

from interfix.bench.headless import Editor
from interfix.bench.places import Place
from interfix.bench.take import How, Take, first_line_right, take
from interfix.bench.typist import Key, Typist, strokes
from interfix.bench.writing import Writing

READING_MS = 250
"""Time to read a suggestion, ms."""


class Piece(msgspec.Struct, frozen=True):
    """Text of a place by how it came to be there."""

    text: str
    """The text."""
    how: How | None
    """How it was taken; None where it was typed."""


class Figures(msgspec.Struct, frozen=True):
    """What came of typing at one place, or at all."""

    characters: int
    """Keys that the text would have taken, an editor's indentation aside."""
    suggested: int
    """How many of them a suggestion took over."""
    keys: int
    """Keys that were pressed, those that took suggestions and corrected slips included."""
    shown: int
    """Different suggestions that were on the screen; one that is typed through stays the same."""
    right: int
    """How many of them had a right first line when they came."""
    taken: dict[str, int]
    """How many were taken whole, by the line and by the word."""
    asked: int
    """Requests the editor made."""
    errors: int
    """How many of them were answered with an error."""


def together(figures: Sequence[Figures]) -> Figures:
    """All of them added up."""
    taken: Counter[str] = Counter()
    for each in figures:
        taken.update(each.taken)
    return Figures(
        characters=sum(each.characters for each in figures),
        suggested=sum(each.suggested for each in figures),
        keys=sum(each.keys for each in figures),
        shown=sum(each.shown for each in figures),
        right=sum(each.right for each in figures),
        taken=dict(taken),
        asked=sum(each.asked for each in figures),
        errors=sum(each.errors for each in figures),
    )


class Sitting:
    """One place from its first key to its last."""

    def __init__(self, client: Editor, root: Path, place: Place, chance: random.Random) -> None:
        self.place = place
        self.pieces: list[Piece] = []
        """The text, by how it came."""
        self.latencies_ms: list[float] = []
        """Times from a request to its suggestion, of those that came before the next key, ms."""
        self._typist = Typist(place.text, chance)
        self._writing = Writing(client, (root / place.path).as_uri(), place.language, place.prefix, place.suffix)
        self._requests: list[asyncio.Task[None]] = []
        self._suggestion = ""
        self._keys = self._shown = self._right = self._asked = self._errors = 0
        self._taken: Counter[str] = Counter()

    async def run(self) -> None:
        """Type it all."""
        with self._writing:
            while (key := self._typist.next()) is not None:
                if not (key.looks and await self._look(key.wait_ms / 1000)):
                    if not key.looks:
                        await asyncio.sleep(key.wait_ms / 1000)
                    self._press(key)
                self._ask()
            await self._settle()

    def figures(self) -> Figures:
        """What came of it."""
        suggested = sum(strokes(piece.text) for piece in self.pieces if piece.how is not None)
        return Figures(
            characters=strokes(self.place.text),
            suggested=suggested,
            keys=self._keys,
            shown=self._shown,
            right=self._right,
            taken=dict(self._taken),
            asked=self._asked,
            errors=self._errors,
        )

    def _press(self, key: Key) -> None:
        wrong = self._typist.wrong
        self._typist.press(key)
        self._keys += 1
        if key.text:
            self._writing.insert(key.text)
            self._suggestion = self._suggestion.removeprefix(key.text) if self._suggestion.startswith(key.text) else ""
        else:
            self._writing.backspace()
            self._suggestion = ""
        if key.text and not wrong and not self._typist.wrong:
            self._note(key.text, None)

    async def _look(self, seconds: float) -> bool:
        """Pause; read a suggestion if one is there or comes in time, and take of it what is right. Whether anything was taken."""
        if not self._suggestion and self._requests:
            await asyncio.wait(self._requests[-1:], timeout=seconds)
        if not self._suggestion:
            return False
        await asyncio.sleep(READING_MS / 1000)
        taken = take(self._suggestion, self._typist.rest)
        if taken is None:
            return False
        self._accept(taken)
        return True

    def _accept(self, taken: Take) -> None:
        self._writing.accept(taken.text, whole=taken.how is How.WHOLE)
        self._typist.skip(len(taken.text))
        self._keys += taken.keys
        self._taken[taken.how] += 1
        self._suggestion = self._suggestion.removeprefix(taken.text)
        self._note(taken.text, taken.how)

    def _note(self, text: str, how: How | None) -> None:
        if self.pieces and self.pieces[-1].how is how:
            text = self.pieces.pop().text + text
        self.pieces.append(Piece(text, how))

    def _ask(self) -> None:
        """Ask for a suggestion at the cursor; the server ends what was asked before."""
        self._asked += 1
        self._requests = [request for request in self._requests if not request.done()]
        self._requests.append(asyncio.create_task(self._answer()))

    async def _answer(self) -> None:
        began = time.perf_counter()
        try:
            text = await self._writing.suggestion()
        except JsonRpcException:
            self._errors += 1
            return
        if text:
            self.latencies_ms.append((time.perf_counter() - began) * 1000)
            self._see(text)

    def _see(self, text: str) -> None:
        if text != self._suggestion and not self._typist.wrong:
            self._shown += 1
            self._right += first_line_right(text, self._typist.rest)
        self._suggestion = text

    async def _settle(self) -> None:
        """Leave no request without its answer."""
        await asyncio.gather(*self._requests)
