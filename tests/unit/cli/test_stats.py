"""`interfix stats` as it is called: tables, JSON, a page, days, resets, and sentences where there is nothing."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfix.cli import app
from interfix.cli import stats as command
from interfix.completion.feedback_listener import ShownSuggestion
from interfix.config.settings import CompletionSettings, Settings, StatisticsSettings
from interfix.errors import UnavailableError, UsageError
from interfix.stats.events import OutcomeRecord, RequestRecord, RetentionRecord, StatisticsEvent, SuggestionOutcome, TypingRecord
from interfix.stats.store import open_store


def make_shown(id: str, language: str = "python") -> ShownSuggestion:
    return ShownSuggestion(id, language, "small", 20, 1, 0.6, cached=False, ahead=False, latency_ms=150, tokens=6)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "counts"
    settings = Settings(statistics=StatisticsSettings(file=str(path)), completion=CompletionSettings(threshold=0.4))
    monkeypatch.setattr(command, "load_settings", lambda: settings)
    return path


def record_events(file: Path, *news: StatisticsEvent, age: int = 0) -> None:
    with open_store(file) as store:
        store.write(news, date.today() - timedelta(days=age))


@pytest.fixture
def recorded_statistics(file: Path) -> Path:
    news = [
        make_shown("a"),
        make_shown("b"),
        make_shown("c", "go"),
        OutcomeRecord("a", SuggestionOutcome.ACCEPTED, 20),
        OutcomeRecord("b", SuggestionOutcome.DISMISSED, 0),
    ]
    record_events(
        file,
        *news,
        RetentionRecord("a", 30, 1.0),
        TypingRecord("python", 60),
        RequestRecord("python", "small", 150, cached=False, has_suggestion=True),
    )
    record_events(file, make_shown("old"), OutcomeRecord("old", SuggestionOutcome.ACCEPTED, 20), age=20)
    return file


def run_stats(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["stats", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


@pytest.mark.usefixtures("recorded_statistics")
def test_tables_and_bars() -> None:
    text = run_stats("--since", "7d")
    text = " ".join(text.split())
    for words in ("25% of what would", "20 characters", "python", "go", "small", "█"):
        assert words in text, words


@pytest.mark.usefixtures("recorded_statistics")
def test_json_since_a_day() -> None:
    week, month = (json.loads(run_stats("--json", "--since", since)) for since in ("7d", "30d"))
    assert (week["total"]["shown"], month["total"]["shown"]) == (3, 4)
    assert week["saved_share"] == 0.25
    today = json.loads(run_stats("--json", "--since", date.today().isoformat()))
    assert today["total"] == week["total"]


@pytest.mark.usefixtures("recorded_statistics")
def test_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert str(page) in run_stats("--html", str(page)).replace("\n", "")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_was_learnt(recorded_statistics: Path) -> None:
    record_events(
        recorded_statistics,
        *(
            news
            for number in range(50)
            for news in (make_shown(f"n{number}"), OutcomeRecord(f"n{number}", SuggestionOutcome.DISMISSED, 0))
        ),
    )
    learnt = json.loads(run_stats("--confidence", "--json"))
    (python,) = [row for row in learnt["languages"] if row["language"] == "python"]
    assert learnt["default"] == 0.4
    assert python["threshold"] > 0.5
    assert "python" in run_stats("--confidence")
    assert "the counts stay" in run_stats("--reset-confidence")
    assert [row["language"] for row in json.loads(run_stats("--confidence", "--json"))["languages"]] == [""]
    assert json.loads(run_stats("--json"))["total"]["shown"] == 54


@pytest.mark.usefixtures("recorded_statistics")
def test_reset() -> None:
    assert json.loads(run_stats("--reset-confidence", "--json")) == {"forgotten": "confidence"}
    assert json.loads(run_stats("--reset", "--json")) == {"forgotten": "counts"}
    assert "forgotten" in run_stats("--reset")
    assert json.loads(run_stats("--json"))["total"]["shown"] == 0


@pytest.mark.usefixtures("file")
def test_nothing_yet_and_no_file_for_it(file: Path) -> None:
    result = CliRunner().invoke(app, ["stats"])
    assert result.exit_code == 1
    assert "Nothing has been counted yet" in result.stderr
    assert not file.exists()


def test_switched_off_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    off = Settings(statistics=StatisticsSettings(enabled=False, file=str(tmp_path / "counts")))
    monkeypatch.setattr(command, "load_settings", lambda: off)
    assert "switched off" in CliRunner().invoke(app, ["stats"]).stderr


def test_no_day_and_no_database_are_told(file: Path) -> None:
    with pytest.raises(UsageError, match="is no day"):
        run_stats("--since", "yesterday")
    file.mkdir()
    with pytest.raises((UnavailableError, IsADirectoryError)):
        run_stats()
