"""What is done for a document's cache while nobody waits: for the text that is there, in each document's own pauses."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from interfix.engine import idle_slot_decoding, inference_jobs
from interfix.engine.idle_slot_decoding import Upkeep
from interfix.engine.protocol import InfillRequest
from interfix.engine.scheduler import Job
from interfix.models.role_check import BaseModel

MODEL = BaseModel("m", "/m.gguf")
OPEN = inference_jobs.open_gap.__name__
DECODE = inference_jobs.decode_full_prompt.__name__
REFRESH = inference_jobs.refresh_suffix.__name__


class NoModels:
    @contextmanager
    def keep(self, _path: str, _role: object) -> Iterator[None]:
        yield None


class Desk:
    """Documents that are completed in, and the jobs that come of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(idle_slot_decoding, "REFRESH_AFTER_SECONDS", 0.0)
        self.jobs: list[Job] = []
        self.upkeep = Upkeep(self.jobs.append, NoModels())  # type: ignore[arg-type]

    def complete(self, document: str, *, is_ahead: bool = False) -> InfillRequest:
        request = InfillRequest(MODEL, document, (), 100, 0 if is_ahead else 10, is_ahead=is_ahead)
        self.upkeep.begin_request(request)
        return request

    async def wait_for_job(self, key: str) -> Job:
        for _ in range(1000):
            await asyncio.sleep(0)
            if found := [job for job in self.jobs if job.key == key]:
                self.jobs.clear()
                return found[0]
        raise AssertionError(f"{key} was not begun")

    async def list_jobs(self) -> list[str]:
        for _ in range(3):
            await asyncio.sleep(0)
        found = [job.key for job in self.jobs]
        self.jobs.clear()
        return found


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch)


async def test_each_document_has_its_own_pause(desk: Desk) -> None:
    for name in "ab":
        desk.upkeep.end_request(desk.complete(name))
    done = await desk.list_jobs()
    assert [key for key in done if REFRESH in key] == [f"{REFRESH} a", f"{REFRESH} b"]
    assert done[:2] == [f"{OPEN} a", f"{DECODE} a"]


async def test_nothing_is_done_for_a_text_that_is_another_by_now(desk: Desk) -> None:
    older = desk.complete("a")
    newer = desk.complete("a")
    desk.upkeep.end_request(older)
    assert await desk.list_jobs() == []
    desk.upkeep.end_request(newer)
    assert f"{REFRESH} a" in await desk.list_jobs()


async def test_a_pause_ends_with_the_next_request(desk: Desk) -> None:
    desk.upkeep.end_request(desk.complete("a"))
    desk.complete("a")
    assert await desk.list_jobs() == [f"{OPEN} a", f"{DECODE} a"]


async def test_what_is_read_ahead_leaves_alone_what_is_done_for_a_completion(desk: Desk) -> None:
    asked = desk.complete("a")
    desk.upkeep.end_request(desk.complete("a", is_ahead=True))
    assert await desk.list_jobs() == []
    desk.upkeep.end_request(asked)
    assert f"{REFRESH} a" in await desk.list_jobs()
    desk.upkeep.end_request(desk.complete("b", is_ahead=True))
    assert f"{DECODE} b" in await desk.list_jobs(), "the rest of what is read ahead"


async def test_what_a_completion_elsewhere_has_ended_is_done_in_the_next_pause(desk: Desk) -> None:
    desk.upkeep.end_request(desk.complete("a"))
    for is_cancelled in (True, True, False):
        last = await desk.wait_for_job(f"{REFRESH} a")
        last.is_cancelled = is_cancelled
        last.on_end(None)
    assert await desk.list_jobs() == []
    assert desk.upkeep._newest == {}


async def test_nothing_begins_after_the_end(desk: Desk) -> None:
    desk.upkeep.end_request(desk.complete("a"))
    desk.jobs.clear()
    desk.upkeep.close()
    assert await desk.list_jobs() == []


async def test_a_text_for_a_next_edit_leaves_nothing_to_do(desk: Desk) -> None:
    request = InfillRequest(MODEL, "a", (), 100, 10, is_next_edit=True)
    desk.upkeep.begin_request(request)
    desk.upkeep.end_request(request)
    assert await desk.list_jobs() == []
