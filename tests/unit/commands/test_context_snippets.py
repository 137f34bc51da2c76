"""What the model is shown beside the code: what is wrong, what is imported, what its names mean; secrets masked."""

from pathlib import Path
from typing import cast

import msgspec
import pytest

from interfix.commands import context_snippets as module
from interfix.commands.command_request import CommandRequest, Diagnostic
from interfix.commands.context_snippets import gather_context
from interfix.commands.explain import explain
from interfix.commands.selection import resolve_selection
from interfix.context.index import Definition, WorkspaceIndex
from interfix.inference_types import ContextSnippet
from interfix.masking import Masker
from tests.fake_engine import FakeEngine, make_instruct_client
from tests.unit.commands.marked_text import parse_marked

TEXT = '''import os
from base import Base


def helper(value):
    """Helps."""
    secret = 1
    return value


def unused():
    return 1


«def main(value):
    return helper(Base(value), os.sep)»
'''


class FakeDefinitionIndex:
    """Knows one definition elsewhere."""

    def find_definitions(self, names: list[str], limit: int = 20) -> list[Definition]:
        known = {"Base": Definition("lib/base.py", "Base", "class", 3, "class Base:\n    def of(self): ...")}
        return [known[name] for name in names if name in known][:limit]


def make_request(text: str = TEXT, **more: object) -> CommandRequest:
    return msgspec.structs.replace(CommandRequest(*parse_marked(text)), **more)


def show_context(situation: CommandRequest, room: int = 10_000) -> tuple[ContextSnippet, ...]:
    return gather_context(situation, resolve_selection(situation.snapshot, situation.start, situation.end), room, Masker())


def test_imports_and_what_it_uses_of_its_file_and_of_others() -> None:
    situation = make_request(index=cast(WorkspaceIndex, FakeDefinitionIndex()), root=Path("/t"))
    pieces = show_context(situation)
    assert [(piece.source, piece.name) for piece in pieces] == [
        ("imports", ""),
        ("file", "helper"),
        ("definitions", "lib/base.py Base"),
    ]
    imports, file, definitions = (piece.text for piece in pieces)
    assert "import os\nfrom base import Base" in imports
    assert "def helper(value):" in file
    assert '"""Helps."""' in file
    assert "secret" not in file
    assert "unused" not in file
    assert definitions.startswith("From lib/base.py:\n")
    assert "class Base:" in definitions


def test_diagnostics_come_first_by_the_selections_own_lines() -> None:
    start = TEXT.replace("«", "").index("helper(Base")
    diagnostics = (
        Diagnostic(start, start + 6, "too many\narguments", "pyright"),
        Diagnostic(0, 3, "elsewhere"),
    )
    first = show_context(make_request(diagnostics=diagnostics))[0]
    assert (first.source, first.text) == ("diagnostics", "Reported for the code below:\n- line 2: too many arguments (pyright)")


def test_what_has_no_room_is_left_out_from_the_end_and_told() -> None:
    everything = show_context(make_request())
    size = len(everything[0].text.encode())
    first, second = show_context(make_request(), size)
    assert first == everything[0]
    assert (second.name, second.text, second.left) == ("helper", "", f"beyond {size} bytes of context")
    assert not any(piece.text for piece in show_context(make_request(), size - 1))


def test_secrets_are_masked() -> None:
    token = "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    text = f"def login(t='{token}'):\n    return t\n\n\n«def main():\n    return login()»\n"
    (piece,) = show_context(make_request(text))
    assert token not in piece.text
    assert "def login" in piece.text


def test_a_source_that_fails_is_left_out(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_situation: object, _selection: object) -> list[tuple[str, str]]:
        raise RuntimeError("no")

    monkeypatch.setitem(module._SOURCES, "imports", fail)
    assert [piece.source for piece in show_context(make_request())] == ["file"]
    assert "context source imports failed" in caplog.text


async def test_the_engine_is_given_it_apart_from_the_request_so_that_it_can_be_cut_to_the_token() -> None:
    engine = FakeEngine("x")
    async for _ in explain(make_instruct_client(engine), make_request()):
        pass
    message = engine.requests[0].messages[1]
    assert [piece.text.split("\n")[0] for piece in message.context] == ["The file imports:", "From the same file:"]
    assert "def main(value):" in message.content
