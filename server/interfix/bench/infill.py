"""`interfix bench infill`: holes in code through the whole server, as an editor would. Does nothing an editor could not know."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import msgspec
from pygls.exceptions import JsonRpcException
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from interfix.bench.cases import Case, read
from interfix.bench.headless import Editor, editor
from interfix.bench.spread import Spread, spread
from interfix.config.load import load
from interfix.errors import BadUsage, RoleRefused, Unavailable
from interfix.models.choose import chosen
from interfix.values import Role


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
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


class Group(msgspec.Struct, frozen=True):
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
    ms: Spread
    """Time from the request to its answer, ms."""
    prompt_tokens: Spread
    """Length of the prompts, tokens."""
    context_ms: Spread
    """Time that was waited for context, ms."""


class Report(msgspec.Struct, frozen=True):
    """Figures of a whole run."""

    model: str
    """Who completed."""
    seconds: float
    """Wall time of all cases, s."""
    total: Group
    """All cases."""
    kinds: dict[str, Group]
    """Cases by kind."""
    over: int
    """How many prompts were longer than their budget."""
    told: tuple[str, ...]
    """What the server told its user meanwhile."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        table = Table(title=f"{self.model}, {self.seconds:.0f} s, {self.over} prompts over their budget", title_justify="left")
        table.add_column("kind")
        for heading in ("cases", "shown", "exact", "errors", "p50 ms", "p95 ms", "tokens", "context ms", "p95 ms"):
            table.add_column(heading, justify="right")
        for kind, group in (*self.kinds.items(), ("all", self.total)):
            table.add_row(kind, *_cells(group), style="bold" if group is self.total else None)
        console = Console(stderr=True)
        console.print(table)
        for sentence in dict.fromkeys(self.told):
            console.print(f"The server said: {sentence}", markup=False)
        print(msgspec.json.encode(self).decode(), flush=True)


def run(
    cases: Path,
    *,
    root: Path | None = None,
    out: Path | None = None,
    limit: int | None = None,
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Report:
    """Complete every case, or the first `limit`, with a server of its own; write each answer to `out` as it comes; show figures.

    The server sees the documents below `root`, else below an empty folder, and cases with a `root` of their own below that; each
    workspace has a server of its own, and is indexed before its first case. `settings` are sent as an editor would send its own.
    Raises BadUsage for what cannot be read or written and Unavailable where no model completes or the server stops.
    """
    if root is not None and not root.is_dir():
        raise BadUsage(f"{root} is not a folder. Give --root the folder that the cases' paths start from.")
    wanted = read(cases)[:limit]
    if not wanted:
        raise BadUsage(f"{cases} has no cases.")
    resolved = load(workspace=root, editor=settings, environ=environ).settings
    choice = chosen(resolved.models, resolved.serving())
    if Role.BASE in choice.refused:
        raise RoleRefused(choice.refused[Role.BASE])
    base = choice.base
    if base is None:
        raise Unavailable("No model for completion is installed. Get one with: interfix models pull")
    with _writer(out) as file, tempfile.TemporaryDirectory(prefix="interfix-bench-") as empty:
        began = time.perf_counter()
        answers, told = asyncio.run(_answers(wanted, (root or Path(empty)).resolve(), file, settings, environ))
        seconds = time.perf_counter() - began
    report = _report(base.name, seconds, list(zip(wanted, answers, strict=True)), tuple(told))
    report.show()
    return report


async def _answers(
    cases: list[Case], root: Path, file: IO[bytes] | None, settings: Mapping[str, Any] | None, environ: Mapping[str, str]
) -> tuple[list[Answer], list[str]]:
    answers: list[Answer] = []
    told: list[str] = []
    with _progress() as progress:
        task = progress.add_task("infill", total=len(cases))
        for folder, group in groupby(cases, key=lambda case: case.root):
            place = root / folder
            async with editor(place, environ, settings) as client:
                await client.settled()
                for case in group:
                    answers.append(await _answer(client, case, place))
                    progress.advance(task)
                    if file is not None:
                        file.write(msgspec.json.encode(answers[-1]) + b"\n")
                        file.flush()
            told += client.told
    return answers, told


async def _answer(client: Editor, case: Case, root: Path) -> Answer:
    async with client.opened((root / case.name).as_uri(), case.language, case.prefix + case.suffix) as document:
        await client.settled()
        began = time.perf_counter()
        completion, error = "", ""
        try:
            completion = await client.complete(document, case.prefix, case.suffix)
        except JsonRpcException as failure:
            error = str(failure)
        ms = round((time.perf_counter() - began) * 1000, 1)
        why = await client.why(document)
    verdict = why.get("verdict") or {}
    return Answer(
        id=case.id,
        completion=completion,
        ms=ms,
        prompt_tokens=why.get("prompt_tokens", 0),
        budget=why.get("budget", 0),
        context_ms=why.get("context_ms", 0.0),
        confidence=round(verdict.get("confidence", 0.0), 4),
        error=error,
    )


def _report(model: str, seconds: float, results: list[tuple[Case, Answer]], told: tuple[str, ...]) -> Report:
    kinds = dict.fromkeys(case.kind for case, _ in results if case.kind)
    groups = {kind: _group([result for result in results if result[0].kind == kind]) for kind in kinds}
    over = sum(answer.prompt_tokens > answer.budget for _, answer in results)
    return Report(model, round(seconds, 1), _group(results), groups, over, told)


def _group(results: list[tuple[Case, Answer]]) -> Group:
    times = [answer.ms for _, answer in results]
    known = [(case.expected, answer.completion) for case, answer in results if case.expected is not None]
    return Group(
        cases=len(results),
        shown=sum(bool(answer.completion) for _, answer in results),
        errors=sum(bool(answer.error) for _, answer in results),
        expecting=len(known),
        exact=sum(expected.strip() == completion.strip() for expected, completion in known),
        ms=spread(times),
        prompt_tokens=spread([answer.prompt_tokens for _, answer in results if answer.prompt_tokens]),
        context_ms=spread([answer.context_ms for _, answer in results if answer.prompt_tokens]),
    )


def _cells(group: Group) -> tuple[str, ...]:
    exact = f"{group.exact / group.expecting:.1%}" if group.expecting else ""
    shown = f"{group.shown / group.cases:.0%}"
    times = (f"{group.ms.p50:.0f}", f"{group.ms.p95:.0f}")
    context = (f"{group.prompt_tokens.p50:.0f}", f"{group.context_ms.p50:.0f}", f"{group.context_ms.p95:.0f}")
    return str(group.cases), shown, exact, str(group.errors), *times, *context


@contextmanager
def _writer(out: Path | None) -> Iterator[IO[bytes] | None]:
    if out is None:
        yield None
        return
    try:
        file = out.open("wb")
    except OSError as error:
        raise BadUsage(f"{out} cannot be written: {error.strerror}.") from None
    with file:
        yield file


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(file=sys.stderr), disable=not sys.stderr.isatty())
