"""`interfix bench replay`: real files typed as somebody would, through the whole server, taking what it suggests where it is right.

The clock is real: a suggestion that comes too late is not seen. Pauses end when what was suggested has been read.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from pygls.exceptions import JsonRpcException
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from interfix.bench.headless import Editor, Writing, editor
from interfix.bench.places import Place, places, sources
from interfix.bench.spread import Spread, spread
from interfix.bench.take import How, Take, first_line_right, take
from interfix.bench.typist import Key, Typist, strokes
from interfix.config.load import load
from interfix.errors import BadUsage, Unavailable
from interfix.models.choose import chosen
from interfix.stats.charts import NARROW, Series, bars, columns
from interfix.stats.page import Chart, by_doubling, render, write
from interfix.stats.store import opened
from interfix.stats.summary import Group, Work, summary

WITHOUT = {
    "type-through": {"completion.type_through": False},
    "ahead": {"completion.ahead": False},
    "context": {"context.trusted": False},
}
"""What can be left out to see what it is worth, and the settings that do so."""
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
    answered_ms: tuple[float, ...]
    """Times from a request to its suggestion, of those that came in time, ms."""

    @property
    def share(self) -> float:
        """The share of the characters that came from suggestions."""
        return self.suggested / self.characters if self.characters else 0.0


class Report(msgspec.Struct, frozen=True):
    """Figures of a whole run."""

    model: str
    """Who completed."""
    without: tuple[str, ...]
    """What was left out."""
    seed: int
    """By which places and slips were drawn."""
    files: int
    """Places typed at, one a file."""
    seconds: float
    """Wall time, s."""
    characters: int
    """See `Figures`."""
    suggested: int
    """See `Figures`."""
    share: float
    """The share of the characters that came from suggestions."""
    keys: int
    """See `Figures`."""
    shown: int
    """See `Figures`."""
    right: int
    """See `Figures`."""
    precision: float | None
    """The share of what was shown whose first line was right; None where nothing was shown."""
    taken: dict[str, int]
    """See `Figures`."""
    asked: int
    """Requests the editor made."""
    answered: int
    """Requests the server counted as answered, with a suggestion or with none."""
    at_hand: int
    """How many of these needed no computing."""
    shown_at_hand: float | None
    """The share of the answers with a suggestion that needed no computing; None where there are none."""
    ms: Spread
    """Time from a request to its suggestion, ms."""
    decoded: int
    """Prompt tokens the engine decoded."""
    generated: int
    """Tokens it wrote."""
    told: tuple[str, ...]
    """What the server told its user meanwhile."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        left_out = f", without {' and '.join(self.without)}" if self.without else ""
        title = f"{self.model}{left_out}: {self.files} files, {self.seconds:.0f} s"
        table = Table(title=title, title_justify="left", show_header=False)
        for name, value in self._rows():
            table.add_row(name, value)
        console = Console(stderr=True, highlight=False)
        console.print(table)
        for sentence in dict.fromkeys(self.told):
            console.print(f"The server said: {sentence}", markup=False)
        print(msgspec.json.encode(self).decode(), flush=True)

    def _rows(self) -> Sequence[tuple[str, str]]:
        precise = "–" if self.precision is None else f"{self.precision:.0%}"
        at_hand = "–" if self.shown_at_hand is None else f"{self.shown_at_hand:.0%}"
        return (
            ("from suggestions", f"{self.share:.1%} of {self.characters:,} characters, for {self.keys:,} keys pressed"),
            ("taken", ", ".join(f"{count} {how}" for how, count in self.taken.items())),
            ("shown", f"{self.shown}, the first line right in {precise}"),
            ("requests", f"{self.asked}; {self.at_hand} of {self.answered} answers at hand, {at_hand} of those with a suggestion"),
            ("latency", f"p50 {self.ms.p50:.0f} ms, p95 {self.ms.p95:.0f} ms"),
            ("engine", f"{self.decoded:,} prompt tokens decoded, {self.generated:,} written"),
        )


def run(
    path: Path,
    *,
    files: int = 6,
    seed: int = 1,
    without: Sequence[str] = (),
    html: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Report:
    """Type at a place of each of some files below `path`, with a server and counts of its own; show figures.

    The server sees a copy of the folder in which those places are empty until they have been typed. Raises `BadUsage` where there
    is nothing to type, and `Unavailable` where no model completes or the server stops.
    """
    found = sources(path)
    root = path if path.is_dir() else path.parent
    chance = random.Random(seed)
    typed = places(root, found, files, chance)
    if not typed:
        raise BadUsage(f"{path} has no file with enough lines of code to type.")
    left_out = {name: value for each in without for name, value in _left_out(each).items()}
    given = {**(settings or {}), **left_out}
    base = chosen(load(editor=given, environ=environ).settings.models).base
    if base is None:
        raise Unavailable("No model for completion is installed. Get one with: interfix models pull")
    with tempfile.TemporaryDirectory(prefix="interfix-replay-") as folder:
        copy, counts = Path(folder).resolve() / root.resolve().name, Path(folder) / "counts"
        _copy(root, found, typed, copy)
        began = time.perf_counter()
        sessions, told = asyncio.run(_sessions(copy, typed, chance, {**given, "statistics.file": str(counts)}, environ))
        seconds = time.perf_counter() - began
        with opened(counts) as store:
            counted = summary(store, date.today())
    report = _report(base.name, tuple(without), seed, seconds, [session.figures() for session in sessions], counted.total, counted.work, told)
    if html is not None:
        write(html, _page(report, path, sessions))
    report.show()
    return report


def _left_out(name: str) -> dict[str, Any]:
    if name not in WITHOUT:
        raise BadUsage(f"'{name}' cannot be left out; {', '.join(WITHOUT)} can.")
    return WITHOUT[name]


def _copy(root: Path, found: list[Path], typed: list[Place], copy: Path) -> None:
    for file in found:
        target = copy / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    for place in typed:
        _save(copy, place, place.prefix + place.suffix)


def _save(copy: Path, place: Place, text: str) -> None:
    (copy / place.path).write_text(text, encoding="utf-8", newline="")


async def _sessions(
    copy: Path, typed: list[Place], chance: random.Random, settings: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[list["_Session"], list[str]]:
    sessions = []
    async with editor(copy, environ, settings) as client:
        with Progress(console=Console(file=sys.stderr), disable=not sys.stderr.isatty()) as progress:
            for place in progress.track(typed, description="replay"):
                session = _Session(client, copy, place, random.Random(chance.random()))
                await session.run()
                _save(copy, place, place.prefix + place.text + place.suffix)
                sessions.append(session)
    return sessions, client.told


class _Session:
    """One place from its first key to its last."""

    def __init__(self, client: Editor, root: Path, place: Place, chance: random.Random) -> None:
        self.place = place
        self.pieces: list[Piece] = []
        self._typist = Typist(place.text, chance)
        self._writing = Writing(client, (root / place.path).as_uri(), place.language, place.prefix, place.suffix)
        self._request: asyncio.Task[None] | None = None
        self._suggestion = ""
        self._offer = 0
        self._before = ""
        self._keys = self._shown = self._right = self._asked = 0
        self._taken: Counter[str] = Counter()
        self._times: list[float] = []

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
            answered_ms=tuple(self._times),
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
        if not self._suggestion and self._request is not None:
            await asyncio.wait({self._request}, timeout=seconds)
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
        """Ask for a suggestion at the cursor; an answer to an older question is dropped, as editors do."""
        if self._request is not None:
            self._request.cancel()
        self._asked += 1
        self._request = asyncio.create_task(self._answer())

    async def _answer(self) -> None:
        began = time.perf_counter()
        try:
            text = await self._writing.suggestion()
        except JsonRpcException:
            return
        if text:
            self._times.append((time.perf_counter() - began) * 1000)
            self._see(text)

    def _see(self, text: str) -> None:
        if text != self._suggestion and not self._typist.wrong:
            self._shown += 1
            self._right += first_line_right(text, self._typist.rest)
        self._suggestion = text

    async def _settle(self) -> None:
        """Let the last request go."""
        if self._request is not None:
            self._request.cancel()
            await asyncio.gather(self._request, return_exceptions=True)
