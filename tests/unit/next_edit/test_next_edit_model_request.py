"""A next-edit model is asked for a region: what it is shown, and what of its answers is taken."""

import msgspec
import pytest

from interfix.errors import UnavailableError
from interfix.inference_types import EditWindow, GenerationStart, PastEdit
from interfix.masking import mask
from interfix.models.role_check import NextEditModel
from interfix.next_edit.next_edit_model_request import NextEditProposer
from tests.fake_engine import FakeAnswer, FakeEngine

EDIT = PastEdit(mask("a.py"), 0, mask("count = 1\n"), mask("total = 1\n"))


def make_window(region: str, **others: object) -> EditWindow:
    values: dict[str, object] = {"path": mask("a.py"), "line": 1, "before": mask("total = 1\n"), "region": mask(region)}
    values |= {"after": mask(""), "cursor": 0, "original": mask(region)}
    return EditWindow(**(values | others))  # type: ignore[arg-type]


async def propose(engine: FakeEngine, window: EditWindow, model: str = "sweep-next-edit-1.5b") -> str | None:
    rewritten = await NextEditProposer(engine, NextEditModel(model, "/m.gguf")).propose([EDIT], window)
    return rewritten.text if rewritten else None


async def test_the_new_text_of_the_region() -> None:
    engine = FakeEngine("\nprint(total)\n")
    assert await propose(engine, make_window("print(count)\n")) == "print(total)\n"
    (request,) = engine.requests
    assert request.parts.edits == (EDIT,)
    assert request.prompt_lookup


async def test_an_answer_that_was_cut_off_is_nothing() -> None:
    assert await propose(FakeEngine("\nprint(total)\n", end_reason="length"), make_window("print(count)\n")) is None


async def test_windows_line_ends_stay() -> None:
    engine = FakeEngine("\nprint(total)\nx\n")
    assert await propose(engine, make_window("print(count)\r\nx\r\n", cursor=15)) == "print(total)\r\nx\r\n"
    window = engine.requests[0].parts.window
    assert (window.region, window.cursor) == ("print(count)\nx\n", 14)


@pytest.mark.parametrize("region", ["a\r\nb\n", "a\rb\n", "x\n" * 80])
async def test_what_cannot_be_given_back_as_it_is_is_not_asked(region: str) -> None:
    engine = FakeEngine("x")
    assert await propose(engine, make_window(region)) is None
    assert engine.requests == []


async def test_the_layout_is_that_of_the_model_that_answers() -> None:
    # The settings may name a server only; the model says its name when it answers.
    start = GenerationStart("zed-industries/zeta-2", 7, 0)
    engine = FakeEngine(respond=lambda _: FakeAnswer("print(total)\n", start=start))
    assert await propose(engine, make_window("print(count)\n"), "the model of llama-server") == "print(total)\n"


async def test_a_region_with_a_secret_is_not_asked_about() -> None:
    secret = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    engine = FakeEngine("x")
    window = make_window("x\n")
    masked = mask(f'token = "{secret}"\n')
    assert masked != f'token = "{secret}"\n'
    assert await propose(engine, msgspec.structs.replace(window, region=masked, has_secret=True)) is None
    assert engine.requests == []


async def test_a_model_that_cannot_be_had_is_told() -> None:
    engine = FakeEngine("x")
    engine.failure = UnavailableError("It has gone.")
    with pytest.raises(UnavailableError):
        await propose(engine, make_window("x\n"))


async def test_it_is_as_sure_as_it_was_where_it_was_least_sure() -> None:
    proposer = NextEditProposer(FakeEngine("\nprint(total)\n", logprob=-0.7), NextEditModel("sweep-next-edit-1.5b", "/m.gguf"))
    rewritten = await proposer.propose([EDIT], make_window("print(count)\n"))
    assert rewritten is not None
    assert rewritten.certainty == pytest.approx(0.4966, abs=1e-3)
