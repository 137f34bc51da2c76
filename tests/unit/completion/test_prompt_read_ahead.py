"""Which prompts are read before anybody asks, and what ends that."""

import asyncio
from pathlib import Path

import pytest

from interfix.completion.prompt_read_ahead import NEXT_FILE_SECONDS, PAUSE_SECONDS, CursorPlace, ReadAhead
from interfix.config.settings import CompletionSettings, ContextSettings
from interfix.context.gatherer import Gatherer
from interfix.models.role_check import BaseModel
from interfix.syntax.document import Document
from tests.fake_engine import FakeEngine

MODEL = BaseModel("prepared", "/models/prepared.gguf")
TEXT = "".join(f"value_{i} = {i}\n" for i in range(60))


class Reader:
    """An opened folder of two files, and whoever looks at them; each pause lasts until it is over."""

    def __init__(self, **settings: object) -> None:
        self.engine = FakeEngine()
        self.gatherer = Gatherer(ContextSettings(), 0)
        self.pauses = asyncio.Queue[float]()
        self.over = asyncio.Event()
        self.guesses: list[CursorPlace] = []
        self.following: list[CursorPlace] = []
        completion = CompletionSettings(**settings)  # type: ignore[arg-type]
        self.ahead = ReadAhead(self.engine, completion, self.gatherer, self._get_model, self._guess, sleep=self._sleep)

    def place(self, name: str, line: int) -> CursorPlace:
        snapshot = Document(f"file:///shop/{name}", TEXT, language_id="python").snapshot()
        return CursorPlace(snapshot, snapshot.lines.find_start(line), Path("/shop"))

    async def next_read(self) -> str:
        request = await self.engine.read_ahead.get()
        assert (request.max_tokens, request.is_ahead, request.model) == (0, True, MODEL)
        return request.document.rsplit("/", 1)[1]

    async def _get_model(self) -> BaseModel:
        return MODEL

    def _guess(self, place: CursorPlace) -> list[CursorPlace]:
        self.guesses.append(place)
        return self.following

    async def _sleep(self, seconds: float) -> None:
        self.pauses.put_nowait(seconds)
        await self.over.wait()


async def test_the_file_that_is_looked_at_is_read_and_then_the_one_that_is_likely_next() -> None:
    reader = Reader()
    reader.ahead.begin_request(reader.place("known.py", 1))
    reader.following = [reader.place(name, 10) for name in ("known.py", "b.py", "c.py")]
    reader.ahead.visit(reader.place("a.py", 3))
    assert await reader.pauses.get() == PAUSE_SECONDS
    assert reader.engine.read_ahead.empty(), "not before the cursor rests"
    reader.over.set()
    assert await reader.next_read() == "a.py"
    assert await reader.pauses.get() == NEXT_FILE_SECONDS
    assert await reader.next_read() == "b.py"
    assert reader.ahead._task is not None
    await reader.ahead._task
    assert reader.engine.read_ahead.empty(), "one ahead at most"
    assert len(reader.guesses) == 1
    assert reader.gatherer.last_results == {}, "why tells of what was asked for"


async def test_the_newest_place_counts() -> None:
    reader = Reader()
    reader.ahead.visit(reader.place("a.py", 3))
    reader.ahead.visit(reader.place("b.py", 3))
    reader.over.set()
    assert await reader.next_read() == "b.py"
    assert reader.engine.read_ahead.empty()


async def test_who_looks_at_the_same_place_again_ends_nothing() -> None:
    reader = Reader()
    reader.ahead.visit(reader.place("a.py", 3))
    await reader.pauses.get()
    reader.ahead.visit(reader.place("a.py", 5))
    reader.over.set()
    assert await reader.next_read() == "a.py"
    assert await reader.pauses.get() == NEXT_FILE_SECONDS, "the first visit goes on"


async def test_what_is_asked_for_ends_it_and_is_read_then() -> None:
    reader = Reader()
    reader.ahead.visit(reader.place("a.py", 3))
    await reader.pauses.get()
    reader.ahead.begin_request(reader.place("a.py", 30))
    reader.ahead.visit(reader.place("a.py", 33))
    assert reader.pauses.empty(), "it is the same prompt"
    reader.ahead.visit(reader.place("a.py", 3))
    reader.over.set()
    assert await reader.next_read() == "a.py"


@pytest.mark.parametrize("settings", [{"ahead": False}, {"enabled": False}, {"not_in": ("python",)}])
async def test_nothing_is_read_where_nothing_is_to_be_suggested(settings: dict[str, object]) -> None:
    reader = Reader(**settings)
    reader.ahead.visit(reader.place("a.py", 3))
    assert reader.ahead._task is None


async def test_a_closed_document_is_read_anew_when_it_is_opened() -> None:
    reader = Reader()
    reader.over.set()
    for _ in range(2):
        reader.ahead.visit(reader.place("a.py", 3))
        assert await reader.next_read() == "a.py"
        await asyncio.sleep(0)
        reader.ahead.close_document(reader.place("a.py", 3).snapshot.key)
        reader.ahead.cancel()
