"""Why a command shows what it shows: its own requests, laid out and not computed."""

from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest
from marked import marked

from interfix.commands import written
from interfix.commands.own import menu
from interfix.commands.registry import ANSWERS, EDITS
from interfix.commands.situation import Situation
from interfix.commands.why import Command, why
from interfix.config.settings import Commands, EngineSettings, Settings
from interfix.engine.protocol import ChatRequest
from interfix.errors import BadUsage, Unavailable
from interfix.syntax.document import open_file
from interfix.values import Finished, Part, SegmentKind, Started, StreamEvent
from scripted_chat import ScriptedChat, asking

TEXT = "import os\n\n\ndef helper(x):\n    return x\n\n\n‸def main(x):\n    return helper(os.sep + x)\n"


class LayingOut(ScriptedChat):
    """Lays out what it is asked, and would fail if it were to answer."""

    async def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        self.asked.append(request)
        assert request.dry
        parts = tuple(
            Part(SegmentKind.CONTEXT, piece.source, piece.name, len(piece.text), kept=True)
            for message in request.messages
            for piece in message.context
        )
        yield Started(request.model.name, 7, 0, parts, 100, request.messages[-1].content)
        yield Finished("end", 0, 0, 0)


FROM_A_FILE = next(each for each in menu() if each.name == "2-simplify")
COMMANDS: dict[str, Command] = {**EDITS, **ANSWERS, "from a file": written.command_of(FROM_A_FILE)}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_it_tells_what_would_be_asked_and_where_it_is_from(command: Command, tmp_path: Path) -> None:
    engine = LayingOut()
    (tmp_path / "a.py").write_text(TEXT.replace("‸", ""))
    at = TEXT.index("‸")
    about = Situation(open_file(tmp_path / "a.py").snapshot(), at, at, words="What does it do?", root=tmp_path)
    (told,) = await why(command, asking(engine), about)
    assert len(engine.asked) == 1
    assert told.prompt == engine.asked[0].messages[-1].content
    assert "def main(x):" in told.prompt
    assert (told.model, told.prompt_tokens, told.budget) == ("scripted-instruct", 7, 100)
    assert [(part.source, part.path) for part in told.parts] == [("imports", ""), ("file", "helper")]


async def test_each_part_of_a_long_selection_is_told() -> None:
    small = Settings(engine=EngineSettings(context_tokens=600), commands=Commands(max_tokens=100))
    text = "«" + "\n\n".join(f"def f{i}():\n" + f"    return {i}  # {'x' * 150}\n" for i in range(3)) + "»"
    for command in (EDITS["document"], ANSWERS["explain"]):
        asks = msgspec.structs.replace(asking(LayingOut()), settings=small)
        told = await why(command, asks, Situation(*marked(text)))
        assert len(told) > 1
        assert ["def f0" in told[0].prompt, "def f2" in told[-1].prompt] == [True, True]


async def test_what_cannot_be_asked_is_an_error() -> None:
    with pytest.raises(BadUsage, match="needs an instruction"):
        await why(EDITS["refactor"], asking(LayingOut()), Situation(*marked(TEXT)))


async def test_an_engine_that_is_lost_is_an_error() -> None:
    with pytest.raises(Unavailable):
        await why(EDITS["refactor"], asking(ScriptedChat("x", reason="")), Situation(*marked(TEXT), words="x"))
