"""A selection that is too long is taken definition by definition, or refused with its size."""

import msgspec
import pytest

from interfix.commands.command_request import CommandRequest
from interfix.commands.explain import explain
from interfix.commands.refactor import refactor
from interfix.commands.selection import expand_to_lines
from interfix.commands.selection_splitting import split_selection
from interfix.commands.write_documentation import write_documentation
from interfix.config.settings import CommandSettings, EngineSettings, Settings
from interfix.errors import UsageError
from tests.fake_engine import FakeEngine, make_instruct_client
from tests.unit.commands.marked_text import parse_marked

SMALL = Settings(engine=EngineSettings(context_tokens=600), commands=CommandSettings(max_tokens=100))
"""Room for an edit of 270 bytes."""


def make_function(name: str, lines: int) -> str:
    return f"def {name}(a):\n" + "    a = a + 1\n" * lines + "    return a\n"


def list_pieces(text: str) -> list[str]:
    snapshot, start, end = parse_marked(f"«{text}»")
    return [piece.code for piece in split_selection(expand_to_lines(snapshot, start, end), SMALL, is_rewrite=True)]


def test_what_fits_stays_whole() -> None:
    text = make_function("f", 2) + "\n\n" + make_function("g", 2)
    assert list_pieces(text) == [text]


def test_what_does_not_is_cut_between_definitions_and_joined_as_far_as_it_fits() -> None:
    f, g, h = (make_function(name, 5) for name in "fgh")
    assert list_pieces(f"{f}\n\n{g}\n\n{h}") == [f"{f}\n\n{g}".rstrip(), h.rstrip()]


def test_a_long_class_is_cut_between_its_methods() -> None:
    methods = ["".join(f"    {line}\n" for line in make_function(name, 5).splitlines()) for name in "fgh"]
    found = list_pieces("class A:\n" + "\n".join(methods))
    assert len(found) > 1
    assert all(len(piece) <= 270 for piece in found)
    assert "\n".join(found).replace("\n", "").replace(" ", "") == ("class A:\n" + "\n".join(methods)).replace("\n", "").replace(
        " ", ""
    )


def test_a_definition_that_is_too_long_is_refused_with_its_size() -> None:
    with pytest.raises(UsageError, match=r"about \d+ tokens long, 90 fit"):
        list_pieces(make_function("f", 60))


TWO = f"«{make_function('f', 12)}\n\n{make_function('g', 12)}»"


async def test_an_edit_of_several_parts_is_one_and_what_failed_is_noted() -> None:
    f, g = (make_function(name, 12).replace("):\n", '):\n    """Adds."""\n') for name in "fg")
    engine = FakeEngine(f"```\n{f}```", "no", "no")
    asked = msgspec.structs.replace(make_instruct_client(engine), settings=SMALL)
    edit = await write_documentation(asked, CommandRequest(*parse_marked(TWO)))
    assert edit.result.decode() == f"{f}\n\n{make_function('g', 12)}"
    assert "gave no edit that can be used" in edit.summary
    assert len(edit.hunks) == 1
    assert g


async def test_progress_tells_which_part() -> None:
    news: list[str] = []
    engine = FakeEngine(*[f"```\n{make_function(name, 3)}```" for name in "fg"])
    asked = msgspec.structs.replace(make_instruct_client(engine), settings=SMALL, on_progress=news.append)
    edit = await refactor(asked, CommandRequest(*parse_marked(TWO), instruction="shorter"))
    assert edit.result.decode() == f"{make_function('f', 3)}\n\n{make_function('g', 3)}"
    assert {text.split(":")[0] for text in news} == {"part 1 of 2", "part 2 of 2"}


async def test_a_long_file_is_explained_part_by_part_under_headings() -> None:
    long = make_function("f", 40) + "\n\n" + make_function("g", 40)
    settings = msgspec.structs.replace(SMALL, engine=EngineSettings(context_tokens=700))
    engine = FakeEngine("It is f.", "It is g.")
    asked = msgspec.structs.replace(make_instruct_client(engine), settings=settings)
    text = "".join([piece async for piece in explain(asked, CommandRequest(*parse_marked(f"«{long}»")))])
    assert text == "## `f` (lines 1 to 42)\n\nIt is f.\n\n## `g` (lines 45 to 86)\n\nIt is g."


async def test_a_selection_is_cut_to_what_the_model_was_trained_on() -> None:
    text = "".join(make_function(name, 20) for name in "fgh")
    snapshot, start, end = parse_marked(f"«{text}»")
    counts = []
    for trained_tokens in (0, 4096, 600):
        client = make_instruct_client(FakeEngine(), max_tokens=100)
        client = msgspec.structs.replace(client, model=msgspec.structs.replace(client.model, trained_tokens=trained_tokens))
        tokens = client.budget_settings.engine.context_tokens
        pieces = split_selection(expand_to_lines(snapshot, start, end), client.budget_settings, is_rewrite=False)
        counts.append((tokens, len(pieces)))
    assert counts[0] == counts[1] == (4096, 1)
    assert counts[2][0] == 600
    assert counts[2][1] > 1
