"""Whether splicing the KV cache changes what is suggested.

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

from interfix.bench.fim_case_files import InfillCase, read_cases
from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.completion import confidence
from interfix.completion.calibration_store import find_calibration
from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape
from interfix.config.settings import CompletionSettings, ContextSettings, Settings
from interfix.context.gatherer import Gatherer
from interfix.engine.client import create_local_engine
from interfix.engine.protocol import Engine, InfillRequest, KvReuse
from interfix.errors import UnavailableError, UsageError
from interfix.inference_types import GeneratedToken, GenerationStart
from interfix.models.role_check import BaseModel
from interfix.output.console_output import Console, write_json
from interfix.syntax.document import Document

TYPED_CHARACTERS = 24
"""Characters typed before each hole."""
KEY_INTERVAL_SECONDS = 0.06
"""Between two keystrokes."""
MAX_LINE_TOKENS = 48
"""Most tokens of the line that is compared."""


class SpliceReport(msgspec.Struct, frozen=True):
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
    tokens_a_stroke: Percentiles
    """Prompt tokens decoded, a keystroke."""
    tokens_full: Percentiles
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


class GeneratedLine(msgspec.Struct, frozen=True):
    """What came of one request."""

    decoded_tokens: int
    """Prompt tokens decoded."""
    text: str
    """The line written."""
    is_confident: bool
    """Whether the model was sure enough of it to show it unasked."""

    @property
    def visible_text(self) -> str:
        """What a person sees who has not asked; empty: nothing."""
        return self.text if self.is_confident else ""


class TypedCase(msgspec.Struct, frozen=True):
    """What came of one case."""

    decoded_tokens: tuple[int, ...]
    """Prompt tokens decoded, by keystroke."""
    prompt_tokens: int
    """Length of the last prompt, tokens."""
    spliced_line: GeneratedLine
    """The line written with the spliced cache."""
    explicit_line: GeneratedLine
    """The line written with it where somebody asks."""
    prefix_line: GeneratedLine
    """The line written where only the prefix was reused."""
    full_line: GeneratedLine
    """The line written after a full decoding."""


def run(cases: Path, model: BaseModel, settings: Settings, *, kinds: Sequence[str], limit: int | None = None) -> SpliceReport:
    """Type every case of these kinds and show figures.

    Raises `UsageError` where the file has no such case, `UnavailableError` where the engine is.
    """
    chosen = [case for case in read_cases(cases) if case.kind in kinds and case.expected and case.expected.strip()][:limit]
    if not chosen:
        raise UsageError(f"{cases} has no case of kind {' or '.join(kinds)} that says what is expected.")
    report = asyncio.run(_run(chosen, model, settings))
    report.show()
    return report


async def _run(cases: Sequence[InfillCase], model: BaseModel, settings: Settings) -> SpliceReport:
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        async with create_local_engine() as engine:
            watched = progress.track(cases, description="sessions")
            sessions = [await _type_case(engine, model, settings.completion, case) for case in watched]
    expected = [_first_line(case.expected or "") for case in cases]
    spliced = [session.spliced_line.text for session in sessions]
    explicit_lines = [session.explicit_line.text for session in sessions]
    prefix = [session.prefix_line.text for session in sessions]
    full = [session.full_line.text for session in sessions]
    seen = [(session.spliced_line.visible_text, session.full_line.visible_text) for session in sessions]
    confident_lines = [
        (session.spliced_line.text, session.full_line.text) for session in sessions if session.spliced_line.is_confident
    ]
    return SpliceReport(
        model=model.name,
        cases=len(cases),
        strokes=sum(len(session.decoded_tokens) for session in sessions),
        agreement=_share_equal(zip(spliced, full, strict=True)),
        agreement_seen=_share_equal(seen),
        shown=len(confident_lines),
        agreement_shown=_share_equal(confident_lines),
        agreement_asked=_share_equal(zip(explicit_lines, full, strict=True)),
        agreement_prefix=_share_equal(zip(prefix, full, strict=True)),
        exact_splice=_share_equal(zip(spliced, expected, strict=True)),
        exact_asked=_share_equal(zip(explicit_lines, expected, strict=True)),
        exact_full=_share_equal(zip(full, expected, strict=True)),
        tokens_a_stroke=compute_percentiles([decoded for session in sessions for decoded in session.decoded_tokens]),
        tokens_full=compute_percentiles([session.prompt_tokens for session in sessions]),
    )


async def _type_case(engine: Engine, model: BaseModel, settings: CompletionSettings, case: InfillCase) -> TypedCase:
    """One case typed, then asked for, then the same prompt decoded in full, then with only its prefix at hand."""
    fit = find_calibration(confidence.load_shipped_calibrations(), model.name)
    fit = msgspec.structs.replace(fit, threshold=fit.choose_threshold(settings.threshold))
    typist = _CaseTypist(engine, model, settings.prompt_tokens, case, fit)
    await typist.complete_line(TYPED_CHARACTERS, 1)
    decoded = [(await typist.complete_line(left, 1)).decoded_tokens for left in range(TYPED_CHARACTERS - 1, 0, -1)]
    spliced = await typist.complete_line(0, MAX_LINE_TOKENS)
    explicit_line = await typist.complete_line(0, MAX_LINE_TOKENS, exact=True)
    full = await typist.complete_line(0, MAX_LINE_TOKENS, KvReuse.NONE)
    await typist.complete_line(TYPED_CHARACTERS, 1, KvReuse.NONE)
    prefix = await typist.complete_line(0, MAX_LINE_TOKENS, KvReuse.PREFIX)
    typist.gatherer.close()
    return TypedCase((*decoded, spliced.decoded_tokens), full.decoded_tokens, spliced, explicit_line, prefix, full)


class _CaseTypist:
    """Types one case. Every request is for the same document, so that all of them show the model the same."""

    def __init__(self, engine: Engine, model: BaseModel, budget: int, case: InfillCase, fit: confidence.ModelCalibration) -> None:
        self.gatherer = Gatherer(ContextSettings(), budget)
        self._engine, self._model, self._budget, self._case, self._fit = engine, model, budget, case, fit
        self._uri = f"file:///sessions/{case.id}/{case.path}"

    async def complete_line(
        self, untyped: int, tokens: int, reuse: KvReuse = KvReuse.SPLICE, *, exact: bool = False
    ) -> GeneratedLine:
        """What is written where the last `left` characters before the hole are not typed yet."""
        case = self._case
        prefix = case.prefix[: max(0, len(case.prefix) - untyped)]
        snapshot = Document(self._uri, prefix + case.suffix, 0, case.language).snapshot()
        offset = len(prefix.encode())
        request = InfillRequest(
            model=self._model,
            document=self._uri,
            segments=(await self.gatherer.gather(snapshot, offset, None)).segments,
            prompt_budget=self._budget,
            max_tokens=tokens,
            reuse=reuse,
            exact_suffix=exact,
        )
        await asyncio.sleep(KEY_INTERVAL_SECONDS)
        decoded = -1
        written: list[GeneratedToken] = []
        async with aclosing(self._engine.infill(request)) as events:
            async for event in events:
                if isinstance(event, GenerationStart):
                    decoded = event.prompt_tokens - event.reused_tokens
                elif isinstance(event, GeneratedToken):
                    written.append(event)
                    if "\n" in "".join(token.text for token in written).lstrip():
                        break
        if decoded < 0:
            raise UnavailableError("The engine ended a keystroke early; run the bench again when no editor uses it.")
        pieces = [token.text for token in written]
        hole = InfillHole.from_cursor(snapshot, offset, SuggestionShape.AUTO, explicit=exact)
        features = confidence.extract_features(hole, pieces, [token.logprob for token in written])
        sure = (
            confidence.estimate_probability(features, self._fit.get_weights(confidence.classify_hole(hole))) >= self._fit.threshold
        )
        return GeneratedLine(decoded, _first_line("".join(pieces)), sure)


def _share_equal(pairs: Iterable[tuple[str, str]]) -> float:
    """How many pairs are of the same; 0 where there are none."""
    same = [one == other for one, other in pairs]
    return round(sum(same) / len(same), 4) if same else 0.0


def _first_line(text: str) -> str:
    return text.lstrip("\r\n").split("\n", 1)[0].strip()
