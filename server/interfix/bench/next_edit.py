"""`interfix bench nextedit`: changes that people made, up to some point, through the whole server, as an editor would make them."""

import asyncio
import os
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import IO, Any

import msgspec
from lsprotocol import types
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from interfix.bench.edited_headless_document import EditedDocument
from interfix.bench.headless_client import HeadlessEditor, open_editor
from interfix.bench.next_edit_cases import EditCase, plan_keystrokes, read_edit_cases
from interfix.bench.next_edit_scores import EditScore, score_edit
from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.bench.time_budget import TimeBudget
from interfix.errors import UsageError
from interfix.models.kind_detection import is_next_edit_model
from interfix.output.console_output import Console, write_json

_SAMPLE_SEED = 1
_MEASURED_CASES = 5
"""After so many it is told how long all of them take."""


class EditAnswer(msgspec.Struct, frozen=True):
    """What came of a case: one line of the output file."""

    id: str
    """The case's."""
    text: str | None
    """The whole file with the suggested edit made; None where nothing was suggested."""
    ms: float
    """Time from the request to its answer, ms."""
    finder: str = ""
    """Which rule found it."""
    certainty: float = 0.0
    """How likely it was taken to be right, 0 to 1."""


class KindStats(msgspec.Struct, frozen=True):
    """Figures of some cases."""

    cases: int
    """How many there were."""
    shown: float | None
    """The share of those in which something remained for which something was shown."""
    exact: float | None
    """The share of what was shown there that is what the author did."""
    closer: float | None
    """The share of what was shown there that brought the file nearer to the author's."""
    recall: float | None
    """The share of those in which something remained that was answered exactly."""
    quiet: float | None
    """The share of those in which nothing remained for which nothing was shown."""
    ms: Percentiles
    """Time from the request to its answer, ms."""


class EditReport(msgspec.Struct, frozen=True):
    """Figures of a whole run."""

    seconds: float
    """Wall time of all cases, s."""
    total: KindStats
    """All cases."""
    kinds: dict[str, KindStats]
    """Cases by kind."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        table = Table(title=f"{self.total.cases} cases, {self.seconds:.0f} s", title_justify="left")
        table.add_column("kind")
        for heading in ("cases", "shown", "exact", "closer", "recall", "quiet", "p50 ms", "p95 ms"):
            table.add_column(heading, justify="right")
        for kind, group in (*self.kinds.items(), ("all", self.total)):
            shares = (group.shown, group.exact, group.closer, group.recall, group.quiet)
            cells = ("" if share is None else f"{share:.1%}" for share in shares)
            table.add_row(kind, str(group.cases), *cells, f"{group.ms.p50:.1f}", f"{group.ms.p95:.1f}")
        Console(stderr=True).print(table)
        write_json(self)


def run(
    cases: Path,
    *,
    out: Path | None = None,
    limit: int | None = None,
    pause_ms: float = 0.0,
    minutes: float | None = None,
    settings: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> EditReport:
    """Make the edits of every case, or of the first `limit`, ask for the next, write each answer to `out`, show figures.

    Between two keys `pause_ms` pass. With `minutes`, the cases are taken in random order until they are over.
    Raises `UsageError` for what cannot be read or written.
    """
    edit_cases, budget = read_edit_cases(cases)[:limit], TimeBudget(minutes)
    if minutes is not None:
        random.Random(_SAMPLE_SEED).shuffle(edit_cases)
    if not edit_cases:
        raise UsageError(f"{cases} has no cases.")
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="interfix-bench-") as folder:
        try:
            file = out.open("wb") if out is not None else None
        except OSError as error:
            raise UsageError(f"{out} cannot be written: {error.strerror}.") from None
        try:
            with budget.watch_interrupts():
                root = Path(folder).resolve()
                editor = open_editor(root, environ, {"context.index": False, **(settings or {})})
                answers = asyncio.run(_answer_cases(edit_cases, budget, editor, root, file, pause_ms))
        finally:
            if file is not None:
                file.close()
    report = build_report(edit_cases[: len(answers)], answers, time.perf_counter() - began)
    report.show()
    return report


def choose_model_settings(model: str) -> dict[str, Any]:
    """The settings that have a model's file answer where rules do not; `none`: nobody; empty: the user's own next-edit model.

    A base model is waited for as long as it takes: its time is measured, and another machine's is another.
    """
    if model == "none":
        return {"next_edit.model": False, "next_edit.fill": False}
    if not model or is_next_edit_model(Path(model).stem):
        return {"next_edit.fill": False, **({"models.next_edit": model} if model else {})}
    return {"models.base": model, "next_edit.model": False, "completion.time_ms": 0}


def build_report(cases: Sequence[EditCase], answers: Sequence[EditAnswer], seconds: float) -> EditReport:
    """The figures of answers, one for each case."""
    rows = [(case, score_edit(case, answer.text), answer.ms) for case, answer in zip(cases, answers, strict=True)]
    groups: dict[str, list[tuple[EditCase, EditScore, float]]] = defaultdict(list)
    for row in rows:
        groups[row[0].kind].append(row)
    return EditReport(seconds, _summarize(rows), {kind: _summarize(group) for kind, group in groups.items()})


def _summarize(rows: Sequence[tuple[EditCase, EditScore, float]]) -> KindStats:
    scores = [score for _, score, _ in rows]
    expected, idle = [each for each in scores if each.is_wanted], [each for each in scores if not each.is_wanted]
    shown_answers = [each for each in expected if each.is_shown]
    return KindStats(
        cases=len(rows),
        shown=_share([each.is_shown for each in expected]),
        exact=_share([each.is_exact for each in shown_answers]),
        closer=_share([each.is_closer for each in shown_answers]),
        recall=_share([each.is_exact for each in expected]),
        quiet=_share([not each.is_shown for each in idle]),
        ms=compute_percentiles([ms for *_, ms in rows]),
    )


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


async def _answer_cases(
    cases: Sequence[EditCase],
    budget: TimeBudget,
    editor: AbstractAsyncContextManager[HeadlessEditor],
    root: Path,
    file: IO[bytes] | None,
    pause_ms: float,
) -> list[EditAnswer]:
    answers: list[EditAnswer] = []
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("next edit", total=len(cases))
        async with editor as client:
            began = time.perf_counter()
            for number, case in enumerate(cases):
                if budget.is_over:
                    break
                if number == _MEASURED_CASES:
                    seconds_each = (time.perf_counter() - began) / number
                    budget.announce(f"{len(cases)} cases", seconds_each * len(cases), console)
                # A folder of its own: what was edited in another case is no evidence in this one.
                folder = root / str(number)
                folder.mkdir()
                _change_folders(client, [folder], [])
                answers.append(await _answer_case(client, case, folder, pause_ms))
                _change_folders(client, [], [folder])
                progress.advance(task)
                if file is not None:
                    file.write(msgspec.json.encode(answers[-1]) + b"\n")
                    file.flush()
    return answers


def _change_folders(client: HeadlessEditor, added: Sequence[Path], removed: Sequence[Path]) -> None:
    folders = ([types.WorkspaceFolder(each.as_uri(), each.name) for each in paths] for paths in (added, removed))
    event = types.WorkspaceFoldersChangeEvent(*folders)
    client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))


async def _answer_case(client: HeadlessEditor, case: EditCase, root: Path, pause_ms: float) -> EditAnswer:
    document = EditedDocument(client, (root / case.path).as_uri(), case.language, case.before)
    for hunk in case.history:
        for keys in plan_keystrokes(hunk):
            await document.type_over(keys, pause_ms)
    if document.text != case.text:
        raise UsageError(f"The hunks of case {case.id} do not lead to its text.")
    await client.wait_until_idle()
    began = time.perf_counter()
    reply = await document.request_edit(case.line, case.column)
    ms = round((time.perf_counter() - began) * 1000, 1)
    document.close()
    if not reply.edits:
        return EditAnswer(case.id, None, ms)
    edit = reply.edits[0]
    start, end = (document.find_offset(at.line, at.character) for at in (edit.range.start, edit.range.end))
    text = document.text[:start] + edit.text + document.text[end:]
    return EditAnswer(case.id, text, ms, edit.finder, edit.certainty)
