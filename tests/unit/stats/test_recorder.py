"""A session's counting: news in, a file out that holds no text, learning across sessions, and a switch that means it."""

import asyncio
from contextlib import aclosing
from datetime import date
from pathlib import Path

import pytest

from interfix.completion.feedback_listener import Feedback, ShownSuggestion
from interfix.config.settings import StatisticsSettings
from interfix.engine.protocol import InfillRequest
from interfix.models.role_check import BaseModel
from interfix.stats.events import ComputeRecord
from interfix.stats.metered_engine import MeteredEngine
from interfix.stats.recorder import StatisticsRecorder
from interfix.stats.store import open_store
from interfix.stats.summary import StatisticsSummary, build_summary
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding
from tests.fake_engine import FakeEngine

URI = "file:///secret_project/secret_name.py"
SECRET = "launch_the_secret_product(customer)"


def make_recorder(path: Path, *, enabled: bool = True) -> StatisticsRecorder:
    found = StatisticsRecorder(lambda _seconds, look: look())
    found.configure(StatisticsSettings(enabled=enabled, file=str(path)))
    return found


def make_shown(id: str, confidence: float = 0.5) -> ShownSuggestion:
    return ShownSuggestion(id, "python", "small", len(SECRET), 1, confidence, cached=False, ahead=False, latency_ms=120, tokens=9)


def simulate_day(counting: StatisticsRecorder) -> None:
    """Something of everything: typed, asked, shown, accepted, computed."""
    feedback: Feedback = counting
    document = Document(URI, "x = \n")
    counting.record_edit(URI, "python", document.apply([DocumentEdit((0, 0), (0, 1), "")], 1, PositionEncoding.UTF16))
    for character in "yz":
        counting.record_edit(URI, "python", document.apply([DocumentEdit((0, 0), (0, 0), character)], 1, PositionEncoding.UTF16))
    counting.record_compute(ComputeRecord("small", 300, 9))
    feedback.record_request("python", "small", 120, cached=False, has_suggestion=True)
    feedback.record_shown(make_shown("a"))
    counting.track_retention("a", URI, 5, SECRET, lambda: document.snapshot().data)
    counting.record_edit(URI, "python", document.apply([DocumentEdit((0, 5), (0, 5), SECRET)], 2, PositionEncoding.UTF16))
    feedback.record_accepted("a", len(SECRET))
    feedback.record_dismissed("never shown")
    counting.close_document(URI)
    counting.close()


def read_summary(path: Path) -> StatisticsSummary:
    with open_store(path) as store:
        return build_summary(store, date.today())


def test_a_day_is_counted(tmp_path: Path) -> None:
    simulate_day(make_recorder(tmp_path / "counts"))
    found = read_summary(tmp_path / "counts")
    assert (found.total.shown, found.total.accepted, found.total.saved) == (1, 1, len(SECRET))
    assert (found.total.survived_30s, found.total.survived_5min) == (1.0, 1.0)
    assert (found.typed, found.total.requests, found.work[0].decoded) == (2, 1, 300)


def test_no_source_text_and_no_name_of_a_file_is_in_any_byte_of_it(tmp_path: Path) -> None:
    simulate_day(make_recorder(tmp_path / "counts"))
    files = list(tmp_path.iterdir())
    assert files
    data = b"".join(file.read_bytes() for file in files)
    assert b"small" in data
    for word in (b"secret", b"launch", b"customer", b"yz"):
        assert word not in data


def test_switched_off_nothing_is_written_and_nothing_learnt(tmp_path: Path) -> None:
    counting = make_recorder(tmp_path / "counts", enabled=False)
    simulate_day(counting)
    assert counting.get_threshold("python", 0.4) == 0.4
    assert list(tmp_path.iterdir()) == []


def test_switching_it_off_ends_it_at_once(tmp_path: Path) -> None:
    counting = make_recorder(tmp_path / "counts")
    counting.record_shown(make_shown("a"))
    counting.configure(StatisticsSettings(enabled=False, file=str(tmp_path / "counts")))
    counting.record_shown(make_shown("b"))
    counting.close()
    assert read_summary(tmp_path / "counts").total.shown == 1


def test_what_is_learnt_in_one_session_holds_in_the_next(tmp_path: Path) -> None:
    first = make_recorder(tmp_path / "counts")
    assert first.get_threshold("python", 0.4) == pytest.approx(0.4)
    for number in range(60):
        first.record_shown(make_shown(str(number)))
        first.record_dismissed(str(number))
    learnt = first.get_threshold("python", 0.4)
    assert learnt > 0.5
    first.close()
    second = make_recorder(tmp_path / "counts")
    second.wait_until_loaded()
    assert second.get_threshold("python", 0.4) == pytest.approx(learnt)
    second.close()


def test_a_store_that_cannot_be_had_is_no_reason_to_fail(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    simulate_day(make_recorder(tmp_path / "file" / "counts"))
    assert "no statistics are kept" in caplog.text


def test_pasted_text_is_not_typed(tmp_path: Path) -> None:
    counting, document = make_recorder(tmp_path / "counts"), Document(URI, "")
    counting.record_edit(URI, "python", document.apply([DocumentEdit((0, 0), (0, 0), "x" * 30)], 1, PositionEncoding.UTF16))
    counting.record_edit(URI, "python", document.apply([DocumentEdit((0, 0), (0, 0), "()")], 1, PositionEncoding.UTF16))
    counting.close()
    assert read_summary(tmp_path / "counts").typed == 2


@pytest.mark.parametrize(("events", "generated"), [(7, 5), (3, 2), (1, 0)])
async def test_the_meter_counts_also_what_is_closed_early(events: int, generated: int) -> None:
    told: list[ComputeRecord] = []
    request = InfillRequest(BaseModel("small", "/s.gguf"), URI, (), prompt_budget=100, max_tokens=9)
    async with aclosing(MeteredEngine(FakeEngine("12345", piece_length=1), told.append).infill(request)) as stream:
        for _ in range(events):
            await anext(stream)
    await asyncio.sleep(0)
    assert told == [ComputeRecord("small", 7, generated)]
