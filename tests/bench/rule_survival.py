"""How much of what people wrote the stop rules, the filters and the gate let through.

Text of real files is fed as a model's output, at the cursor it was taken from, through the pipeline that model output takes.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import msgspec
from rich.progress import track
from rich.table import Table

from interfix.completion.completer import Completer
from interfix.completion.decision_record import DisplayDecision
from interfix.completion.filters import TRIM_FILTERS, apply_filters
from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.parse_gate import trim_to_parse
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config import paths
from interfix.config.settings import CompletionSettings, ContextSettings
from interfix.context.gatherer import Gatherer
from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest, NextEditRequest
from interfix.errors import UnavailableError, UsageError
from interfix.inference_types import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart
from interfix.models.role_check import BaseModel
from interfix.output.console_output import Console, write_json
from tests.bench.package_corpus import load_packages, source_files, unpack_packages
from tests.bench.survival_cases import KINDS, Case, generate_cases

_LOGPROB = -0.05
"""The model is sure of all it says."""


class Loss(msgspec.Struct, frozen=True):
    """A text that did not come through whole."""

    case: Case
    """Where, and what its author wrote."""
    rule: str
    """Which rule took something off it."""
    shown: str
    """What was left."""


class Outcome(msgspec.Struct, frozen=True):
    """What became of one case."""

    case: Case
    """The case."""
    loss: Loss | None
    """What was lost; None where all came through."""
    ran_over: bool
    """Whether more is shown than its author wrote there."""


class Report(msgspec.Struct, frozen=True):
    """Figures of all cases."""

    files: int
    """Files with at least one cursor."""
    cases: int
    """Cursors at which a suggestion was offered."""
    survived: float
    """Share that came through whole, 0 to 1."""
    ran_over: float
    """Share of which more is shown than belongs there, of those where the model runs on and that have an end."""
    rules: dict[str, int]
    """Losses by the rule."""
    languages: dict[str, float]
    """Share that came through whole, by language."""
    kinds: dict[str, float]
    """The same by the kind of hole."""


def run(path: Path | None, *, files: int, seed: int, only: list[str], losses: Path | None) -> Report:
    """Feed text of the files below `path`, or of the pinned packages; show figures, and write what was lost as JSON lines.

    At most so many `files` a language; `only` names languages. Raises `UsageError` where there is nothing to feed,
    `UnavailableError`
    where no package can be had.
    """
    if path is not None and not path.is_dir():
        raise UsageError(f"{path} is no folder. Name a folder of source files.")
    cache = paths.cache_dir() / "packages"
    cache.mkdir(exist_ok=True)
    files_by_language = source_files([path] if path else unpack_packages(load_packages(), cache), files, seed)
    chosen = [
        (file, language) for language in files_by_language if not only or language in only for file in files_by_language[language]
    ]
    if not chosen:
        raise UsageError("There is no source file to feed. Name another folder, or other languages.")
    outcomes = asyncio.run(_judge_cases(chosen, seed))
    report = _build_report(outcomes)
    _show(report)
    if losses:
        losses.write_bytes(b"\n".join(msgspec.json.encode(each.loss, enc_hook=str) for each in outcomes if each.loss) + b"\n")
    write_json(report)
    return report


async def judge_case(case: Case) -> Outcome | None:
    """What becomes of one case; None where nothing is offered at its cursor."""
    snapshot, engine = case.snapshot(), FedEngine(case.output())
    # Where a suggestion ends for want of time or tokens is no matter of rules.
    settings = CompletionSettings(threshold=0, time_ms=0)
    completer = Completer(engine, settings, gatherer=Gatherer(ContextSettings(window="plain"), settings.prompt_tokens))
    offset = len(case.prefix.encode())
    suggestion = await completer.suggest(
        SuggestionRequest(BaseModel("fed", "/fed.gguf"), snapshot, offset, automatic=not case.asked, shape=case.shape)
    )
    if not engine.asked or engine.cut_short:
        return None
    hole = InfillHole.from_cursor(snapshot, offset, case.shape, explicit=case.asked)
    suggestion_text = suggestion.text.replace("\r\n", "\n")
    if not is_whole(hole, case.middle, suggestion_text):
        rule = _find_losing_rule(hole, case.middle, suggestion.decision)
        return Outcome(case, Loss(case, rule, suggestion_text), ran_over=False)
    return Outcome(case, None, ran_over=len(suggestion_text.rstrip()) > len(case.middle.rstrip()))


def is_whole(hole: InfillHole, written: str, suggestion_text: str) -> bool:
    """Whether what was written is shown whole; where a single line is wanted, its first line is enough."""
    wanted, given = written.rstrip(), suggestion_text.rstrip()
    line = wanted.split("\n", 1)[0].rstrip()
    return given.startswith(wanted) or (hole.shape is SuggestionShape.LINE and given == line)


class FedEngine:
    """An engine that says what it is given, token by token."""

    def __init__(self, pieces: list[str]) -> None:
        self._pieces = pieces
        self.asked = False
        """Whether anybody wanted to hear it."""
        self.cut_short = False
        """Whether it had more to say than was wanted, and nothing had ended it by then."""

    async def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        """The text, up to as many tokens as are wanted."""
        self.asked = True
        yield GenerationStart(request.model.name, 1, 0)
        for piece in self._pieces[: request.max_tokens]:
            yield GeneratedToken(piece, _LOGPROB)
        self.cut_short = len(self._pieces) > request.max_tokens
        yield GenerationEnd("limit" if self.cut_short else "end", len(self._pieces), 0.0, 0.0)

    async def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        """Never asked."""
        raise UnavailableError(f"The fed engine does not answer {len(request.messages)} messages.")
        yield

    async def next_edit(self, request: NextEditRequest) -> AsyncGenerator[GenerationEvent, None]:
        """Never asked."""
        raise UnavailableError(f"The fed engine proposes no next edit for {request.parts.window.path}.")
        yield

    async def status(self) -> EngineStatus:
        """Of no process."""
        return EngineStatus("0", 0, 0, 1, ())

    async def close(self) -> None:
        """There is nothing to close."""


async def _judge_cases(chosen: list[tuple[Path, str]], seed: int) -> list[Outcome]:
    watched = track(chosen, "feeding", console=Console(stderr=True), transient=True)
    drawn = (case for file, language in watched for case in generate_cases(file, language, random.Random(f"{seed} {file.name}")))
    return [outcome for case in drawn if (outcome := await judge_case(case))]


def _find_losing_rule(hole: InfillHole, written: str, decision: DisplayDecision) -> str:
    """The name of the first rule behind which the text is not whole any more."""
    text = decision.said
    if not is_whole(hole, written, text):
        return decision.ended_by or "finish"
    for step in TRIM_FILTERS:
        text = apply_filters(hole, text, (step,))
        if not is_whole(hole, written, text):
            return step.__name__
    return trim_to_parse.__name__


def _build_report(outcomes: list[Outcome]) -> Report:
    def share(of: Iterator[Outcome]) -> float:
        each = list(of)
        return round(sum(one.loss is None for one in each) / max(1, len(each)), 4)

    names = sorted({each.case.language for each in outcomes})
    on = [each for each in outcomes if each.case.runs_on and each.case.kind != "lines" and each.loss is None]
    return Report(
        files=len({each.case.path for each in outcomes}),
        cases=len(outcomes),
        survived=share(iter(outcomes)),
        ran_over=round(sum(each.ran_over for each in on) / max(1, len(on)), 4),
        rules=dict(Counter(each.loss.rule for each in outcomes if each.loss).most_common()),
        languages={name: share(each for each in outcomes if each.case.language == name) for name in names},
        kinds={kind: share(each for each in outcomes if each.case.kind == kind) for kind in KINDS},
    )


def _show(report: Report) -> None:
    """Two tables for people, on stderr."""
    console = Console(stderr=True)
    title = f"{report.survived:.2%} of {report.cases} texts of {report.files} files come through whole"
    by_name = Table("language", "whole", title=title, title_justify="left")
    for name, share in sorted((report.languages | report.kinds).items(), key=lambda each: each[1]):
        by_name.add_row(name, f"{share:.1%}")
    by_rule = Table("rule", "losses", title=f"{report.ran_over:.1%} run over")
    for rule, count in report.rules.items():
        by_rule.add_row(rule, str(count))
    console.print(by_name, by_rule)
