"""`interfix bench commands`: edits and explanations of real code in five languages, and the share that is right. Runs and shows.

Knows the tasks under `tasks/` as data (see `assignment`), and nothing of how one is done (see `doing`).
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
from rich.table import Table

from interfix.bench.assignment import Task, tasks
from interfix.bench.doing import Ask, Outcome, done
from interfix.commands.asking import Asking
from interfix.commands.registry import EDITS
from interfix.config.settings import Settings
from interfix.engine.client import local_engine
from interfix.errors import BadUsage
from interfix.models.roles import InstructModel
from interfix.output.terminal import Console, write_json


def run(model: InstructModel, settings: Settings, *, only: str, named: str, limit: int | None, out: Path | None) -> None:
    """Do the tasks of the command `only` whose names have `named` in them, the first `limit` of edits and explanations each.

    What `out` has of them already, by the same model, is not done again; each outcome is added to it at once. Empty: all.
    """
    commands = dict.fromkeys(task.command for task in tasks())
    if only and only not in commands:
        raise BadUsage(f"There are no tasks for {only!r}; there are some for {', '.join(commands)}.")
    suited = [task for task in tasks() if only in ("", task.command) and named in task.id]
    edits = [task for task in suited if task.command in EDITS][:limit]
    chosen = [*edits, *[task for task in suited if task.command not in EDITS][:limit]]
    known = {} if out is None or not out.exists() else recorded(out, model.name)
    outcomes = asyncio.run(_run(chosen, known, Asking(local_engine(), model, settings), out))
    console = Console(stderr=True)
    console.print(table(model.name, outcomes))
    broken = [f"{each.task} ({each.broken})" for each in outcomes if each.broken]
    console.print(f"edits that were offered and break what they must not: {', '.join(broken) or 'none'}")
    write_json({"model": model.name, **figures(outcomes)})


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """By command, and for all edits: counts before (`_first`) and after the repair turn, of the same answers; times in seconds."""
    groups = {"edits": [each for each in outcomes if each.command in EDITS]}
    for each in outcomes:
        groups.setdefault(each.command, []).append(each)
    return {name: _figures(group) for name, group in groups.items() if group}


def table(model: str, outcomes: Sequence[Outcome]) -> Table:
    """The same for people."""
    found = Table(title=f"{model}: first answer → with the repair turn", title_justify="left")
    for heading in ("command", "tasks", "verified", "right", "s", "tokens/s", "broken"):
        found.add_column(heading, justify="left" if heading == "command" else "right")
    for name, each in figures(outcomes).items():
        found.add_row(
            name,
            str(each["tasks"]),
            f"{each['verified_first']} → {each['verified']}",
            f"{each['right_first']} → {each['right']} of {each['checked']}",
            f"{each['seconds_first']:.1f} → {each['seconds']:.1f}",
            f"{each['tokens_per_second']:.1f}",
            str(each["broken"]),
            style="bold" if name == "edits" else "",
        )
    return found


def recorded(out: Path, model: str) -> dict[tuple[str, str], Outcome]:
    """A model's outcomes by task and fingerprint. A last line that was cut off when a run was ended is passed over."""
    found = {}
    for line in out.read_bytes().splitlines():
        try:
            outcome = msgspec.json.decode(line, type=Outcome)
        except msgspec.DecodeError:
            continue
        if outcome.model == model:
            found[outcome.task, outcome.fingerprint] = outcome
    return found


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
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
        "seconds_first": _median(first),
        "seconds": round(median(each.seconds for each in outcomes), 2),
        "tokens": sum(ask.tokens for ask in asks),
        "tokens_per_second": round(sum(ask.tokens for ask in asks) / decoding, 1) if decoding else 0.0,
    }


def _median(asks: Sequence[Ask]) -> float:
    return round(median(ask.seconds for ask in asks), 2) if asks else 0.0


async def _run(chosen: Sequence[Task], known: dict[tuple[str, str], Outcome], asking: Asking, out: Path | None) -> list[Outcome]:
    outcomes = []
    console = Console(stderr=True)
    try:
        for number, task in enumerate(chosen, 1):
            outcome = known.get((task.id, task.fingerprint))
            if outcome is None:
                with tempfile.TemporaryDirectory(prefix="interfix-bench-") as folder:
                    outcome = await done(task, asking, Path(folder))
                _note(outcome, out)
                mark = {True: "right", False: "wrong", None: "unchecked"}[outcome.right] if outcome.verified else "refused"
                console.print(f"{number}/{len(chosen)} {task.id}: {mark}, {outcome.seconds:.0f} s. {outcome.says}")
            outcomes.append(outcome)
    finally:
        await asking.engine.close()
    return outcomes


def _note(outcome: Outcome, out: Path | None) -> None:
    """On a line of its own, even behind one that was cut off when a run was ended."""
    if out is not None:
        with out.open("a+b") as lines:
            lines.seek(max(0, lines.tell() - 1))
            lines.write(b"\n" * (lines.read(1) not in (b"", b"\n")) + msgspec.json.encode(outcome) + b"\n")
