"""Why a command shows what it shows: its own requests, laid out and not computed."""

from pathlib import Path

import msgspec
import pytest

from interfix.commands import custom_command_runner
from interfix.commands.command import Command
from interfix.commands.command_files import load_builtin_commands
from interfix.commands.command_request import CommandRequest
from interfix.commands.prompt_preview import preview_prompts
from interfix.commands.registry import INSTRUCT_COMMANDS
from interfix.config.settings import CommandSettings, EngineSettings, Settings
from interfix.engine.protocol import ChatRequest
from interfix.errors import UnavailableError, UsageError
from interfix.inference_types import GenerationStart, PromptPart, SegmentKind
from interfix.syntax.document import open_file
from tests.fake_engine import FakeAnswer, FakeEngine, make_instruct_client
from tests.unit.commands.marked_text import parse_marked

TEXT = "import os\n\n\ndef helper(x):\n    return x\n\n\n‸def main(x):\n    return helper(os.sep + x)\n"


def lay_out_only(request: ChatRequest) -> FakeAnswer:
    """The prompt's layout, and no answer."""
    assert request.dry_run
    parts = tuple(
        PromptPart(SegmentKind.CONTEXT, piece.source, piece.name, len(piece.text), kept=True)
        for message in request.messages
        for piece in message.context
    )
    return FakeAnswer("", start=GenerationStart(request.model.name, 7, 0, parts, 100, request.messages[-1].content))


FROM_A_FILE = next(each for each in load_builtin_commands() if each.name == "2-simplify")
COMMANDS: dict[str, Command] = {
    **INSTRUCT_COMMANDS,
    "from a file": custom_command_runner.bind_command(FROM_A_FILE),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_it_tells_what_would_be_asked_and_where_it_is_from(command: Command, tmp_path: Path) -> None:
    engine = FakeEngine(respond=lay_out_only)
    (tmp_path / "a.py").write_text(TEXT.replace("‸", ""))
    at = TEXT.index("‸")
    about = CommandRequest(open_file(tmp_path / "a.py").snapshot(), at, at, instruction="What does it do?", root=tmp_path)
    (told,) = await preview_prompts(command, make_instruct_client(engine), about)
    assert len(engine.requests) == 1
    assert told.prompt == engine.requests[0].messages[-1].content
    assert "def main(x):" in told.prompt
    assert (told.model, told.prompt_tokens, told.budget) == ("fake-instruct", 7, 100)
    assert [(part.source, part.path) for part in told.parts] == [("imports", ""), ("file", "helper")]


async def test_each_part_of_a_long_selection_is_told() -> None:
    small = Settings(engine=EngineSettings(context_tokens=600), commands=CommandSettings(max_tokens=100))
    text = "«" + "\n\n".join(f"def f{i}():\n" + f"    return {i}  # {'x' * 150}\n" for i in range(3)) + "»"
    for command in (INSTRUCT_COMMANDS["document"], INSTRUCT_COMMANDS["explain"]):
        asks = msgspec.structs.replace(make_instruct_client(FakeEngine(respond=lay_out_only)), settings=small)
        told = await preview_prompts(command, asks, CommandRequest(*parse_marked(text)))
        assert len(told) > 1
        assert ["def f0" in told[0].prompt, "def f2" in told[-1].prompt] == [True, True]


async def test_what_cannot_be_asked_is_an_error() -> None:
    with pytest.raises(UsageError, match="needs an instruction"):
        await preview_prompts(
            INSTRUCT_COMMANDS["refactor"],
            make_instruct_client(FakeEngine(respond=lay_out_only)),
            CommandRequest(*parse_marked(TEXT)),
        )


async def test_an_engine_that_is_lost_is_an_error() -> None:
    with pytest.raises(UnavailableError):
        await preview_prompts(
            INSTRUCT_COMMANDS["refactor"],
            make_instruct_client(FakeEngine("x", end_reason="")),
            CommandRequest(*parse_marked(TEXT), instruction="x"),
        )
