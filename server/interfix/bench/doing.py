"""One task of `bench commands` done by the whole path a command takes, and what became of it. Knows no table.

An answer goes back to the model only where no edit came of it, so one run tells both what the first answers are worth and what the
repair turn adds: where there was a second answer, the first was worth nothing.
"""

import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import msgspec

from interfix.bench.assignment import EditTask, ExplainTask, Task, definition
from interfix.bench.damage import broken_parse, left_range, lost_lines
from interfix.bench.trying import Missing, passes, suite_passes
from interfix.commands import written
from interfix.commands.asking import Asking, Unusable
from interfix.commands.edit import Edit
from interfix.commands.own import menu
from interfix.commands.registry import ANSWERS, EDITS
from interfix.commands.situation import Situation
from interfix.engine.around import Around
from interfix.engine.protocol import ChatRequest, Engine
from interfix.errors import BadUsage, InterfixError, Unavailable
from interfix.syntax.document import open_file
from interfix.syntax.scopes import Scope
from interfix.values import Finished, Started, StreamEvent, Token

ENOUGH = 3 / 4
"""Share of the patterns that an explanation which says what matters has."""


class Ask(msgspec.Struct, frozen=True):
    """One question to the model."""

    prompt_tokens: int
    """Tokens it was shown."""
    tokens: int
    """Tokens of its answer."""
    seconds: float
    """From the question to the end of the answer."""
    decode_seconds: float
    """Time to write it."""
    answer: str
    """What it said."""


class Outcome(msgspec.Struct, frozen=True):
    """What became of one task."""

    task: str
    """Its name."""
    fingerprint: str
    """The very task and source."""
    model: str
    """Who did it."""
    command: str
    """The command's name."""
    language: str
    """The source's."""
    verified: bool
    """Whether an edit was offered that changes something, or an explanation came to its end."""
    right: bool | None
    """Whether it is right, by what can be checked; None where that cannot be run here."""
    broken: str
    """What an offered edit breaks that it must not, the parse or its range; empty as it has to be."""
    asks: tuple[Ask, ...]
    """The first answer, and the one of the repair turn where there was one."""
    seconds: float
    """From the request to its end."""
    says: str
    """The verdict, or why there is none."""

    @property
    def verified_first(self) -> bool:
        """Whether it would have been without the repair turn."""
        return self.verified and len(self.asks) == 1

    @property
    def right_first(self) -> bool:
        """Whether it would have been without the repair turn."""
        return bool(self.right) and len(self.asks) == 1


class Heard(Around):
    """An engine that notes what is asked of it and what it says."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.asks: list[Ask] = []

    async def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """The engine's own, noted down when it has ended, however it ends."""
        began, prompt_tokens, finished = time.monotonic(), 0, Finished("", 0, 0.0, 0.0)
        pieces: list[str] = []
        try:
            async with aclosing(self.engine.chat(request)) as events:
                async for event in events:
                    match event:
                        case Started():
                            prompt_tokens = event.prompt_tokens
                        case Token():
                            pieces.append(event.text)
                        case Finished():
                            finished = event
                    yield event
        finally:
            seconds, decoding = round(time.monotonic() - began, 2), round(finished.decode_ms / 1000, 2)
            self.asks.append(Ask(prompt_tokens, finished.tokens, seconds, decoding, "".join(pieces)))

    async def close(self) -> None:
        """Left to whoever opened it."""


async def done(task: Task, asking: Asking, folder: Path) -> Outcome:
    """Do a task in a project, in an empty folder, that has little but its source."""
    file = _put(folder / task.source, task.text)
    for name, text in task.project.items():
        _put(folder / name, text)
    heard = Heard(asking.engine)
    asking = msgspec.structs.replace(asking, engine=heard)
    snapshot = open_file(file).snapshot()
    scope = definition(snapshot, task.at)
    at = snapshot.data.index(task.at.encode(), scope.header)
    about = Situation(snapshot, at, at + len(task.at.encode()), root=folder)
    verified, right, broken = False, None, ""
    began = time.monotonic()
    try:
        if isinstance(task, EditTask):
            edit = await _edit(task, asking, msgspec.structs.replace(about, words=task.instruction))
            seconds, says = time.monotonic() - began, edit.verdict
            verified, right = bool(edit.hunks), False
            if verified:
                broken = await _damage(task, edit, scope)
                try:
                    right = await is_right(task, edit, folder)
                except Missing as missing:
                    right, says = None, f"{says} Unchecked: {missing} is not here."
        else:
            text = "".join([piece async for piece in ANSWERS["explain"](asking, about)])
            seconds = time.monotonic() - began
            verified, says = bool(text.strip()), f"{len(text.split())} words"
            right = explains(task, text)
    except (Unavailable, BadUsage):
        raise
    except InterfixError as error:
        seconds, right = time.monotonic() - began, False
        says = str(error).split(". ")[0] if isinstance(error, Unusable) else str(error)
    return Outcome(
        task=task.id,
        fingerprint=task.fingerprint,
        model=asking.model.name,
        command=task.command,
        language=snapshot.language.id if snapshot.language else "",
        verified=verified,
        right=right,
        broken=broken,
        asks=tuple(heard.asks),
        seconds=round(seconds, 2),
        says=says,
    )


async def is_right(task: EditTask, edit: Edit, folder: Path) -> bool:
    """Whether the edited text has what it should and does what it should. Raises `Missing` where it cannot be run here."""
    text = edit.result.decode("utf-8", "replace")
    if any(not re.search(each, text) for each in task.has) or any(re.search(each, text) for each in task.lacks):
        return False
    target, source = Path(edit.snapshot.path), folder / task.source
    if task.command != "test":
        return await passes(_put(source, f"{text}\n{task.check}\n"))
    if not await suite_passes(_put(target, text), folder):
        return False
    for old, new in task.mutants:
        _put(source, source.read_text(encoding="utf-8").replace(old, new, 1))
        noticed = not await suite_passes(target, folder)
        _put(source, text if source == target else task.text)
        if not noticed:
            return False
    return True


def explains(task: ExplainTask, text: str) -> bool:
    """Whether a text says most of what it should."""
    return sum(bool(re.search(each, text, re.IGNORECASE)) for each in task.says) >= ENOUGH * len(task.says)


async def _edit(task: EditTask, asking: Asking, about: Situation) -> Edit:
    if not task.menu:
        return await EDITS[task.command](asking, about)
    return await written.change(asking, about, next(each for each in menu() if each.name == task.menu))


async def _damage(task: EditTask, edit: Edit, scope: Scope) -> str:
    before, after = edit.snapshot.text, edit.result.decode("utf-8", "replace")
    if await broken_parse(_put(Path(edit.snapshot.path), after)):
        return "the parse"
    if task.command == "test":
        return "what was there" if lost_lines(before, after) else ""
    lines = edit.snapshot.lines
    return "what is outside of its range" if left_range(before, after, lines.at(scope.start), lines.at(scope.end)) else ""


def _put(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
