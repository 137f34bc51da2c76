"""A session's counting: news in, a file out that holds no text, learning across sessions, and a switch that means it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date
from pathlib import Path

import pytest

from interfix.completion.feedback import Feedback, Shown
from interfix.config.settings import Statistics
from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest
from interfix.models.roles import BaseModel
from interfix.stats.counts import Counts
from interfix.stats.meter import Metered
from interfix.stats.news import Computed
from interfix.stats.store import opened
from interfix.stats.summary import Summary, summary
from interfix.syntax.document import Document, Edit, Encoding
from interfix.values import Finished, Started, StreamEvent, Token

URI = "file:///secret_project/secret_name.py"
SECRET = "launch_the_secret_product(customer)"


def counts(path: Path, *, enabled: bool = True) -> Counts:
    found = Counts(lambda _seconds, look: look())
    found.configure(Statistics(enabled=enabled, file=str(path)))
    return found


def shown(id: str, confidence: float = 0.5) -> Shown:
    return Shown(id, "python", "small", len(SECRET), 1, confidence, cached=False, ahead=False, latency_ms=120, tokens=9)


def a_day(counting: Counts) -> None:
    """Something of everything: typed, asked, shown, accepted, computed."""
    feedback: Feedback = counting
    document = Document(URI, "x = \n")
    counting.changed(URI, "python", document.apply([Edit((0, 0), (0, 1), "")], 1, Encoding.UTF16))
    for character in "yz":
        counting.changed(URI, "python", document.apply([Edit((0, 0), (0, 0), character)], 1, Encoding.UTF16))
    counting.computed(Computed("small", 300, 9))
    feedback.requested("python", "small", 120, cached=False, shown=True)
    feedback.shown(shown("a"))
    counting.placed("a", URI, 5, SECRET, lambda: document.snapshot().data)
    counting.changed(URI, "python", document.apply([Edit((0, 5), (0, 5), SECRET)], 2, Encoding.UTF16))
    feedback.accepted("a", len(SECRET))
    feedback.dismissed("never shown")
    counting.closed(URI)
    counting.close()


def read(path: Path) -> Summary:
    with opened(path) as store:
        return summary(store, date.today())


def test_a_day_is_counted(tmp_path: Path) -> None:
    a_day(counts(tmp_path / "counts"))
    found = read(tmp_path / "counts")
    assert (found.total.shown, found.total.accepted, found.total.saved) == (1, 1, len(SECRET))
    assert (found.total.survived_30s, found.total.survived_5min) == (1.0, 1.0)
    assert (found.typed, found.total.requests, found.work[0].decoded) == (2, 1, 300)


def test_no_source_text_and_no_name_of_a_file_is_in_any_byte_of_it(tmp_path: Path) -> None:
    a_day(counts(tmp_path / "counts"))
    files = list(tmp_path.iterdir())
    assert files
    data = b"".join(file.read_bytes() for file in files)
    assert b"small" in data
    for word in (b"secret", b"launch", b"customer", b"yz"):
        assert word not in data


def test_switched_off_nothing_is_written_and_nothing_learnt(tmp_path: Path) -> None:
    counting = counts(tmp_path / "counts", enabled=False)
    a_day(counting)
    assert counting.threshold("python", 0.4) == 0.4
    assert list(tmp_path.iterdir()) == []


def test_switching_it_off_ends_it_at_once(tmp_path: Path) -> None:
    counting = counts(tmp_path / "counts")
    counting.shown(shown("a"))
    counting.configure(Statistics(enabled=False, file=str(tmp_path / "counts")))
    counting.shown(shown("b"))
    counting.close()
    assert read(tmp_path / "counts").total.shown == 1


def test_what_is_learnt_in_one_session_holds_in_the_next(tmp_path: Path) -> None:
    first = counts(tmp_path / "counts")
    assert first.threshold("python", 0.4) == pytest.approx(0.4)
    for number in range(60):
        first.shown(shown(str(number)))
        first.dismissed(str(number))
    learnt = first.threshold("python", 0.4)
    assert learnt > 0.5
    first.close()
    second = counts(tmp_path / "counts")
    second.loaded()
    assert second.threshold("python", 0.4) == pytest.approx(learnt)
    second.close()


def test_a_store_that_cannot_be_had_is_no_reason_to_fail(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    a_day(counts(tmp_path / "file" / "counts"))
    assert "no statistics are kept" in caplog.text


def test_pasted_text_is_not_typed(tmp_path: Path) -> None:
    counting, document = counts(tmp_path / "counts"), Document(URI, "")
    counting.changed(URI, "python", document.apply([Edit((0, 0), (0, 0), "x" * 30)], 1, Encoding.UTF16))
    counting.changed(URI, "python", document.apply([Edit((0, 0), (0, 0), "()")], 1, Encoding.UTF16))
    counting.close()
    assert read(tmp_path / "counts").typed == 2


class Streaming:
    """An engine that streams one completion."""

    async def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        yield Started(model=request.model.name, prompt_tokens=100, reused_tokens=60)
        for _ in range(5):
            yield Token(text="x", logprob=-0.1)
        yield Finished(reason="end", tokens=5, prefill_ms=1, decode_ms=1)

    def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        raise NotImplementedError

    async def status(self) -> EngineStatus:
        raise NotImplementedError

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(("events", "generated"), [(7, 5), (3, 2), (1, 0)])
async def test_the_meter_counts_also_what_is_closed_early(events: int, generated: int) -> None:
    told: list[Computed] = []
    request = InfillRequest(BaseModel("small", "/s.gguf"), URI, (), prompt_budget=100, max_tokens=9)
    async with aclosing(Metered(Streaming(), told.append).infill(request)) as stream:
        for _ in range(events):
            await anext(stream)
    await asyncio.sleep(0)
    assert told == [Computed("small", 40, generated)]
