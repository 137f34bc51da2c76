"""`interfix bench commands`: edits and explanations of real functions, by the whole path a command takes; what is right is run.

Knows the tasks under `tasks/` as data, and nothing of how a command works.
"""

import asyncio
import re
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from interfix.bench.trying import tried
from interfix.commands.asking import Asking, Unusable
from interfix.commands.documentation import with_comments_above
from interfix.commands.edit import Edit
from interfix.commands.registry import ANSWERS, EDITS
from interfix.commands.selection import meant
from interfix.commands.situation import Situation
from interfix.config.settings import Settings
from interfix.engine.client import local_engine
from interfix.engine.protocol import ChatRequest, Engine, EngineStatus, InfillRequest
from interfix.errors import BadUsage, InterfixError, Unavailable
from interfix.models.roles import InstructModel
from interfix.syntax.document import Document, Snapshot, open_file
from interfix.syntax.imports import imports
from interfix.syntax.scopes import scopes_in
from interfix.values import Finished, StreamEvent

TASKS = Path(__file__).with_name("tasks")
ENOUGH = 2 / 3
"""Share of the patterns that an explanation which says what matters has."""


class EditTask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of edits.toml."""

    id: str
    """Its name."""
    source: str
    """The file under sources/."""
    at: str
    """The definition it is about."""
    command: str
    """The command's name."""
    words: str = ""
    """What is asked for."""
    check: str = ""
    """Code to run behind the edited text."""
    has: tuple[str, ...] = ()
    """Patterns that the edited text has."""
    lacks: tuple[str, ...] = ()
    """Patterns that it has not."""


class ExplainTask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of explanations.toml."""

    source: str
    """The file under sources/."""
    at: str
    """The definition it is about."""
    says: tuple[str, ...]
    """Patterns of which a good explanation has most."""

    @property
    def id(self) -> str:
        """Its name."""
        return f"{self.source}:{self.at}"


class Outcome(msgspec.Struct, frozen=True):
    """What became of one task."""

    id: str
    """The task."""
    command: str
    """The command's name."""
    language: str
    """The source's."""
    verified: bool
    """Whether an edit was offered that changes something, or an explanation came to its end."""
    right: bool | None
    """Whether it is right, by what can be checked; None where nothing here can check it."""
    asks: int
    """How often the model was asked: 2 with the repair turn."""
    broken: str
    """What an offered edit breaks that it must not: the parse, or what is outside of its range; empty as it has to be."""
    seconds: float
    """From the request to its end."""
    tokens: int
    """Tokens generated."""
    decode_seconds: float
    """Time to generate them."""
    says: str
    """The verdict, or why there is none."""


def edit_tasks() -> tuple[EditTask, ...]:
    """All of edits.toml."""
    return tuple(msgspec.toml.decode((TASKS / "edits.toml").read_bytes(), type=dict[str, tuple[EditTask, ...]])["task"])


def explain_tasks() -> tuple[ExplainTask, ...]:
    """All of explanations.toml."""
    return tuple(msgspec.toml.decode((TASKS / "explanations.toml").read_bytes(), type=dict[str, tuple[ExplainTask, ...]])["task"])


def run(model: InstructModel, settings: Settings, *, only: str, limit: int | None, out: Path | None) -> None:
    """Do the tasks whose names have `only` in them, the first `limit` of each kind; show figures."""
    edits, explains = (
        [task for task in tasks if only in task.id][:limit]
        for tasks in (list[EditTask | ExplainTask](edit_tasks()), explain_tasks())
    )
    outcomes = asyncio.run(_run([*edits, *explains], model, settings, out))
    _show(model, outcomes)


def definition(snapshot: Snapshot, name: str) -> tuple[int, int]:
    """The bytes of a definition's name: a selection that means all of it. Raises `BadUsage` where there is none."""
    for scope in scopes_in(snapshot, 0, len(snapshot.data)):
        if scope.name == name:
            start = snapshot.data.index(name.encode(), scope.header)
            return start, start + len(name.encode())
    raise BadUsage(f"{Path(snapshot.path).name} defines no {name}.")


async def _run(
    tasks: Sequence[EditTask | ExplainTask], model: InstructModel, settings: Settings, out: Path | None
) -> list[Outcome]:
    outcomes = []
    console = Console(stderr=True, highlight=False)
    async with local_engine() as engine:
        for number, task in enumerate(tasks, 1):
            counted = Counted(engine)
            with tempfile.TemporaryDirectory(prefix="interfix-bench-") as folder:
                outcome = await _outcome(task, Asking(counted, model, settings), counted, Path(folder))
            outcomes.append(outcome)
            mark = {True: "right", False: "wrong", None: "unchecked"}[outcome.right] if outcome.verified else "refused"
            console.print(f"{number}/{len(tasks)} {outcome.id}: {mark}, {outcome.seconds:.0f} s. {outcome.says}", markup=False)
            if out is not None:
                with out.open("ab") as lines:
                    lines.write(msgspec.json.encode(outcome) + b"\n")
    return outcomes


class Counted:
    """An engine that counts what goes through."""

    def __init__(self, engine: Engine) -> None:
        self.asks = self.tokens = 0
        self.decode_seconds = 0.0
        self._engine = engine

    async def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """The engine's own, counted."""
        self.asks += 1
        async with aclosing(self._engine.chat(request)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    self.tokens += event.tokens
                    self.decode_seconds += event.decode_ms / 1000
                yield event

    def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        """The engine's own."""
        return self._engine.infill(request)

    async def status(self) -> EngineStatus:
        """The engine's own."""
        return await self._engine.status()

    async def close(self) -> None:
        """Left to whoever opened it."""


async def _outcome(task: EditTask | ExplainTask, asking: Asking, counted: Counted, folder: Path) -> Outcome:
    """Do one task in a project that has nothing but its source."""
    file = folder / task.source
    file.write_bytes((TASKS / "sources" / task.source).read_bytes())
    snapshot = open_file(file).snapshot()
    start, end = definition(snapshot, task.at)
    about = Situation(snapshot, start, end, words=task.words if isinstance(task, EditTask) else "", root=folder)
    began = time.monotonic()
    verified, right, broken = False, None, ""
    try:
        if isinstance(task, EditTask):
            edit = await EDITS[task.command](asking, about)
            verified, says = bool(edit.hunks), edit.verdict
            seconds = time.monotonic() - began
            broken = _broken(edit, about)
            right = await _right(task, edit, file)
        else:
            text = "".join([piece async for piece in ANSWERS["explain"](asking, about)])
            seconds = time.monotonic() - began
            verified, says = bool(text.strip()), f"{len(text.split())} words"
            right = sum(bool(re.search(each, text, re.IGNORECASE)) for each in task.says) >= ENOUGH * len(task.says)
    except (Unavailable, BadUsage):
        raise
    except InterfixError as error:
        seconds, right = time.monotonic() - began, False
        says = str(error) if not isinstance(error, Unusable) else str(error).split(". ")[0]
    return Outcome(
        id=task.id,
        command=task.command if isinstance(task, EditTask) else "explain",
        language=snapshot.language.id if snapshot.language else "",
        verified=verified,
        right=right,
        asks=counted.asks,
        broken=broken,
        seconds=round(seconds, 2),
        tokens=counted.tokens,
        decode_seconds=round(counted.decode_seconds, 2),
        says=says,
    )


def _broken(edit: Edit, about: Situation) -> str:
    """Judged anew from the texts alone, not by the rules that have let the edit through."""
    before, after = edit.snapshot, Document(edit.snapshot.uri, edit.result.decode("utf-8", "replace")).snapshot()
    if after.errors() > before.errors():
        return "the parse"
    if edit.snapshot.uri != about.snapshot.uri:
        return ""
    covered = with_comments_above(meant(about.snapshot, about.start, about.end))
    if not after.data.endswith(before.data[covered.stop :]):
        return "what follows"
    above = _code_lines(before, covered.start)
    return "" if _code_lines(after, len(after.data))[: len(above)] == above else "what stands above"


def _code_lines(snapshot: Snapshot, end: int) -> list[bytes]:
    """The lines that begin before the byte `end`, blank ones and imports left out."""
    spans = imports(snapshot, end)
    starts = [start for start in map(snapshot.lines.start, range(len(snapshot.lines))) if start < end]
    lines = [snapshot.data[start : snapshot.lines.after(snapshot.data, line)].strip() for line, start in enumerate(starts)]
    return [
        text for start, text in zip(starts, lines, strict=True) if text and not any(first <= start < last for first, last in spans)
    ]


async def _right(task: EditTask, edit: Edit, file: Path) -> bool | None:
    """Whether the text has what it should, and the code does what it should; None where it cannot be run here."""
    text = edit.result.decode("utf-8", "replace")
    if not edit.hunks:
        return False
    if any(not re.search(each, text) for each in task.has) or any(re.search(each, text) for each in task.lacks):
        return False
    if task.command == "test":
        return await tried(_put(Path(edit.snapshot.path), text), tests=True)
    return await tried(_put(file, f"{text}\n{task.check}\n"))


def _put(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def _show(model: InstructModel, outcomes: Sequence[Outcome]) -> None:
    title = f"{model.name}, by command"
    table = Table(
        "command", "tasks", "verified", "first ask", "right", "first ask", "s", "tokens/s", title=title, title_justify="left"
    )
    for command in dict.fromkeys(outcome.command for outcome in outcomes):
        table.add_row(command, *_figures([outcome for outcome in outcomes if outcome.command == command]))
    edits = [outcome for outcome in outcomes if outcome.command != "explain"]
    table.add_row("all edits", *_figures(edits), style="bold")
    console = Console(stderr=True)
    console.print(table)
    broken = [f"{outcome.id} ({outcome.broken})" for outcome in outcomes if outcome.broken]
    console.print(f"edits that were offered and break what they must not: {', '.join(broken) or 'none'}", markup=False)
    first = [outcome for outcome in edits if outcome.asks == 1]
    checked = [outcome for outcome in edits if outcome.right is not None]
    told = {
        "model": model.name,
        "edits": len(edits),
        "verified": sum(outcome.verified for outcome in edits),
        "verified_without_repair": sum(outcome.verified for outcome in first),
        "checked": len(checked),
        "right": sum(bool(outcome.right) for outcome in checked),
        "right_without_repair": sum(bool(outcome.right) for outcome in first),
        "broken": len(broken),
        "explanations": len(outcomes) - len(edits),
        "explanations_right": sum(bool(outcome.right) for outcome in outcomes if outcome.command == "explain"),
        "seconds": round(sum(outcome.seconds for outcome in outcomes), 1),
        "tokens": sum(outcome.tokens for outcome in outcomes),
    }
    print(msgspec.json.encode(told).decode(), flush=True)


def _figures(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    if not outcomes:
        return ("0", *[""] * 6)
    checked = [outcome for outcome in outcomes if outcome.right is not None]
    seconds = sorted(outcome.seconds for outcome in outcomes)[len(outcomes) // 2]
    decode = sum(outcome.decode_seconds for outcome in outcomes)
    return (
        str(len(outcomes)),
        _share(sum(outcome.verified for outcome in outcomes), len(outcomes)),
        _share(sum(outcome.verified and outcome.asks == 1 for outcome in outcomes), len(outcomes)),
        _share(sum(bool(outcome.right) for outcome in checked), len(checked)),
        _share(sum(bool(outcome.right) and outcome.asks == 1 for outcome in checked), len(checked)),
        f"{seconds:.1f}",
        f"{sum(outcome.tokens for outcome in outcomes) / decode:.1f}" if decode else "",
    )


def _share(count: int, of: int) -> str:
    return f"{count}/{of}" if of else ""
