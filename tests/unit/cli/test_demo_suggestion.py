"""The demo shows a suggestion whatever the model says at first; only a model that completes nothing anywhere is told of."""

import ast

from interfix.cli.demo_suggestion import GOOD_PROBABILITY, find_suggestion, read_holes, read_sample
from interfix.cli.installed_pages import locate_page
from interfix.config.settings import CompletionSettings
from interfix.engine.protocol import InfillRequest
from interfix.inference_types import SegmentKind
from interfix.models.role_check import BaseModel
from tests.fake_engine import FakeAnswer, FakeEngine

MODEL = BaseModel("fake-base", "/b.gguf")
SETTINGS = CompletionSettings()


def read_prefix(request: InfillRequest) -> str:
    return "".join(segment.text for segment in request.segments if segment.kind is SegmentKind.PREFIX)


def answer_from(index: int, logprob: float = -0.01) -> FakeEngine:
    """An engine whose first choice is the end, but at one hole, where it continues what the author wrote."""
    hole = read_holes()[index]
    head = hole.snapshot.data[: hole.offset].decode()

    def respond(request: InfillRequest) -> FakeAnswer:
        prefix = read_prefix(request)
        typed = prefix.removeprefix(head) if prefix.startswith(head) else None
        here = typed is not None and hole.missing_text.startswith(typed)
        return FakeAnswer(hole.missing_text[len(typed or "") :] if here else "", logprob)

    return FakeEngine(respond=respond)


def test_the_sample_is_python_and_each_hole_is_a_piece_of_it() -> None:
    ast.parse(read_sample().data.decode())
    holes = read_holes()
    assert len(holes) == 5
    for hole in holes:
        assert hole.snapshot.replace_range(hole.offset, hole.offset, hole.missing_text).data == read_sample().data


async def test_a_model_whose_first_choice_in_the_first_holes_is_the_end() -> None:
    for index, hole in enumerate(read_holes()):
        found = await find_suggestion(answer_from(index), MODEL, SETTINGS)
        assert found is not None
        assert (found.hole.missing_text, found.suggestion.text) == (hole.missing_text, hole.missing_text)
        assert found.typed_text == ""


async def test_the_likeliest_where_none_is_good() -> None:
    found = await find_suggestion(answer_from(2, logprob=-3.0), MODEL, SETTINGS)
    assert found is not None
    assert 0 < found.suggestion.decision.confidence < GOOD_PROBABILITY


async def test_typing_on_where_every_hole_stays_empty() -> None:
    hole = read_holes()[0]
    head = hole.snapshot.data[: hole.offset].decode()

    def respond(request: InfillRequest) -> FakeAnswer:
        typed = read_prefix(request).removeprefix(head)
        return FakeAnswer(hole.missing_text[len(typed) :] if 5 < len(typed) < 40 else "", -0.01)

    found = await find_suggestion(FakeEngine(respond=respond), MODEL, SETTINGS)
    assert found is not None
    assert found.typed_text
    assert found.typed_text + found.suggestion.text == hole.missing_text


async def test_a_model_that_completes_nothing_at_all() -> None:
    assert await find_suggestion(FakeEngine(""), MODEL, SETTINGS) is None


def test_the_pages_it_points_to_are_there() -> None:
    for name in ("editors", "http", "neovim", "protocol", "remote"):
        assert locate_page(name).read_text("utf-8").startswith("# ")
