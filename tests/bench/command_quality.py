"""Edits and explanations of real code in five languages, and the share of them that is right.

`task_spec` reads the tasks under `tasks/`, `task_runner` does one of them.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
from rich.table import Table

from interfix.commands.instruct_client import InstructClient
from interfix.commands.registry import EDIT_COMMANDS
from interfix.config.settings import Settings
from interfix.engine.client import create_local_engine
from interfix.errors import UsageError
from interfix.models.role_check import InstructModel
from interfix.output.console_output import Console, write_json
from tests.bench.task_runner import ModelCall, TaskResult, run_task
from tests.bench.task_spec import BenchTask, load_tasks


def run(model: InstructModel, settings: Settings, *, command: str, name_part: str, limit: int | None, out: Path | None) -> None:
    """Do the tasks of the command `only` whose names have `named` in them, the first `limit` of edits and explanations each.

    What `out` has of them already, by the same model, is not done again; each outcome is added to it at once. Empty: all.
    """
    commands = dict.fromkeys(task.command for task in load_tasks())
    if command and command not in commands:
        raise UsageError(f"There are no tasks for {command!r}; there are some for {', '.join(commands)}.")
    suited = [task for task in load_tasks() if command in ("", task.command) and name_part in task.id]
    edits = [task for task in suited if task.command in EDIT_COMMANDS][:limit]
    chosen = [*edits, *[task for task in suited if task.command not in EDIT_COMMANDS][:limit]]
    known = {} if out is None or not out.exists() else read_results(out, model.name)
    outcomes = asyncio.run(_run(chosen, known, InstructClient(create_local_engine(), model, settings), out))
    console = Console(stderr=True)
    console.print(render_table(model.name, outcomes))
    broken = [f"{each.task} ({each.broken})" for each in outcomes if each.broken]
    console.print(f"edits that were offered and break what they must not: {', '.join(broken) or 'none'}")
    write_json({"model": model.name, **summarize_results(outcomes)})


def summarize_results(outcomes: Sequence[TaskResult]) -> dict[str, Any]:
    """By command, and for all edits: counts before (`_format_first`) and after the repair turn, of the same answers; times in
    seconds."""
    groups = {"edits": [each for each in outcomes if each.command in EDIT_COMMANDS]}
    for each in outcomes:
        groups.setdefault(each.command, []).append(each)
    return {name: _summarize_group(group) for name, group in groups.items() if group}


def render_table(model: str, outcomes: Sequence[TaskResult]) -> Table:
    """The same for people."""
    table = Table(title=f"{model}: first answer → with the repair turn", title_justify="left")
    for heading in ("command", "tasks", "verified", "right", "s", "tokens/s", "broken"):
        table.add_column(heading, justify="left" if heading == "command" else "right")
    for name, each in summarize_results(outcomes).items():
        table.add_row(
            name,
            str(each["tasks"]),
            f"{each['verified_first']} → {each['verified']}",
            f"{each['right_first']} → {each['right']} of {each['checked']}",
            f"{each['seconds_first']:.1f} → {each['seconds']:.1f}",
            f"{each['tokens_per_second']:.1f}",
            str(each["broken"]),
            style="bold" if name == "edits" else "",
        )
    return table


def read_results(out: Path, model: str) -> dict[tuple[str, str], TaskResult]:
    """A model's outcomes by task and fingerprint. A last line that was cut off when a run was ended is passed over."""
    outcomes = {}
    for line in out.read_bytes().splitlines():
        try:
            outcome = msgspec.json.decode(line, type=TaskResult)
        except msgspec.DecodeError:
            continue
        if outcome.model == model:
            outcomes[outcome.task, outcome.fingerprint] = outcome
    return outcomes


def _summarize_group(outcomes: Sequence[TaskResult]) -> dict[str, Any]:
    checked = [each for each in outcomes if each.right is not None]
    asks = [ask for each in outcomes for ask in each.asks]
    first = [each.asks[0] for each in outcomes if each.asks]
    decoding = sum(ask.decode_seconds for ask in asks)
    return {
        "tasks": len(outcomes),
        "verified_first": sum(each.verified_first for each in outcomes),
        "verified": sum(each.verified for each in outcomes),
        "checked": len(checked),
        "right_first": sum(each.right_first for each in checked),
        "right": sum(bool(each.right) for each in checked),
        "broken": sum(bool(each.broken) for each in outcomes),
        "repairs": sum(len(each.asks) > 1 for each in outcomes),
        "seconds_first": _median_seconds(first),
        "seconds": round(median(each.seconds for each in outcomes), 2),
        "tokens": sum(ask.tokens for ask in asks),
        "tokens_per_second": round(sum(ask.tokens for ask in asks) / decoding, 1) if decoding else 0.0,
    }


def _median_seconds(calls: Sequence[ModelCall]) -> float:
    return round(median(ask.seconds for ask in calls), 2) if calls else 0.0


async def _run(
    chosen: Sequence[BenchTask], earlier_results: dict[tuple[str, str], TaskResult], client: InstructClient, out: Path | None
) -> list[TaskResult]:
    outcomes = []
    console = Console(stderr=True)
    try:
        for number, task in enumerate(chosen, 1):
            outcome = earlier_results.get((task.id, task.fingerprint))
            if outcome is None:
                with tempfile.TemporaryDirectory(prefix="interfix-bench-") as folder:
                    outcome = await run_task(task, client, Path(folder))
                _append_result(outcome, out)
                mark = {True: "right", False: "wrong", None: "unchecked"}[outcome.right] if outcome.verified else "refused"
                console.print(f"{number}/{len(chosen)} {task.id}: {mark}, {outcome.seconds:.0f} s. {outcome.says}")
            outcomes.append(outcome)
    finally:
        await client.engine.close()
    return outcomes


def _append_result(outcome: TaskResult, out: Path | None) -> None:
    """On a line of its own, even behind one that was cut off when a run was ended."""
    if out is not None:
        with out.open("a+b") as lines:
            lines.seek(max(0, lines.tell() - 1))
            lines.write(b"\n" * (lines.read(1) not in (b"", b"\n")) + msgspec.json.encode(outcome) + b"\n")
