"""`interfix bench sessions`: whether splicing the KV cache changes what is suggested. Types through the engine; knows no editor.

The last characters before each hole are typed one by one, a request a keystroke, as a person does who never pauses. What the model
then writes with the spliced cache, unasked and asked, is compared to what it writes when the whole prompt is decoded. Unasked, a
person sees what the model is sure enough of only, so these lines are told apart. Decoding the same tokens in other steps rounds in
other ways, and a close call then falls the other way: how often is told beside it, as what no way of reuse can do better than.
"""

import asyncio
import sys
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from pathlib import Path

import msgspec
from rich.progress import Progress
from rich.table import Table

from interfix.bench.cases import Case, read
from interfix.bench.spread import Spread, spread
from interfix.completion import confidence
from interfix.completion.hole import Hole
from interfix.completion.shape import Shape
from interfix.config.settings import Completion, ContextSettings, Settings
from interfix.context.gathering import Gatherer
from interfix.engine.client import local_engine
from interfix.engine.protocol import Engine, InfillRequest, Reuse
from interfix.errors import BadUsage, Unavailable
from interfix.models.roles import BaseModel
from interfix.output.terminal import Console, write_json
from interfix.syntax.document import Document
from interfix.values import Started, Token

TYPED = 24
"""Characters typed before each hole."""
PAUSE_SECONDS = 0.06
"""Between two keystrokes."""
LINE_TOKENS = 48
"""Most tokens of the line that is compared."""


class Report(msgspec.Struct, frozen=True):
    """Figures of a run."""

    model: str
    """Who completed."""
    cases: int
    """Sessions typed."""
    strokes: int
    """Keystrokes of all sessions, the openings aside."""
    agreement: float
    """Share of sessions that end with the very line that full decoding gives, while nobody asks."""
    agreement_seen: float
    """Share of sessions in which a person who does not ask sees the same: the same line, or nothing both times."""
    shown: int
    """Sessions whose unasked line the model is sure enough of to be shown."""
    agreement_shown: float
    """Share of these that end with the very line that full decoding gives."""
    agreement_asked: float
    """The same where somebody asks, so that close calls are decided with the suffix decoded anew."""
    agreement_prefix: float
    """The same where only the prefix is reused and all the rest decoded anew: what falls short of 1 is rounding."""
    exact_splice: float
    """Share whose line is the expected one, with splicing."""
    exact_asked: float
    """The same where somebody asks."""
    exact_full: float
    """The same with full decoding."""
    tokens_a_stroke: Spread
    """Prompt tokens decoded, a keystroke."""
    tokens_full: Spread
    """Prompt tokens of a full decoding."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        table = Table(title=f"{self.model}, {self.cases} sessions, {self.strokes} keystrokes", title_justify="left")
        for heading in ("reuse", "exact match", "same line", "tokens a keystroke p50", "p95"):
            table.add_column(heading, justify="left" if heading == "reuse" else "right")
        tokens = (f"{self.tokens_a_stroke.p50:.0f}", f"{self.tokens_a_stroke.p95:.0f}")
        table.add_row("splice", f"{self.exact_splice:.1%}", f"{self.agreement:.1%}", *tokens)
        table.add_row("splice, as seen", "", f"{self.agreement_seen:.1%}")
        table.add_row(f"splice, sure enough ({self.shown})", "", f"{self.agreement_shown:.1%}")
        table.add_row("splice, asked", f"{self.exact_asked:.1%}", f"{self.agreement_asked:.1%}")
        table.add_row("prefix only", "", f"{self.agreement_prefix:.1%}")
        table.add_row("none", f"{self.exact_full:.1%}", "", f"{self.tokens_full.p50:.0f}", f"{self.tokens_full.p95:.0f}")
        Console(stderr=True).print(table)
        write_json(self)


class Line(msgspec.Struct, frozen=True):
    """What came of one request."""

    decoded: int
    """Prompt tokens decoded."""
    text: str
    """The line written."""
    sure: bool
    """Whether the model was sure enough of it to show it unasked."""

    @property
    def seen(self) -> str:
        """What a person sees who has not asked; empty: nothing."""
        return self.text if self.sure else ""


class Session(msgspec.Struct, frozen=True):
    """What came of one case."""

    decoded: tuple[int, ...]
    """Prompt tokens decoded, by keystroke."""
    prompt: int
    """Length of the last prompt, tokens."""
    spliced: Line
    """The line written with the spliced cache."""
    asked: Line
    """The line written with it where somebody asks."""
    prefix: Line
    """The line written where only the prefix was reused."""
    full: Line
    """The line written after a full decoding."""


def run(cases: Path, model: BaseModel, settings: Settings, *, kinds: Sequence[str], limit: int | None = None) -> Report:
    """Type every case of these kinds and show figures.

    Raises `BadUsage` where the file has no such case, `Unavailable` where the engine is.
    """
    chosen = [case for case in read(cases) if case.kind in kinds and case.expected and case.expected.strip()][:limit]
    if not chosen:
        raise BadUsage(f"{cases} has no case of kind {' or '.join(kinds)} that says what is expected.")
    report = asyncio.run(_run(chosen, model, settings))
    report.show()
    return report


async def _run(cases: Sequence[Case], model: BaseModel, settings: Settings) -> Report:
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        async with local_engine() as engine:
            watched = progress.track(cases, description="sessions")
            sessions = [await _typed(engine, model, settings.completion, case) for case in watched]
    expected = [_first_line(case.expected or "") for case in cases]
    spliced = [session.spliced.text for session in sessions]
    asked = [session.asked.text for session in sessions]
    prefix = [session.prefix.text for session in sessions]
    full = [session.full.text for session in sessions]
    seen = [(session.spliced.seen, session.full.seen) for session in sessions]
    shown = [(session.spliced.text, session.full.text) for session in sessions if session.spliced.sure]
    return Report(
        model=model.name,
        cases=len(cases),
        strokes=sum(len(session.decoded) for session in sessions),
        agreement=_share(zip(spliced, full, strict=True)),
        agreement_seen=_share(seen),
        shown=len(shown),
        agreement_shown=_share(shown),
        agreement_asked=_share(zip(asked, full, strict=True)),
        agreement_prefix=_share(zip(prefix, full, strict=True)),
        exact_splice=_share(zip(spliced, expected, strict=True)),
        exact_asked=_share(zip(asked, expected, strict=True)),
        exact_full=_share(zip(full, expected, strict=True)),
        tokens_a_stroke=spread([decoded for session in sessions for decoded in session.decoded]),
        tokens_full=spread([session.prompt for session in sessions]),
    )


async def _typed(engine: Engine, model: BaseModel, settings: Completion, case: Case) -> Session:
    """One case typed, then asked for, then the same prompt decoded in full, then with only its prefix at hand."""
    fit = confidence.shipped().get(model.name, confidence.UNFITTED)
    fit = msgspec.structs.replace(fit, threshold=fit.worth(settings.threshold))
    typist = _Typist(engine, model, settings.prompt_tokens, case, fit)
    await typist.ask(TYPED, 1)
    decoded = [(await typist.ask(left, 1)).decoded for left in range(TYPED - 1, 0, -1)]
    spliced = await typist.ask(0, LINE_TOKENS)
    asked = await typist.ask(0, LINE_TOKENS, exact=True)
    full = await typist.ask(0, LINE_TOKENS, Reuse.NONE)
    await typist.ask(TYPED, 1, Reuse.NONE)
    prefix = await typist.ask(0, LINE_TOKENS, Reuse.PREFIX)
    typist.gatherer.close()
    return Session((*decoded, spliced.decoded), full.decoded, spliced, asked, prefix, full)


class _Typist:
    """Types one case. Every request is for the same document, so that all of them show the model the same."""

    def __init__(self, engine: Engine, model: BaseModel, budget: int, case: Case, fit: confidence.Fit) -> None:
        self.gatherer = Gatherer(ContextSettings(), budget)
        self._engine, self._model, self._budget, self._case, self._fit = engine, model, budget, case, fit
        self._uri = f"file:///sessions/{case.id}/{case.path}"

    async def ask(self, left: int, tokens: int, reuse: Reuse = Reuse.SPLICE, *, exact: bool = False) -> Line:
        """What is written where the last `left` characters before the hole are not typed yet."""
        case = self._case
        prefix = case.prefix[: max(0, len(case.prefix) - left)]
        snapshot = Document(self._uri, prefix + case.suffix, 0, case.language).snapshot()
        offset = len(prefix.encode())
        request = InfillRequest(
            model=self._model,
            document=self._uri,
            segments=(await self.gatherer.gather(snapshot, offset, None)).segments,
            prompt_budget=self._budget,
            max_tokens=tokens,
            reuse=reuse,
            exact=exact,
        )
        await asyncio.sleep(PAUSE_SECONDS)
        decoded = -1
        written: list[Token] = []
        async with aclosing(self._engine.infill(request)) as events:
            async for event in events:
                if isinstance(event, Started):
                    decoded = event.prompt_tokens - event.reused_tokens
                elif isinstance(event, Token):
                    written.append(event)
                    if "\n" in "".join(token.text for token in written).lstrip():
                        break
        if decoded < 0:
            raise Unavailable("The engine ended a keystroke early; run the bench again when no editor uses it.")
        pieces = [token.text for token in written]
        hole = Hole.at(snapshot, offset, Shape.AUTO, requested=exact)
        found = confidence.features(hole, pieces, [token.logprob for token in written])
        sure = confidence.probability(found, self._fit.parameters) >= self._fit.threshold
        return Line(decoded, _first_line("".join(pieces)), sure)


def _share(pairs: Iterable[tuple[str, str]]) -> float:
    """How many pairs are of the same; 0 where there are none."""
    same = [one == other for one, other in pairs]
    return round(sum(same) / len(same), 4) if same else 0.0


def _first_line(text: str) -> str:
    return text.lstrip("\r\n").split("\n", 1)[0].strip()
