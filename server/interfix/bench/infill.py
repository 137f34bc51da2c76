"""`interfix bench infill`: holes in code through the whole server, as an editor would. Does nothing an editor could not know."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    told: tuple[str, ...]
    """What the server told its user meanwhile."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        table = Table(title=f"{self.model}, {self.seconds:.0f} s", title_justify="left")
        table.add_column("kind")
        for heading in ("cases", "shown", "exact", "errors", "p50 ms", "p95 ms"):
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

    The server sees the documents below `root`, else below an empty folder; `settings` are sent as an editor would send its own.
    Raises BadUsage for what cannot be read or written and Unavailable where no model completes or the server stops.
    """
    if root is not None and not root.is_dir():
        raise BadUsage(f"{root} is not a folder. Give --root the folder that the cases' paths start from.")
    wanted = read(cases)[:limit]
    if not wanted:
        raise BadUsage(f"{cases} has no cases.")
    choice = chosen(load(workspace=root, editor=settings, environ=environ).settings.models)
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
    answers = []
    async with editor(root, environ, settings) as client:
        with _progress() as progress:
            for case in progress.track(cases, description="infill"):
                answers.append(await _answer(client, case, root))
                if file is not None:
                    file.write(msgspec.json.encode(answers[-1]) + b"\n")
                    file.flush()
    return answers, client.told


async def _answer(client: Editor, case: Case, root: Path) -> Answer:
    began = time.perf_counter()
    completion, error = "", ""
    try:
        completion = await client.complete((root / case.name).as_uri(), case.language, case.prefix, case.suffix)
    except JsonRpcException as failure:
        error = str(failure)
    return Answer(case.id, completion, round((time.perf_counter() - began) * 1000, 1), error)


def _report(model: str, seconds: float, results: list[tuple[Case, Answer]], told: tuple[str, ...]) -> Report:
    kinds = dict.fromkeys(case.kind for case, _ in results if case.kind)
    groups = {kind: _group([result for result in results if result[0].kind == kind]) for kind in kinds}
    return Report(model, round(seconds, 1), _group(results), groups, told)


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
    )


def _cells(group: Group) -> tuple[str, ...]:
    exact = f"{group.exact / group.expecting:.1%}" if group.expecting else ""
    shown = f"{group.shown / group.cases:.0%}"
    return str(group.cases), shown, exact, str(group.errors), f"{group.ms.p50:.0f}", f"{group.ms.p95:.0f}"


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
