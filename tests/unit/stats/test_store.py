"""The file of counts: what goes in comes out added up, from several processes, and never a word of anybody's code."""

import logging
import multiprocessing
import sqlite3
import stat
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from interfix.completion.feedback_listener import ShownSuggestion
from interfix.next_edit.feedback_listener import ShownNextEdit
from interfix.stats.events import (
    ComputeRecord,
    NextEditOutcome,
    OutcomeRecord,
    RequestRecord,
    RetentionRecord,
    StatisticsEvent,
    SuggestionOutcome,
    TypingRecord,
)
from interfix.stats.store import MAX_AGE_DAYS, StatisticsStore, choose_bucket, compute_bucket_ms, open_store
from interfix.stats.summary import StatisticsSummary, build_summary
from interfix.stats.summary_text import describe_summary

TODAY = date.today()


def make_shown(id: str, language: str = "python", model: str = "small", **other: object) -> ShownSuggestion:
    fields = {"characters": 20, "lines": 1, "confidence": 0.7, "cached": False, "ahead": False, "latency_ms": 200.0, "tokens": 6}
    return ShownSuggestion(id=id, language=language, model=model, **{**fields, **other})  # type: ignore[arg-type]


def record_day(path: Path, *news: StatisticsEvent, day: date = TODAY) -> StatisticsSummary:
    with open_store(path) as store:
        store.write(news, day)
        return build_summary(store, TODAY - timedelta(days=10))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "counts.sqlite3"


def test_what_became_of_suggestions(path: Path) -> None:
    found = record_day(
        path,
        make_shown("a"),
        make_shown("b", cached=True),
        make_shown("c"),
        make_shown("d", language="go"),
        make_shown("e"),
        make_shown("f"),
        OutcomeRecord("a", SuggestionOutcome.ACCEPTED, 20),
        OutcomeRecord("b", SuggestionOutcome.PARTIAL, 5),
        OutcomeRecord("d", SuggestionOutcome.DISMISSED, 0),
        OutcomeRecord("e", SuggestionOutcome.ACCEPTED, 0),
        OutcomeRecord("f", SuggestionOutcome.IGNORED, 0),
        RetentionRecord("a", 30, 1.0),
        RetentionRecord("b", 30, 0.5),
        RetentionRecord("a", 300, 0.25),
        TypingRecord("python", 70),
        TypingRecord("python", 5),
    )
    total = found.total
    assert (total.shown, total.accepted, total.partly, total.saved) == (6, 1, 1, 25)
    assert (total.typed_along, total.dismissed, total.ignored) == (1, 1, 2), "the one that nothing was heard of is ignored"
    assert (total.survived_30s, total.survived_5min) == (0.75, 0.25)
    assert total.acceptance == pytest.approx(2 / 6), "what was typed by hand was not taken"
    assert found.saved_share == pytest.approx(25 / 100)
    assert [(group.language, group.shown, group.saved) for group in found.languages] == [("python", 5, 25), ("go", 1, 0)]
    (day,) = found.days
    assert (day.day, day.shown, day.accepted, day.not_taken, day.saved, day.typed) == (TODAY, 6, 2, 4, 25, 75)
    first, second, _ = describe_summary(found)
    assert first.startswith("25% of what would have been typed since ")
    assert first.endswith("Five minutes after a suggestion was taken, 25% of it was still there.")
    assert second.startswith(
        "Of 6 suggestions shown, 17% were taken whole, 17% in part and 17% typed along; 17% were dismissed, 33% "
    )


def test_figures_are_kept_apart_by_language_and_model(path: Path) -> None:
    found = record_day(
        path,
        make_shown("a"),
        make_shown("b", model="big"),
        make_shown("c", model="big"),
        RequestRecord("go", "big", 100, cached=True, has_suggestion=False),
    )
    groups = [(group.language, group.model, group.shown, group.requests) for group in found.groups]
    assert groups == [("python", "big", 2, 0), ("python", "small", 1, 0), ("go", "big", 0, 1)]


def test_latency_comes_back_within_a_bucket(path: Path) -> None:
    asked = [RequestRecord("python", "small", float(ms), cached=ms <= 20, has_suggestion=True) for ms in range(1, 101)]
    asked += [RequestRecord("python", "small", 5000, cached=cached, has_suggestion=False) for cached in (True, False)]
    total = record_day(path, *asked).total
    assert (total.requests, total.answers, total.at_hand, total.at_hand_share) == (102, 100, 20, 0.2)
    assert total.p50_ms == pytest.approx(60, rel=0.09), "what was at hand took no time to compute"
    assert total.p95_ms == pytest.approx(96, rel=0.09)


@pytest.mark.parametrize("ms", [0.0, 0.3, 1.0, 7.0, 250.0, 61_234.0])
def test_a_bucket_is_nine_percent_wide(ms: float) -> None:
    assert compute_bucket_ms(choose_bucket(ms)) == pytest.approx(max(ms, 0.5), rel=0.09, abs=0.5)


def test_what_the_engine_computed(path: Path) -> None:
    (work,) = record_day(path, ComputeRecord("small", 100, 8), ComputeRecord("small", 20, 1)).work
    assert (work.streams, work.decoded, work.generated) == (2, 120, 9)


def test_nothing_is_nothing(path: Path) -> None:
    found = record_day(path)
    assert (found.total.shown, found.total.acceptance, found.total.survived_30s, found.saved_share) == (0, None, None, None)
    assert found.days == found.groups == found.latencies == ()


def test_earlier_days_are_left_out_and_old_ones_forgotten(path: Path) -> None:
    record_day(
        path,
        make_shown("old"),
        TypingRecord("go", 3),
        RequestRecord("go", "m", 1, cached=False, has_suggestion=True),
        day=TODAY - timedelta(days=MAX_AGE_DAYS + 1),
    )
    record_day(path, make_shown("earlier"), day=TODAY - timedelta(days=20))
    assert [day.shown for day in record_day(path, make_shown("new")).days] == [1]
    with open_store(path) as store:
        assert store.fetch_rows("SELECT id FROM suggestion ORDER BY id") == [("earlier",), ("new",)]
        assert store.fetch_rows("SELECT * FROM typing") == store.fetch_rows("SELECT * FROM request") == []


def test_an_id_is_counted_once(path: Path) -> None:
    assert record_day(path, make_shown("a"), make_shown("a")).total.shown == 1


def test_reset_forgets_everything_and_forgetting_samples_keeps_the_counts(path: Path) -> None:
    record_day(
        path,
        make_shown("a"),
        make_shown("b"),
        OutcomeRecord("a", SuggestionOutcome.ACCEPTED, 20),
        OutcomeRecord("b", SuggestionOutcome.PARTIAL, 5),
        TypingRecord("go", 3),
    )
    with open_store(path) as store:
        assert [(sample.confidence, sample.accepted_share) for sample in store.read_samples(10)] == [(0.7, 1.0), (0.7, 0.25)]
        assert len(store.read_samples(1)) == 1
        store.forget_samples()
        assert store.read_samples(10) == []
        store.write([make_shown("c"), OutcomeRecord("c", SuggestionOutcome.DISMISSED, 0)], TODAY)
        assert [sample.accepted_share for sample in store.read_samples(10)] == [0.0]
        assert build_summary(store, TODAY).total.shown == 3
        store.reset()
        assert build_summary(store, TODAY).total.shown == 0
        assert store.fetch_rows("SELECT * FROM typing") == []


def write_many(path: Path, name: str) -> None:
    with open_store(path) as store:
        for number in range(100):
            store.write(
                [make_shown(f"{name}{number}"), RequestRecord("python", "small", 10, cached=False, has_suggestion=False)], TODAY
            )


@pytest.mark.slow
def test_two_processes_write_at_once(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_many, args=(path, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    total = record_day(path).total
    assert (total.shown, total.requests) == (200, 200)


@pytest.mark.parametrize("garbage", [b"no database at all, " * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_begun_anew_and_told(path: Path, garbage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    path.write_bytes(garbage)
    with caplog.at_level(logging.WARNING):
        assert record_day(path, make_shown("a")).total.shown == 1
    assert "damaged" in caplog.text
    assert str(path) in caplog.text


def test_a_file_damaged_while_it_is_open_loses_no_news(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_store(path) as store:
        with open_store(path) as other:
            other.write([make_shown(str(number)) for number in range(200)], TODAY)
            other.fetch_rows("PRAGMA wal_checkpoint(TRUNCATE)")
        data = path.read_bytes()
        path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
        store.write([make_shown("new")], TODAY)
        assert store.fetch_rows("SELECT id FROM suggestion") == [("new",)]
    assert "damaged" in caplog.text


def test_a_file_out_of_reach_is_not_taken_for_damaged(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises((sqlite3.Error, OSError)):
        StatisticsStore(path)
    assert path.is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such bits")
def test_only_the_user_may_read_it(path: Path) -> None:
    record_day(path, make_shown("a"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def make_next_edit(id: str, finder: str = "rename", **other: object) -> ShownNextEdit:
    fields = {
        "language": "python",
        "model": "",
        "characters": 5,
        "removed": 4,
        "lines_away": 3,
        "certainty": 0.9,
        "latency_ms": 4.0,
    }
    return ShownNextEdit(id=id, finder=finder, **{**fields, **other})  # type: ignore[arg-type]


def test_next_edits_are_counted_apart(path: Path) -> None:
    found = record_day(
        path,
        make_next_edit("a"),
        make_next_edit("b"),
        make_next_edit("c", finder="repeat"),
        NextEditOutcome("a", accepted=True),
        NextEditOutcome("b", accepted=False),
    )
    figures = [(each.finder, each.shown, each.accepted, each.dismissed, each.characters) for each in found.next_edits]
    assert figures == [("rename", 2, 1, 1, 9), ("repeat", 1, 0, 0, 0)]
    assert (found.total.shown, found.total.accepted, found.total.saved) == (0, 0, 0)


def test_what_is_not_known_yet_is_not_told(path: Path) -> None:
    cached = RequestRecord("go", "big", 100, cached=True, has_suggestion=False)
    saved, became, times = describe_summary(record_day(path, cached))
    assert not any("–" in sentence or " 0 " in sentence for sentence in (saved, became, times))
    assert saved.startswith("Nothing of what was written since ")
    assert times == "No request was answered with a suggestion yet."
    assert became == "No suggestion was shown yet."
    assert describe_summary(record_day(path, make_shown("a")))[1].startswith("Of 1 suggestion shown, ")
