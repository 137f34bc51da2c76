"""One task of `command_quality`, done by the whole path that a command takes, and what became of it.

An answer goes back to the model only where no edit came of it, so one run tells both what the first answers are worth and what the
repair turn adds: where there was a second answer, the first was worth nothing.
"""

import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import msgspec

from interfix.commands import custom_command_runner
from interfix.commands.command_files import load_builtin_commands
from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.instruct_client import InstructClient, UnusableAnswer
from interfix.commands.registry import ANSWER_COMMANDS, EDIT_COMMANDS
from interfix.engine.engine_wrapper import EngineWrapper
from interfix.engine.protocol import ChatRequest, Engine
from interfix.errors import InterfixError, UnavailableError, UsageError
from interfix.inference_types import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart
from interfix.syntax.document import open_file
from interfix.syntax.enclosing_scopes import Scope
from tests.bench.edit_checks import breaks_parse, changes_outside, loses_lines
from tests.bench.program_runner import ToolchainMissing, program_passes, suite_passes
from tests.bench.task_spec import BenchTask, EditTask, ExplainTask, find_definition

MIN_PATTERN_SHARE = 3 / 4
"""Share of the patterns that an explanation which says what matters has."""


class ModelCall(msgspec.Struct, frozen=True):
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


class TaskResult(msgspec.Struct, frozen=True):
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
    asks: tuple[ModelCall, ...]
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


class ChatRecordingEngine(EngineWrapper):
    """An engine that notes what is asked of it and what it says."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.calls: list[ModelCall] = []

    async def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        """The engine's own, noted down when it has ended, however it ends."""
        began, prompt_tokens, finished = time.monotonic(), 0, GenerationEnd("", 0, 0.0, 0.0)
        pieces: list[str] = []
        try:
            async with aclosing(self.engine.chat(request)) as events:
                async for event in events:
                    match event:
                        case GenerationStart():
                            prompt_tokens = event.prompt_tokens
                        case GeneratedToken():
                            pieces.append(event.text)
                        case GenerationEnd():
                            finished = event
                    yield event
        finally:
            seconds, decoding = round(time.monotonic() - began, 2), round(finished.decode_ms / 1000, 2)
            self.calls.append(ModelCall(prompt_tokens, finished.tokens, seconds, decoding, "".join(pieces)))

    async def close(self) -> None:
        """Left to whoever opened it."""


async def run_task(task: BenchTask, client: InstructClient, folder: Path) -> TaskResult:
    """Do a task in a project, in an empty folder, that has little but its source."""
    file = _write_file(folder / task.source, task.source_text)
    for name, text in task.project.items():
        _write_file(folder / name, text)
    recorder = ChatRecordingEngine(client.engine)
    client = msgspec.structs.replace(client, engine=recorder)
    snapshot = open_file(file).snapshot()
    scope = find_definition(snapshot, task.at)
    at = snapshot.data.index(task.at.encode(), scope.header_start)
    about = CommandRequest(snapshot, at, at + len(task.at.encode()), root=folder)
    verified, right, broken = False, None, ""
    began = time.monotonic()
    try:
        if isinstance(task, EditTask):
            edit = await _make_edit(task, client, msgspec.structs.replace(about, instruction=task.instruction))
            seconds, says = time.monotonic() - began, edit.summary
            verified, right = bool(edit.hunks), False
            if verified:
                broken = await _find_damage(task, edit, scope)
                try:
                    right = await is_correct(task, edit, folder)
                except ToolchainMissing as missing:
                    right, says = None, f"{says} Unchecked: {missing} is not here."
        else:
            text = "".join([piece async for piece in ANSWER_COMMANDS["explain"].run(client, about)])
            seconds = time.monotonic() - began
            verified, says = bool(text.strip()), f"{len(text.split())} words"
            right = is_complete_explanation(task, text)
    except (UnavailableError, UsageError):
        raise
    except InterfixError as error:
        seconds, right = time.monotonic() - began, False
        says = str(error).split(". ")[0] if isinstance(error, UnusableAnswer) else str(error)
    return TaskResult(
        task=task.id,
        fingerprint=task.fingerprint,
        model=client.model.name,
        command=task.command,
        language=snapshot.language.id if snapshot.language else "",
        verified=verified,
        right=right,
        broken=broken,
        asks=tuple(recorder.calls),
        seconds=round(seconds, 2),
        says=says,
    )


async def is_correct(task: EditTask, edit: CheckedEdit, folder: Path) -> bool:
    """Whether the edited text has what it should and does what it should. Raises `Missing` where it cannot be run here."""
    text = edit.result.decode("utf-8", "replace")
    if any(not re.search(each, text) for each in task.has) or any(re.search(each, text) for each in task.lacks):
        return False
    target, source = Path(edit.snapshot.path), folder / task.source
    if task.command != "test":
        return await program_passes(_write_file(source, f"{text}\n{task.check}\n"))
    if not await suite_passes(_write_file(target, text), folder):
        return False
    for old, new in task.mutants:
        _write_file(source, source.read_text(encoding="utf-8").replace(old, new, 1))
        noticed = not await suite_passes(target, folder)
        _write_file(source, text if source == target else task.source_text)
        if not noticed:
            return False
    return True


def is_complete_explanation(task: ExplainTask, text: str) -> bool:
    """Whether a text says most of what it should."""
    return sum(bool(re.search(each, text, re.IGNORECASE)) for each in task.says) >= MIN_PATTERN_SHARE * len(task.says)


async def _make_edit(task: EditTask, client: InstructClient, request: CommandRequest) -> CheckedEdit:
    if not task.menu:
        return await EDIT_COMMANDS[task.command].run(client, request)
    return await custom_command_runner.run_edit_command(
        client, request, next(each for each in load_builtin_commands() if each.name == task.menu)
    )


async def _find_damage(task: EditTask, edit: CheckedEdit, scope: Scope) -> str:
    before, after = edit.snapshot.text, edit.result.decode("utf-8", "replace")
    if await breaks_parse(_write_file(Path(edit.snapshot.path), after)):
        return "the parse"
    if task.command == "test":
        return "what was there" if loses_lines(before, after) else ""
    lines = edit.snapshot.lines
    return (
        "what is outside of its range"
        if changes_outside(before, after, lines.find_line(scope.start), lines.find_line(scope.end))
        else ""
    )


def _write_file(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
