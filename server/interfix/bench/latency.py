"""`interfix bench latency`: what a keystroke costs, with each way of reusing the KV cache, over the same keystrokes in one run.

Types into real files through the document, the window and the engine as the server does; leaves the editor's protocol out.
"""

import asyncio
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from enum import StrEnum
from pathlib import Path

import msgspec
from rich.progress import Progress
from rich.table import Table

from interfix.bench.places import library
from interfix.bench.spread import Spread, spread
from interfix.config.settings import Completion, ContextSettings, Settings
from interfix.context.gathering import Gatherer
from interfix.engine.client import local_engine
from interfix.engine.protocol import Engine, InfillRequest, Reuse
from interfix.errors import BadUsage, Unavailable
from interfix.models.roles import BaseModel
from interfix.output.terminal import Console, write_json
from interfix.syntax.document import Document, Edit, Encoding, open_file
from interfix.values import Started, Token

GENERATED_TOKENS = 8
"""Tokens written after each keystroke."""
BURST = 12
"""Characters typed in a row."""
PAUSE_SECONDS = 0.12
"""Between two keystrokes: a fast typist's."""
SAMPLED = 12
"""Every so many keystrokes are decoded without any reuse, too: each of them takes seconds on a CPU."""


class Action(StrEnum):
    """What a keystroke does."""

    OPEN = "open"
    APPEND = "append"
    DELETE = "delete"
    INSERT = "insert"
    SWITCH = "switch"


class Manner(msgspec.Struct, frozen=True):
    """A way to ask for a completion."""

    name: str
    """What it is called in the report."""
    reuse: Reuse
    """What of the KV cache it may use."""
    hasty: bool = False
    """Whether it is asked as for a user who has not asked: within `completion.latency_ms`."""
    every: int = 1
    """It is measured at every so many keystrokes."""


SPLICE, LCP = Manner("splice", Reuse.SPLICE), Manner("lcp", Reuse.PREFIX)
MANNERS = (SPLICE, LCP, Manner("none", Reuse.NONE, every=SAMPLED), Manner("hasty", Reuse.SPLICE, hasty=True))


class Stroke(msgspec.Struct, frozen=True):
    """One keystroke of a session: the document as it is after it."""

    action: Action
    """What was done."""
    uri: str
    """The document."""
    text: str
    """Its whole text."""
    offset: int
    """Byte offset of the cursor."""


class Cost(msgspec.Struct, frozen=True):
    """What one keystroke took."""

    action: Action
    """What was done."""
    prompt: int
    """Length of the prompt, tokens."""
    decoded: int
    """Tokens of it that were decoded."""
    first_ms: float
    """Until the first token was there, ms."""
    total_ms: float
    """Until the last was, ms."""
    completion: str
    """What was written."""


class Way(msgspec.Struct, frozen=True):
    """One way of reuse over its keystrokes but the opening of a file."""

    strokes: int
    """Keystrokes it was measured on."""
    tokens_decoded: int
    """Prompt tokens decoded, all of them together."""
    tokens_a_stroke: Spread
    """Prompt tokens decoded, a keystroke."""
    ttft_ms: Spread
    """Time to the first token, ms."""
    total_ms: Spread
    """Time to the end, ms."""
    actions: dict[str, dict[str, Spread]]
    """Decoded tokens and time to the first token by what was done."""


class Report(msgspec.Struct, frozen=True):
    """Figures of a whole run."""

    model: str
    """Who completed."""
    files: int
    """Files typed into."""
    strokes: int
    """Keystrokes, openings aside."""
    prompt_tokens: Spread
    """Length of the prompts, tokens."""
    splice: Way
    """The way in use."""
    lcp: Way
    """Reuse of the longest common prefix only."""
    none: Way
    """No reuse, for every twelfth keystroke."""
    hasty: Way
    """The way in use where nobody has asked: a cold prompt is put off and a brief one answered. What is decoded in the pauses is
    not counted here."""
    agreement: float
    """Share of keystrokes whose completion is, with splicing, what it is where all that follows a change is decoded."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        title = f"{self.model}, {self.strokes} keystrokes in {self.files} files, {self.prompt_tokens.p50:.0f} tokens of prompt"
        table = Table(title=title, title_justify="left")
        for heading in ("reuse", "keystroke", "tokens p50", "p95", "first token ms p50", "p95", "end ms p50", "p95"):
            table.add_column(heading, justify="left" if heading in ("reuse", "keystroke") else "right")
        for name, way in (("splice", self.splice), ("hasty", self.hasty), ("lcp", self.lcp), ("none", self.none)):
            table.add_row(name, "all", *_cells(way.tokens_a_stroke, way.ttft_ms, way.total_ms), style="bold")
            for action, figures in way.actions.items():
                table.add_row("", action, *_cells(figures["tokens"], figures["ttft_ms"]))
        console = Console(stderr=True)
        console.print(table)
        console.print(
            f"splice against lcp: {self.lcp.tokens_decoded / max(1, self.splice.tokens_decoded):.1f} times fewer tokens, "
            f"{self.lcp.ttft_ms.p50 / max(0.1, self.splice.ttft_ms.p50):.1f} times sooner at the median; "
            f"{self.agreement:.1%} of the completions as with the whole suffix decoded"
        )
        write_json(self)


def run(model: BaseModel, settings: Settings, files: Sequence[Path] = (), *, places: int = 1, seed: int = 1) -> Report:
    """Type at `places` places of each file, or of some of Python's own, and show figures.

    Raises `BadUsage` for fewer than two files or one without code to type, `Unavailable` where the engine is.
    """
    paths = list(files) or library()
    if len(paths) < 2:
        raise BadUsage("The bench switches between files; give it two or more.")
    report = asyncio.run(_run(model, settings, paths, places, seed))
    report.show()
    return report


async def _run(model: BaseModel, settings: Settings, paths: list[Path], places: int, seed: int) -> Report:
    sessions = [list(session(pair, places, random.Random(seed + i))) for i, pair in enumerate(_pairs(paths))]
    costs: dict[str, list[Cost]] = {manner.name: [] for manner in MANNERS}
    work = [(strokes, manner) for strokes in sessions for manner in MANNERS]
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("latency", total=sum(len(strokes) for strokes, _ in work))
        async with local_engine() as engine:
            for strokes, manner in work:
                gatherer = Gatherer(ContextSettings(), settings.completion.prompt_tokens)
                for stroke in strokes[:: manner.every]:
                    await asyncio.sleep(PAUSE_SECONDS)
                    costs[manner.name].append(await _type(engine, model, settings.completion, gatherer, stroke, manner))
                    progress.advance(task, manner.every)
    typed = {name: [cost for cost in of_name if cost.action is not Action.OPEN] for name, of_name in costs.items()}
    splice, lcp = typed[SPLICE.name], typed[LCP.name]
    same = [one.completion == other.completion for one, other in zip(splice, lcp, strict=True)]
    return Report(
        model=model.name,
        files=len(paths),
        strokes=len(same),
        prompt_tokens=spread([cost.prompt for cost in splice]),
        **{name: _way(of_name) for name, of_name in typed.items()},
        agreement=round(sum(same) / len(same), 4),
    )


def _pairs(paths: list[Path]) -> Iterator[tuple[Path, Path]]:
    """Every file in one pair; where their number is odd, the first in two."""
    even = [*paths, paths[0]] if len(paths) % 2 else paths
    return zip(even[::2], even[1::2], strict=True)


def session(paths: Sequence[Path], places: int, chance: random.Random) -> Iterator[Stroke]:
    """Keystrokes in two files in turn: at each place a line is typed anew, corrected and added to, then the other file comes."""
    documents = [open_file(path) for path in paths]
    typists = [_Typist(document, path, chance) for document, path in zip(documents, paths, strict=True)]
    for typist in typists:
        typist.jump()
        yield typist.stroke(Action.OPEN)
    for _ in range(places):
        for typist in typists:
            yield typist.stroke(Action.SWITCH)
            yield from typist.burst(Action.APPEND)
            for _ in range(2):
                typist.delete()
                yield typist.stroke(Action.DELETE)
            yield from typist.burst(Action.APPEND)
            typist.jump()
            yield from typist.burst(Action.INSERT)


class _Typist:
    """Types lines of a file anew, where they stand."""

    def __init__(self, document: Document, path: Path, chance: random.Random) -> None:
        lines = document.snapshot().text.split("\n")
        self._candidates = [i for i, line in enumerate(lines) if i > len(lines) // 10 and len(line.strip()) > BURST * 3]
        if not self._candidates:
            raise BadUsage(f"{path} has no line long enough to be typed anew.")
        self._document, self._chance = document, chance
        self._line = self._column = 0
        self._rest = ""

    def jump(self) -> None:
        """Go to another line and take its second half away, to be typed again."""
        self._line = self._chance.choice(self._candidates)
        text = self._document.snapshot().text.split("\n")[self._line]
        self._column = len(text) - len(text.lstrip()) + len(text.strip()) // 3
        self._rest = text[self._column :]
        self._replace(self._column, len(text), "")

    def burst(self, action: Action) -> Iterator[Stroke]:
        """Type some characters of what was there."""
        for character in self._rest[:BURST]:
            self._replace(self._column, self._column, character)
            self._column += 1
            yield self.stroke(action)
        self._rest = self._rest[BURST:]

    def delete(self) -> None:
        """Take the last character back, to be typed again."""
        before = self._document.snapshot().text.split("\n")[self._line]
        self._rest = before[self._column - 1] + self._rest
        self._replace(self._column - 1, self._column, "")
        self._column -= 1

    def stroke(self, action: Action) -> Stroke:
        """The document as it is now."""
        snapshot = self._document.snapshot()
        return Stroke(action, snapshot.uri, snapshot.text, snapshot.offset(self._line, self._column, Encoding.UTF32))

    def _replace(self, start: int, end: int, text: str) -> None:
        edit = Edit((self._line, start), (self._line, end), text)
        self._document.apply([edit], self._document.snapshot().version + 1, Encoding.UTF32)


async def _type(engine: Engine, model: BaseModel, settings: Completion, gatherer: Gatherer, stroke: Stroke, manner: Manner) -> Cost:
    snapshot = Document(stroke.uri, stroke.text).snapshot()
    request = InfillRequest(
        model=model,
        document=f"{stroke.uri}#{manner.name}",
        segments=(await gatherer.gather(snapshot, stroke.offset, None)).segments,
        prompt_budget=settings.prompt_tokens,
        max_tokens=GENERATED_TOKENS,
        reuse=manner.reuse,
        within_ms=settings.latency_ms if manner.hasty else 0,
        exact=False,
    )
    began = time.perf_counter()
    prompt = decoded = 0
    first, text = 0.0, ""
    async with aclosing(engine.infill(request)) as events:
        async for event in events:
            if isinstance(event, Started):
                prompt, decoded = event.prompt_tokens, event.prompt_tokens - event.reused_tokens
            elif isinstance(event, Token):
                first = first or time.perf_counter() - began
                text += event.text
    ended = time.perf_counter() - began
    if not prompt:
        raise Unavailable("The engine ended a keystroke early; run the bench again when no editor uses it.")
    return Cost(stroke.action, prompt, decoded, (first or ended) * 1000, ended * 1000, text)


def _way(costs: list[Cost]) -> Way:
    groups = {action: [cost for cost in costs if cost.action is action] for action in Action}
    return Way(
        strokes=len(costs),
        tokens_decoded=sum(cost.decoded for cost in costs),
        tokens_a_stroke=spread([cost.decoded for cost in costs]),
        ttft_ms=spread([cost.first_ms for cost in costs]),
        total_ms=spread([cost.total_ms for cost in costs]),
        actions={
            action.value: {
                "tokens": spread([cost.decoded for cost in group]),
                "ttft_ms": spread([cost.first_ms for cost in group]),
            }
            for action, group in groups.items()
            if group
        },
    )


def _cells(*spreads: Spread) -> Iterator[str]:
    for each in spreads:
        yield from (f"{each.p50:.0f}", f"{each.p95:.0f}")
