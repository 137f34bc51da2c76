"""`interfix bench infill`: holes in code through the whole server, as an editor would."""

import asyncio
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import msgspec
from pygls.exceptions import JsonRpcException
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from interfix.bench.completion_time_estimate import estimate_completion_seconds
from interfix.bench.fim_case_files import InfillCase, read_cases
from interfix.bench.headless_client import HeadlessEditor, open_editor
from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.bench.time_budget import TimeBudget
from interfix.config.settings_loader import resolve_settings
from interfix.errors import RoleMismatchError, UnavailableError, UsageError
from interfix.inference_types import Role
from interfix.models.model_selection import select_models
from interfix.output.console_output import Console, write_json


class InfillAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of a case: one line of the output file."""

    id: str | int
    """The case's."""
    completion: str
    """What was shown; empty where nothing was."""
    ms: float
    """Time from the request to its answer, ms."""
    prompt_tokens: int = 0
    """Length of the prompt; 0 where the model was not asked."""
    budget: int = 0
    """Most tokens it might have had."""
    context_ms: float = 0.0
    """How long the suggestion waited for its context, ms."""
    confidence: float = 0.0
    """The probability that its first line is right, as the server reckons it; unasked, it shows what is likely enough."""
    error: str = ""
    """The server's error, if it answered with one."""
    prompt: str = ""
    """SHA-256 of the model's name and the prompt, markers included; empty where there was no telling."""


class GroupStats(msgspec.Struct, frozen=True):
    """Figures of some cases."""

    cases: int
    """How many there were."""
    shown: int
    """For how many something was shown."""
    errors: int
    """How many were answered with an error."""
    expecting: int
    """How many say what they expect."""
    exact: int
    """How many of these were answered so, white space at the ends aside."""
    ms: Percentiles
    """Time from the request to its answer, ms."""
    prompt_tokens: Percentiles
    """Length of the prompts, tokens."""
    context_ms: Percentiles
    """Time that was waited for context, ms."""


class BaselineComparison(msgspec.Struct, frozen=True):
    """Two runs of the same cases, those that say what they expect."""

    cases: int
    """Cases of both runs."""
    same: int
    """How many had the same prompt in both, and so the same answer."""
    before: int
    """How many the baseline answered as expected."""
    gained: int
    """How many only this run did."""
    lost: int
    """How many only the baseline did."""


class InfillReport(msgspec.Struct, frozen=True):
    """Figures of a whole run."""

    model: str
    """Who completed."""
    seconds: float
    """Wall time of all cases, s."""
    total: GroupStats
    """All cases."""
    kinds: dict[str, GroupStats]
    """Cases by kind."""
    over: int
    """How many prompts were longer than their budget."""
    told: tuple[str, ...]
    """What the server told its user meanwhile."""
    wanted: int = 0
    """How many cases there were to run; more than were, where they did not fit into the minutes or the user ended the bench."""
    paired: BaselineComparison | None = None
    """Compared with a baseline."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        part = f", {self.total.cases} of {self.wanted} cases" if self.total.cases < self.wanted else ""
        title = f"{self.model}, {self.seconds:.0f} s{part}, {self.over} prompts over their budget"
        table = Table(title=title, title_justify="left")
        table.add_column("kind")
        for heading in ("cases", "shown", "exact", "errors", "p50 ms", "p95 ms", "tokens", "context ms", "p95 ms"):
            table.add_column(heading, justify="right")
        for kind, group in (*self.kinds.items(), ("all", self.total)):
            table.add_row(kind, *_cells(group), style="bold" if group is self.total else None)
        console = Console(stderr=True)
        console.print(table)
        if pair := self.paired:
            now = pair.before + pair.gained - pair.lost
            console.print(f"{now} of {pair.cases} cases are exact, {pair.before} were; {pair.gained} gained, {pair.lost} lost.")
            console.print(f"{pair.same} of the prompts are the same.")
        for sentence in dict.fromkeys(self.told):
            console.print(f"The server said: {sentence}")
        write_json(self)


def run(
    cases: Path,
    *,
    root: Path | None = None,
    out: Path | None = None,
    limit: int | None = None,
    minutes: float | None = None,
    baseline: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> InfillReport:
    """Complete every case, or the first `limit`, or a sample of them that fits into so many `minutes`; show figures.

    Each answer is written to `out` as it comes. Where the user ends the bench, the figures are those of the cases until then.

    A `baseline` is what another run wrote to `out`: the cases of both are compared, and where the prompt is the same the answer is
    taken from there. Times of the others are then of a context that has been read before.

    The server sees the documents below `root`, else below an empty folder, and cases with a `root` of their own below that; each
    workspace has a server of its own, and is indexed before its first case. `settings` are sent as an editor would send its own.
    Raises `UsageError` for what cannot be read or written and `UnavailableError` where no model completes or the server stops.
    """
    if root is not None and not root.is_dir():
        raise UsageError(f"{root} is not a folder. Give --root the folder that the cases' paths start from.")
    all_cases = read_cases(cases)[:limit]
    baseline_answers = _read_answers(baseline) if baseline else {}
    if not all_cases:
        raise UsageError(f"{cases} has no cases.")
    resolved = resolve_settings(workspace=root, editor=settings, environ=environ).settings
    choice = select_models(resolved.models, resolved.get_backends())
    if Role.BASE in choice.refused:
        raise RoleMismatchError(choice.refused[Role.BASE])
    base = choice.base
    if base is None:
        raise UnavailableError("No model for completion is installed. Get one with: interfix models pull")
    budget = TimeBudget(minutes)
    seconds_each = asyncio.run(estimate_completion_seconds(resolved, base))
    sample = budget.choose_sample(all_cases, seconds_each)
    part = f"{len(sample)} of {len(all_cases)}" if len(sample) < len(all_cases) else str(len(all_cases))
    budget.announce(f"{part} cases", len(sample) * seconds_each)
    with _open_output(out) as file, tempfile.TemporaryDirectory(prefix="interfix-bench-") as empty, budget.watch_interrupts():
        began = time.perf_counter()
        project = (root or Path(empty)).resolve()
        answers, notes = asyncio.run(
            _complete_cases(sample, baseline_answers, project, file, lambda folder: open_editor(folder, environ, settings), budget)
        )
        seconds = time.perf_counter() - began
    report = _report(base.name, seconds, list(zip(sample, answers, strict=False)), tuple(notes))
    report = msgspec.structs.replace(report, wanted=len(all_cases))
    if baseline:
        report = msgspec.structs.replace(report, paired=_compare_baseline(sample[: len(answers)], answers, baseline_answers))
    report.show()
    return report


async def _complete_cases(
    cases: list[InfillCase],
    baseline: Mapping[str | int, InfillAnswer],
    root: Path,
    file: IO[bytes] | None,
    open_client: Callable[[Path], AbstractAsyncContextManager[HeadlessEditor]],
    budget: TimeBudget,
) -> tuple[list[InfillAnswer], list[str]]:
    answers: list[InfillAnswer] = []
    notes: list[str] = []
    with _create_progress() as progress:
        task = progress.add_task("infill", total=len(cases))
        for folder, group in groupby(cases, key=lambda case: case.root):
            project = root / folder
            if budget.is_over:
                break
            async with open_client(project) as client:
                await client.wait_until_idle()
                for case in group:
                    answer = await budget.complete(_complete_case(client, case, project, baseline.get(case.id)))
                    if answer is None:
                        break
                    answers.append(answer)
                    progress.advance(task)
                    if file is not None:
                        file.write(msgspec.json.encode(answers[-1]) + b"\n")
                        file.flush()
            notes += client.server_messages
    return answers, notes


async def _complete_case(
    client: HeadlessEditor, case: InfillCase, root: Path, baseline_answer: InfillAnswer | None
) -> InfillAnswer:
    async with client.open_document((root / case.file_name).as_uri(), case.language, case.prefix + case.suffix) as document:
        await client.wait_until_idle()
        # Only for a baseline before the completion is timed: what it takes from other files is at hand afterwards.
        prompt = _hash_prompt(await client.fetch_prompt_report(document, case.prefix)) if baseline_answer else ""
        if baseline_answer and prompt and baseline_answer.prompt == prompt:
            return baseline_answer
        began = time.perf_counter()
        completion, error = "", ""
        try:
            completion = await client.complete(document, case.prefix, case.suffix)
        except JsonRpcException as failure:
            error = str(failure)
        ms = round((time.perf_counter() - began) * 1000, 1)
        why = await client.fetch_prompt_report(document)
        prompt = prompt or _hash_prompt(await client.fetch_prompt_report(document, case.prefix))
    verdict = why.get("verdict") or {}
    return InfillAnswer(
        id=case.id,
        completion=completion,
        ms=ms,
        prompt_tokens=why.get("prompt_tokens", 0),
        budget=why.get("budget", 0),
        context_ms=why.get("context_ms", 0.0),
        confidence=round(verdict.get("confidence", 0.0), 4),
        error=error,
        prompt=prompt,
    )


def _hash_prompt(prompt_report: Mapping[str, Any]) -> str:
    return (
        hashlib.sha256(f"{prompt_report['model']}\0{prompt_report['prompt']}".encode()).hexdigest()
        if prompt_report.get("prompt")
        else ""
    )


def _compare_baseline(
    cases: Sequence[InfillCase], answers: Sequence[InfillAnswer], baseline: Mapping[str | int, InfillAnswer]
) -> BaselineComparison:
    both = [
        (answer.prompt, baseline[case.id].prompt, _is_exact(case, answer), _is_exact(case, baseline[case.id]))
        for case, answer in zip(cases, answers, strict=True)
        if case.id in baseline and case.expected is not None
    ]
    return BaselineComparison(
        cases=len(both),
        same=sum(bool(one) and one == other for one, other, _, _ in both),
        before=sum(before for _, _, _, before in both),
        gained=sum(now and not before for _, _, now, before in both),
        lost=sum(before and not now for _, _, now, before in both),
    )


def _is_exact(case: InfillCase, answer: InfillAnswer) -> bool:
    return case.expected is not None and case.expected.strip() == answer.completion.strip()


def _read_answers(path: Path) -> dict[str | int, InfillAnswer]:
    try:
        return {answer.id: answer for answer in msgspec.json.Decoder(InfillAnswer).decode_lines(path.read_bytes())}
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(f"{path} is not what --out wrote in another run: {error}.") from None


def _report(model: str, seconds: float, results: list[tuple[InfillCase, InfillAnswer]], notes: tuple[str, ...]) -> InfillReport:
    kinds = dict.fromkeys(case.kind for case, _ in results if case.kind)
    groups = {kind: _summarize_group([result for result in results if result[0].kind == kind]) for kind in kinds}
    over = sum(answer.prompt_tokens > answer.budget for _, answer in results)
    return InfillReport(model, round(seconds, 1), _summarize_group(results), groups, over, notes)


def _summarize_group(results: list[tuple[InfillCase, InfillAnswer]]) -> GroupStats:
    times = [answer.ms for _, answer in results]
    return GroupStats(
        cases=len(results),
        shown=sum(bool(answer.completion) for _, answer in results),
        errors=sum(bool(answer.error) for _, answer in results),
        expecting=sum(case.expected is not None for case, _ in results),
        exact=sum(_is_exact(case, answer) for case, answer in results),
        ms=compute_percentiles(times),
        prompt_tokens=compute_percentiles([answer.prompt_tokens for _, answer in results if answer.prompt_tokens]),
        context_ms=compute_percentiles([answer.context_ms for _, answer in results if answer.prompt_tokens]),
    )


def _cells(group: GroupStats) -> tuple[str, ...]:
    exact = f"{group.exact / group.expecting:.1%}" if group.expecting else ""
    shown_share = f"{group.shown / group.cases:.0%}" if group.cases else ""
    times = (f"{group.ms.p50:.0f}", f"{group.ms.p95:.0f}")
    context = (f"{group.prompt_tokens.p50:.0f}", f"{group.context_ms.p50:.0f}", f"{group.context_ms.p95:.0f}")
    return str(group.cases), shown_share, exact, str(group.errors), *times, *context


@contextmanager
def _open_output(out: Path | None) -> Iterator[IO[bytes] | None]:
    if out is None:
        yield None
        return
    try:
        file = out.open("wb")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}.") from None
    with file:
        yield file


def _create_progress() -> Progress:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
