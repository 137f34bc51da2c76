"""A selection that is too long is taken definition by definition, or refused with its size."""

import msgspec
import pytest
from marked import marked

from interfix.commands.document import document
from interfix.commands.explain import explain
from interfix.commands.refactor import refactor
from interfix.commands.room import pieces
from interfix.commands.selection import lines_of
from interfix.commands.situation import Situation
from interfix.config.settings import Commands, EngineSettings, Settings
from interfix.errors import BadUsage
from scripted_chat import ScriptedChat, asking

SMALL = Settings(engine=EngineSettings(context_tokens=600), commands=Commands(max_tokens=100))
"""Room for an edit of 270 bytes."""


def function(name: str, lines: int) -> str:
    return f"def {name}(a):\n" + "    a = a + 1\n" * lines + "    return a\n"


def taken(text: str) -> list[str]:
    snapshot, start, end = marked(f"«{text}»")
    return [piece.code for piece in pieces(lines_of(snapshot, start, end), SMALL, writes=True)]


def test_what_fits_stays_whole() -> None:
    text = function("f", 2) + "\n\n" + function("g", 2)
    assert taken(text) == [text]


def test_what_does_not_is_cut_between_definitions_and_joined_as_far_as_it_fits() -> None:
    f, g, h = (function(name, 5) for name in "fgh")
    assert taken(f"{f}\n\n{g}\n\n{h}") == [f"{f}\n\n{g}".rstrip(), h.rstrip()]


def test_a_long_class_is_cut_between_its_methods() -> None:
    methods = ["".join(f"    {line}\n" for line in function(name, 5).splitlines()) for name in "fgh"]
    found = taken("class A:\n" + "\n".join(methods))
    assert len(found) > 1
    assert all(len(piece) <= 270 for piece in found)
    assert "\n".join(found).replace("\n", "").replace(" ", "") == ("class A:\n" + "\n".join(methods)).replace("\n", "").replace(
        " ", ""
    )


def test_a_definition_that_is_too_long_is_refused_with_its_size() -> None:
    with pytest.raises(BadUsage, match=r"about \d+ tokens long, 90 fit"):
        taken(function("f", 60))


TWO = f"«{function('f', 12)}\n\n{function('g', 12)}»"


async def test_an_edit_of_several_parts_is_one_and_what_failed_is_noted() -> None:
    f, g = (function(name, 12).replace("):\n", '):\n    """Adds."""\n') for name in "fg")
    engine = ScriptedChat(f"```\n{f}```", "no", "no")
    asked = msgspec.structs.replace(asking(engine), settings=SMALL)
    edit = await document(asked, Situation(*marked(TWO)))
    assert edit.result.decode() == f"{f}\n\n{function('g', 12)}"
    assert "gave no edit that can be used" in edit.verdict
    assert len(edit.hunks) == 1
    assert g


async def test_progress_tells_which_part() -> None:
    news: list[str] = []
    engine = ScriptedChat(*[f"```\n{function(name, 3)}```" for name in "fg"])
    asked = msgspec.structs.replace(asking(engine), settings=SMALL, watch=news.append)
    edit = await refactor(asked, Situation(*marked(TWO), words="shorter"))
    assert edit.result.decode() == f"{function('f', 3)}\n\n{function('g', 3)}"
    assert {text.split(":")[0] for text in news} == {"part 1 of 2", "part 2 of 2"}


async def test_a_long_file_is_explained_part_by_part_under_headings() -> None:
    long = function("f", 40) + "\n\n" + function("g", 40)
    settings = msgspec.structs.replace(SMALL, engine=EngineSettings(context_tokens=700))
    engine = ScriptedChat("It is f.", "It is g.")
    asked = msgspec.structs.replace(asking(engine), settings=settings)
    text = "".join([piece async for piece in explain(asked, Situation(*marked(f"«{long}»")))])
    assert text == "## `f` (lines 1 to 42)\n\nIt is f.\n\n## `g` (lines 45 to 86)\n\nIt is g."
