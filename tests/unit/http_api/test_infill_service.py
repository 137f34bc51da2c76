"""Infills: what the engine is asked, and what of its answer the client sees."""

import asyncio

import pytest

from interfix.engine.protocol import KvReuse
from interfix.errors import UnavailableError
from interfix.http_api.call_types import AnswerEnd, GenerationOptions, InfillCall
from interfix.http_api.fim_prompt_parser import ContextChunk
from interfix.http_api.infill_service import InfillService
from interfix.http_api.served_models import ServedModels
from interfix.inference_types import SegmentKind
from tests.fake_engine import FAKE_MODELS, FakeEngine
from tests.http_client import make_settings
from tests.secret_samples import generate_samples

SECRETS = [sample for sample in generate_samples() if "\n" not in sample.secret]

PREFIX = "import os\n\n\ndef area(width, height):\n    "
SUFFIX = "\n\n\ndef volume(width, height, depth):\n    return area(width, height) * depth\n"


def make_service(engine: FakeEngine) -> InfillService:
    settings = make_settings()
    return InfillService(engine, ServedModels(settings, FAKE_MODELS), settings)


def make_call(prefix: str = PREFIX, suffix: str = SUFFIX, *, max_tokens: int = 64, **changes: object) -> InfillCall:
    options = {name: changes.pop(name) for name in ("stop", "raw", "alternatives") if name in changes}
    return InfillCall(prefix=prefix, suffix=suffix, options=GenerationOptions(max_tokens=max_tokens, **options), **changes)


async def collect(service: InfillService, call: InfillCall) -> tuple[list[str], AnswerEnd]:
    texts: list[str] = []
    async for event in service.stream(call):
        if isinstance(event, AnswerEnd):
            return texts, event
        texts.append(event.text)
    raise AssertionError("no end")


async def fill(said: str, call: InfillCall | None = None, **engine: object) -> tuple[str, AnswerEnd]:
    texts, end = await collect(make_service(FakeEngine(said, **engine)), call or make_call())
    return "".join(texts), end


async def test_the_engine_is_asked_for_the_hole_with_the_document_it_is_in() -> None:
    engine = FakeEngine("return width * height")
    service = make_service(engine)
    await collect(service, make_call())
    await collect(service, make_call(PREFIX + "ret"))
    first, second = engine.requests
    assert [segment.kind for segment in first.segments] == [SegmentKind.PREFIX, SegmentKind.SUFFIX]
    assert [segment.text for segment in first.segments] == [PREFIX, SUFFIX]
    assert first.document == second.document != ""
    assert first.reuse is KvReuse.SPLICE


async def test_other_files_stand_before_it_and_the_last_ranks_first() -> None:
    engine = FakeEngine("x")
    chunks = (ContextChunk("a.py", "A = 1\n"), ContextChunk("b.py", "B = 2\n"))
    await collect(make_service(engine), make_call(chunks=chunks))
    files = [segment for segment in engine.requests[0].segments if segment.kind is SegmentKind.FILE]
    assert [(segment.path, segment.text) for segment in files] == [("a.py", "A = 1\n"), ("b.py", "B = 2\n")]
    assert files[0].rank > files[1].rank > 0


async def test_a_file_more_waits_for_a_warm_up_and_one_that_is_gone_does_not() -> None:
    engine = FakeEngine("x")
    service = make_service(engine)
    one, two, three = (ContextChunk(f"{name}.py", f"{name} = 1\n") for name in "abc")
    for chunks, max_tokens in (
        ((one, two), 9),
        ((one, two, three), 9),
        ((one, two, three), 0),
        ((one, two, three), 9),
        ((two,), 9),
    ):
        await collect(service, make_call(chunks=chunks, max_tokens=max_tokens))
    shown = [[segment.path[0] for segment in request.segments if segment.kind is SegmentKind.FILE] for request in engine.requests]
    assert shown == [["a", "b"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"], ["b"]]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("return width * height\n\n\ndef volume(width, height, depth):\n    return 1\n", "return width * height"),
        ("return width * height\n" * 8, "return width * height"),
        ("return width * height\n<|fim_middle|>x", "return width * height"),
        ("return width * height\n```\nThis is", "return width * height"),
        ("return width * height\n\n\n\nclass A:\n    pass\n", "return width * height"),
    ],
    ids=["suffix", "loop", "marker", "fence", "next"],
)
async def test_an_answer_ends_where_it_runs_over(said: str, kept: str) -> None:
    assert (await fill(said))[0] == kept


@pytest.mark.parametrize(
    "said", ["return width * height\n\n\ndef volume(width, height, depth):\n    return 1\n", "return 1\n" * 30, "\n \n"]
)
async def test_raw_is_what_the_model_says(said: str) -> None:
    assert (await fill(said, make_call(raw=True)))[0] == said


async def test_a_stop_text_ends_the_answer_and_is_no_part_of_it() -> None:
    text, end = await fill("return width;;height", make_call(stop=("?", ";;"), raw=True))
    assert (text, end.reason, end.stop_word) == ("return width", "word", ";;")


async def test_the_engine_is_closed_at_a_stop() -> None:
    engine = FakeEngine("return width; and more and more and more")
    await collect(make_service(engine), make_call(stop=(";",)))
    assert await engine.endings.get() == "closed"


async def test_a_line_that_is_indented_less_ends_the_answer() -> None:
    text, _ = await fill("return 1\n    x = 2\nclass A:\n    pass", make_call(raw=True, min_indent=4))
    assert text == "return 1\n    x = 2"


async def test_a_line_under_way_is_held_back_until_it_is_safe() -> None:
    texts, _ = await collect(make_service(FakeEngine("a = 1\n    b = 2\n    return a\n")), make_call())
    assert len(texts) > 1
    assert "".join(texts) == "a = 1\n    b = 2\n    return a"


async def test_raw_text_is_given_as_it_comes() -> None:
    texts, _ = await collect(make_service(FakeEngine("return width")), make_call(raw=True))
    assert len(texts) == 4


async def test_files_alone_warm_the_document_that_was_asked_about_last() -> None:
    engine = FakeEngine("x")
    service = make_service(engine)
    warm_up = make_call("", "", max_tokens=0, chunks=(ContextChunk("a.py", "A = 1\n"),))
    assert (await collect(service, warm_up))[1].tokens == 0
    assert engine.requests == []
    await collect(service, make_call())
    await collect(service, warm_up)
    asked, warmed = engine.requests
    assert (warmed.document, warmed.max_tokens) == (asked.document, 0)
    assert warmed.segments[1:] == asked.segments
    assert warmed.segments[0].path == "a.py"


async def test_a_warm_up_that_another_request_ends_is_no_error() -> None:
    engine = FakeEngine("", end_reason="")
    texts, end = await collect(make_service(engine), make_call(max_tokens=0))
    assert (texts, end.reason) == ([], "length")


async def test_half_an_answer_is_an_error() -> None:
    with pytest.raises(UnavailableError):
        await fill("return wid", end_reason="")


@pytest.mark.parametrize("place", ["prefix", "suffix", "across", "chunk"])
async def test_no_secret_reaches_the_engine(place: str) -> None:
    leaked = []
    for sample in SECRETS[::9]:
        code, secret = sample.text, sample.secret
        at = code.index(secret) + len(secret) // 2
        engine = FakeEngine("x")
        calls = {
            "prefix": make_call(f"{code}\nx = ", SUFFIX),
            "suffix": make_call(PREFIX, f"\n{code}\n"),
            "across": make_call(code[:at], code[at:]),
            "chunk": make_call(chunks=(ContextChunk("a", code),)),
        }
        await collect(make_service(engine), calls[place])
        text = "".join(segment.text for segment in engine.requests[0].segments)
        leaked += [sample.shape] if secret in text else []
    assert leaked == []


async def test_of_many_files_the_last_are_looked_at() -> None:
    engine = FakeEngine("x")
    chunks = tuple(ContextChunk(f"{n}.py", "value = 1\n" * 500) for n in range(5000))
    await collect(make_service(engine), make_call(chunks=chunks))
    files = [segment for segment in engine.requests[0].segments if segment.kind is SegmentKind.FILE]
    assert files[-1].path == "4999.py"
    assert sum(len(segment.text) for segment in files) < 100_000


async def test_no_more_of_a_long_text_is_looked_at_than_can_be_shown() -> None:
    engine = FakeEngine("x")
    text = "some_name = other_name + 1\n" * 200_000
    async with asyncio.timeout(60):
        await collect(make_service(engine), make_call(text, text))
    assert sum(len(segment.text) for segment in engine.requests[0].segments) < 200_000
