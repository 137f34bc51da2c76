"""`interfix bench latency`: what a keystroke costs, with each way of reusing the KV cache, over the same keystrokes in one run.

Types into real files through the document, the window and the engine as the server does; leaves the editor's protocol out.
"""

import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from enum import StrEnum
from pathlib import Path

import msgspec
from rich.progress import Progress
from rich.table import Table

from interfix.bench.completion_time_estimate import read_prompt_tokens
from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.bench.time_budget import TimeBudget
from interfix.bench.typing_sites import stdlib_files
from interfix.config.settings import CompletionSettings, ContextSettings, Settings
from interfix.context.gatherer import Gatherer
from interfix.engine.client import create_local_engine
from interfix.engine.line_latency import LineLatency, measure_line_latency
from interfix.engine.protocol import Engine, InfillRequest, KvReuse
from interfix.errors import UnavailableError, UsageError
from interfix.inference_types import GeneratedToken, GenerationStart
from interfix.models.role_check import BaseModel
from interfix.output.console_output import Console, write_json
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding, open_file

GENERATED_TOKENS = 8
"""Tokens written after each keystroke."""
BURST_CHARACTERS = 12
"""Most characters typed in a row; fewer where that many do not fit into the minutes."""
MIN_BURST_CHARACTERS = 2
"""Fewest."""
KEY_INTERVAL_SECONDS = 0.12
"""Between two keystrokes: a fast typist's."""
UNCACHED_SAMPLE_STEP = 12
"""Every so many keystrokes are decoded without any reuse, too: each of them takes seconds on a CPU."""


class StrokeKind(StrEnum):
    """What a keystroke does."""

    OPEN = "open"
    APPEND = "append"
    DELETE = "delete"
    INSERT = "insert"
    SWITCH = "switch"


class RequestMode(msgspec.Struct, frozen=True):
    """A way to ask for a completion."""

    name: str
    """What it is called in the report."""
    reuse: KvReuse
    """What of the KV cache it may use."""
    has_deadline: bool = False
    """Whether it is asked as for a user who has not asked: within `completion.latency_ms`."""
    sample_step: int = 1
    """It is measured at every so many keystrokes."""
    decoded_share: float = 0.0
    """Share of a prompt that a keystroke has decoded, about: to say how long the bench takes."""


SPLICE = RequestMode("splice", KvReuse.SPLICE, decoded_share=0.05)
HASTY = RequestMode("hasty", KvReuse.SPLICE, has_deadline=True, decoded_share=0.05)
LCP = RequestMode("lcp", KvReuse.PREFIX, decoded_share=0.3)
REQUEST_MODES = (SPLICE, HASTY, LCP, RequestMode("none", KvReuse.NONE, sample_step=UNCACHED_SAMPLE_STEP, decoded_share=1.0))
"""In the order in which they are measured: what is in use comes first, should the time be over before the end."""


class Keystroke(msgspec.Struct, frozen=True):
    """One keystroke of a session: the document as it is after it."""

    kind: StrokeKind
    """What was done."""
    uri: str
    """The document."""
    text: str
    """Its whole text."""
    offset: int
    """Byte offset of the cursor."""


class KeystrokeCost(msgspec.Struct, frozen=True):
    """What one keystroke took."""

    kind: StrokeKind
    """What was done."""
    prompt_tokens: int
    """Length of the prompt, tokens."""
    decoded_tokens: int
    """Tokens of it that were decoded."""
    first_ms: float
    """Until the first token was there, ms."""
    total_ms: float
    """Until the last was, ms."""
    completion: str
    """What was written."""


class ModeStats(msgspec.Struct, frozen=True):
    """One way of reuse over its keystrokes but the opening of a file."""

    strokes: int
    """Keystrokes it was measured on."""
    tokens_decoded: int
    """Prompt tokens decoded, all of them together."""
    tokens_a_stroke: Percentiles
    """Prompt tokens decoded, a keystroke."""
    ttft_ms: Percentiles
    """Time to the first token, ms."""
    total_ms: Percentiles
    """Time to the end, ms."""
    actions: dict[str, dict[str, Percentiles]]
    """Decoded tokens and time to the first token by what was done."""


class LatencyReport(msgspec.Struct, frozen=True):
    """Figures of a whole run."""

    model: str
    """Who completed."""
    files: int
    """Files typed into."""
    strokes: int
    """Keystrokes, openings aside."""
    prompt_tokens: Percentiles
    """Length of the prompts, tokens."""
    splice: ModeStats
    """The way in use."""
    lcp: ModeStats
    """Reuse of the longest common prefix only."""
    none: ModeStats
    """No reuse, for every twelfth keystroke."""
    hasty: ModeStats
    """The way in use where nobody has asked: a cold prompt is put off and a brief one answered. What is decoded in the pauses is
    not counted here."""
    agreement: float | None
    """Share of keystrokes whose completion is, with splicing, what it is where all that follows a change is decoded; None where
    none was measured both ways."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        title = f"{self.model}, {self.strokes} keystrokes in {self.files} files, {self.prompt_tokens.p50:.0f} tokens of prompt"
        table = Table(title=title, title_justify="left")
        for heading in ("reuse", "keystroke", "tokens p50", "p95", "first token ms p50", "p95", "end ms p50", "p95"):
            table.add_column(heading, justify="left" if heading in ("reuse", "keystroke") else "right")
        for name, way in (("splice", self.splice), ("hasty", self.hasty), ("lcp", self.lcp), ("none", self.none)):
            if not way.strokes:
                continue
            table.add_row(name, "all", *_cells(way.tokens_a_stroke, way.ttft_ms, way.total_ms), style="bold")
            for action, figures in way.actions.items():
                table.add_row("", action, *_cells(figures["tokens"], figures["ttft_ms"]))
        console = Console(stderr=True)
        console.print(table)
        if self.agreement is None:
            console.print("It ended before each way of reuse was measured.")
        else:
            console.print(self._compare())
        write_json(self)

    def _compare(self) -> str:
        return (
            f"splice against lcp: {self.lcp.tokens_decoded / max(1, self.splice.tokens_decoded):.1f} times fewer tokens, "
            f"{self.lcp.ttft_ms.p50 / max(0.1, self.splice.ttft_ms.p50):.1f} times sooner at the median; "
            f"{self.agreement:.1%} of the completions as with the whole suffix decoded"
        )


def run(
    model: BaseModel,
    settings: Settings,
    files: Sequence[Path] = (),
    *,
    site_count: int = 1,
    seed: int = 1,
    minutes: float | None = None,
) -> LatencyReport:
    """Type at `site_count` places of each file, or of some of Python's own, and show figures.

    Where so many `minutes` are too few, less is typed at each place, then into fewer files. Where the user ends the bench, the
    figures are those of the keystrokes until then.

    Raises `UsageError` for fewer than two files or one without code to type, `UnavailableError` where the engine is.
    """
    paths = list(files) or stdlib_files()
    if len(paths) < 2:
        raise UsageError("The bench switches between files; give it two or more.")
    budget = TimeBudget(minutes)
    with budget.watch_interrupts():
        report = asyncio.run(_run(model, settings, paths, site_count, seed, budget))
    report.show()
    return report


async def _run(
    model: BaseModel, settings: Settings, paths: list[Path], site_count: int, seed: int, budget: TimeBudget
) -> LatencyReport:
    costs: dict[str, list[KeystrokeCost]] = {manner.name: [] for manner in REQUEST_MODES}
    pairs = list(_pair_files(paths))

    def type_files(burst: int) -> list[list[Keystroke]]:
        return [list(generate_keystrokes(pair, site_count, random.Random(seed + i), burst)) for i, pair in enumerate(pairs)]

    type_files(BURST_CHARACTERS)  # a file without code is told before a model is loaded
    async with create_local_engine() as engine:
        latency = await measure_line_latency(engine, model)
        prompt_tokens = await read_prompt_tokens(settings, engine)

        def estimate(strokes: Sequence[Keystroke]) -> float:
            return _estimate_seconds(strokes, latency, prompt_tokens)

        sessions = _fit_sessions(type_files, estimate, budget.seconds_left)
        seconds = sum(map(estimate, sessions))
        budget.announce(f"{sum(map(len, sessions))} keystrokes, {len(REQUEST_MODES)} ways each", seconds)
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("latency", total=sum(map(len, sessions)) * len(REQUEST_MODES))
            for strokes, manner in ((strokes, manner) for strokes in sessions for manner in REQUEST_MODES):
                gatherer = Gatherer(ContextSettings(), settings.completion.prompt_tokens)
                for stroke in strokes[:: manner.sample_step]:
                    await asyncio.sleep(KEY_INTERVAL_SECONDS)
                    cost = await budget.complete(_measure_keystroke(engine, model, settings.completion, gatherer, stroke, manner))
                    if cost is None:
                        break
                    costs[manner.name].append(cost)
                    progress.advance(task, manner.sample_step)
    return _report(model, len({stroke.uri for strokes in sessions for stroke in strokes}), costs)


def _fit_sessions(
    type_files: Callable[[int], list[list[Keystroke]]], estimate: Callable[[Sequence[Keystroke]], float], seconds_left: float | None
) -> list[list[Keystroke]]:
    """All that is to be typed, or as much as fits: shorter bursts at every place, then the first files only."""
    sessions = type_files(BURST_CHARACTERS)
    if seconds_left is None:
        return sessions
    for burst in range(BURST_CHARACTERS - 1, MIN_BURST_CHARACTERS - 1, -1):
        if sum(map(estimate, sessions)) <= seconds_left:
            return sessions
        sessions = type_files(burst)
    while len(sessions) > 1 and sum(map(estimate, sessions)) > seconds_left:
        sessions.pop()
    return sessions


def _estimate_seconds(strokes: Sequence[Keystroke], latency: LineLatency, prompt_tokens: int) -> float:
    """How long a session takes, all ways of reuse together, about."""
    seconds = 0.0
    for manner in REQUEST_MODES:
        read = prompt_tokens / latency.prefill_tokens_per_second
        warm = read * manner.decoded_share + GENERATED_TOKENS / latency.generated_tokens_per_second + KEY_INTERVAL_SECONDS
        opened = 0.0 if manner.has_deadline or manner.sample_step > 1 else 2 * read
        seconds += opened + len(strokes) / manner.sample_step * warm
    return seconds


def _report(model: BaseModel, file_count: int, costs: dict[str, list[KeystrokeCost]]) -> LatencyReport:
    typed = {name: [cost for cost in of_name if cost.kind is not StrokeKind.OPEN] for name, of_name in costs.items()}
    splice, lcp = typed[SPLICE.name], typed[LCP.name]
    # The time may have been over before one way had all its keystrokes: they are the first of the same ones.
    same = [one.completion == other.completion for one, other in zip(splice, lcp, strict=False)]
    return LatencyReport(
        model=model.name,
        files=file_count,
        strokes=len(splice),
        prompt_tokens=compute_percentiles([cost.prompt_tokens for cost in splice]),
        **{name: _summarize_mode(of_name) for name, of_name in typed.items()},
        agreement=round(sum(same) / len(same), 4) if same else None,
    )


def _pair_files(paths: list[Path]) -> Iterator[tuple[Path, Path]]:
    """Every file in one pair; where their number is odd, the first in two."""
    even = [*paths, paths[0]] if len(paths) % 2 else paths
    return zip(even[::2], even[1::2], strict=True)


def generate_keystrokes(
    paths: Sequence[Path], site_count: int, rng: random.Random, burst: int = BURST_CHARACTERS
) -> Iterator[Keystroke]:
    """Keystrokes in two files in turn: at each place a line is typed anew, corrected and added to, then the other file comes.

    `burst` characters are typed in a row.
    """
    documents = [open_file(path) for path in paths]
    typists = [_LineTypist(document, path, rng) for document, path in zip(documents, paths, strict=True)]
    for typist in typists:
        typist.jump_to_line()
        yield typist.capture(StrokeKind.OPEN)
    for _ in range(site_count):
        for typist in typists:
            yield typist.capture(StrokeKind.SWITCH)
            yield from typist.type_burst(StrokeKind.APPEND, burst)
            for _ in range(2):
                typist.delete_character()
                yield typist.capture(StrokeKind.DELETE)
            yield from typist.type_burst(StrokeKind.APPEND, burst)
            typist.jump_to_line()
            yield from typist.type_burst(StrokeKind.INSERT, burst)


class _LineTypist:
    """Types lines of a file anew, where they stand."""

    def __init__(self, document: Document, path: Path, rng: random.Random) -> None:
        lines = document.snapshot().text.split("\n")
        self._candidates = [i for i, line in enumerate(lines) if i > len(lines) // 10 and len(line.strip()) > BURST_CHARACTERS * 3]
        if not self._candidates:
            raise UsageError(f"{path} has no line long enough to be typed anew.")
        self._document, self._chance = document, rng
        self._line = self._column = 0
        self._rest = ""

    def jump_to_line(self) -> None:
        """Go to another line and take its second half away, to be typed again."""
        self._line = self._chance.choice(self._candidates)
        text = self._document.snapshot().text.split("\n")[self._line]
        self._column = len(text) - len(text.lstrip()) + len(text.strip()) // 3
        self._rest = text[self._column :]
        self._replace(self._column, len(text), "")

    def type_burst(self, kind: StrokeKind, count: int) -> Iterator[Keystroke]:
        """Type so many characters of what was there."""
        for character in self._rest[:count]:
            self._replace(self._column, self._column, character)
            self._column += 1
            yield self.capture(kind)
        self._rest = self._rest[count:]

    def delete_character(self) -> None:
        """Take the last character back, to be typed again."""
        before = self._document.snapshot().text.split("\n")[self._line]
        self._rest = before[self._column - 1] + self._rest
        self._replace(self._column - 1, self._column, "")
        self._column -= 1

    def capture(self, kind: StrokeKind) -> Keystroke:
        """The document as it is now."""
        snapshot = self._document.snapshot()
        return Keystroke(kind, snapshot.uri, snapshot.text, snapshot.to_offset(self._line, self._column, PositionEncoding.UTF32))

    def _replace(self, start: int, end: int, text: str) -> None:
        edit = DocumentEdit((self._line, start), (self._line, end), text)
        self._document.apply([edit], self._document.snapshot().version + 1, PositionEncoding.UTF32)


async def _measure_keystroke(
    engine: Engine, model: BaseModel, settings: CompletionSettings, gatherer: Gatherer, stroke: Keystroke, mode: RequestMode
) -> KeystrokeCost:
    snapshot = Document(stroke.uri, stroke.text).snapshot()
    request = InfillRequest(
        model=model,
        document=f"{stroke.uri}#{mode.name}",
        segments=(await gatherer.gather(snapshot, stroke.offset, None)).segments,
        prompt_budget=settings.prompt_tokens,
        max_tokens=GENERATED_TOKENS,
        reuse=mode.reuse,
        max_prefill_ms=settings.latency_ms if mode.has_deadline else 0,
        exact_suffix=False,
    )
    began = time.perf_counter()
    prompt = decoded = 0
    first, text = 0.0, ""
    async with aclosing(engine.infill(request)) as events:
        async for event in events:
            if isinstance(event, GenerationStart):
                prompt, decoded = event.prompt_tokens, event.prompt_tokens - event.reused_tokens
            elif isinstance(event, GeneratedToken):
                first = first or time.perf_counter() - began
                text += event.text
    ended = time.perf_counter() - began
    if not prompt:
        raise UnavailableError("The engine ended a keystroke early; run the bench again when no editor uses it.")
    return KeystrokeCost(stroke.kind, prompt, decoded, (first or ended) * 1000, ended * 1000, text)


def _summarize_mode(costs: list[KeystrokeCost]) -> ModeStats:
    groups = {action: [cost for cost in costs if cost.kind is action] for action in StrokeKind}
    return ModeStats(
        strokes=len(costs),
        tokens_decoded=sum(cost.decoded_tokens for cost in costs),
        tokens_a_stroke=compute_percentiles([cost.decoded_tokens for cost in costs]),
        ttft_ms=compute_percentiles([cost.first_ms for cost in costs]),
        total_ms=compute_percentiles([cost.total_ms for cost in costs]),
        actions={
            action.value: {
                "tokens": compute_percentiles([cost.decoded_tokens for cost in group]),
                "ttft_ms": compute_percentiles([cost.first_ms for cost in group]),
            }
            for action, group in groups.items()
            if group
        },
    )


def _cells(*spreads: Percentiles) -> Iterator[str]:
    for each in spreads:
        yield from (f"{each.p50:.0f}", f"{each.p95:.0f}")
