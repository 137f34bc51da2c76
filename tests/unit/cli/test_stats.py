"""`interfix stats` as it is called: tables, JSON, a page, days, resets, and sentences where there is nothing."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfix.cli import app
from interfix.cli import stats as command
from interfix.completion.feedback import Shown
from interfix.config.settings import Completion, Settings, Statistics
from interfix.errors import BadUsage, Unavailable
from interfix.stats.news import News, Outcome, Requested, Settled, Survived, Typed
from interfix.stats.store import opened


def shown(id: str, language: str = "python") -> Shown:
    return Shown(id, language, "small", 20, 1, 0.6, cached=False, ahead=False, latency_ms=150, tokens=6)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "counts"
    settings = Settings(statistics=Statistics(file=str(path)), completion=Completion(threshold=0.4))
    monkeypatch.setattr(command, "settings_for", lambda: settings)
    return path


def count(file: Path, *news: News, age: int = 0) -> None:
    with opened(file) as store:
        store.write(news, date.today() - timedelta(days=age))


@pytest.fixture
def counted(file: Path) -> Path:
    news = [shown("a"), shown("b"), shown("c", "go"), Settled("a", Outcome.ACCEPTED, 20), Settled("b", Outcome.DISMISSED, 0)]
    count(file, *news, Survived("a", 30, 1.0), Typed("python", 60), Requested("python", "small", 150, cached=False, shown=True))
    count(file, shown("old"), Settled("old", Outcome.ACCEPTED, 20), age=20)
    return file


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["stats", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


@pytest.mark.usefixtures("counted")
def test_tables_and_bars() -> None:
    text = run("--since", "7d")
    for words in ("25% of what was written", "20 characters", "python", "go", "small", "█"):
        assert words in text, words


@pytest.mark.usefixtures("counted")
def test_json_since_a_day() -> None:
    week, month = (json.loads(run("--json", "--since", since)) for since in ("7d", "30d"))
    assert (week["total"]["shown"], month["total"]["shown"]) == (3, 4)
    assert week["saved_share"] == 0.25
    today = json.loads(run("--json", "--since", date.today().isoformat()))
    assert today["total"] == week["total"]


@pytest.mark.usefixtures("counted")
def test_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert str(page) in run("--html", str(page)).replace("\n", "")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_was_learnt(counted: Path) -> None:
    count(counted, *(news for number in range(50) for news in (shown(f"n{number}"), Settled(f"n{number}", Outcome.DISMISSED, 0))))
    learnt = json.loads(run("--confidence", "--json"))
    (python,) = [row for row in learnt["languages"] if row["language"] == "python"]
    assert learnt["default"] == 0.4
    assert python["threshold"] > 0.5
    assert "python" in run("--confidence")
    assert "the counts stay" in run("--reset-confidence")
    assert [row["language"] for row in json.loads(run("--confidence", "--json"))["languages"]] == [""]
    assert json.loads(run("--json"))["total"]["shown"] == 54


@pytest.mark.usefixtures("counted")
def test_reset() -> None:
    assert "forgotten" in run("--reset")
    assert json.loads(run("--json"))["total"]["shown"] == 0


@pytest.mark.usefixtures("file")
def test_nothing_yet_and_no_file_for_it(file: Path) -> None:
    result = CliRunner().invoke(app, ["stats"])
    assert result.exit_code == 1
    assert "Nothing has been counted yet" in result.stderr
    assert not file.exists()


def test_switched_off_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    off = Settings(statistics=Statistics(enabled=False, file=str(tmp_path / "counts")))
    monkeypatch.setattr(command, "settings_for", lambda: off)
    assert "switched off" in CliRunner().invoke(app, ["stats"]).stderr


def test_no_day_and_no_database_are_told(file: Path) -> None:
    with pytest.raises(BadUsage, match="is no day"):
        run("--since", "yesterday")
    file.mkdir()
    with pytest.raises((Unavailable, IsADirectoryError)):
        run()
