"""The local counts as one SQLite file, written by several servers at once. Has no column for text, and forgets after a year.

Suggestions are kept one by one, since what becomes of them is learnt later; requests come with every keystroke and are kept as a
histogram of their latency a day.
"""

import logging
import math
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from interfix.completion.feedback_listener import ShownSuggestion
from interfix.config.paths import state_dir
from interfix.config.private_files import prepare_database
from interfix.config.settings import StatisticsSettings
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

log = logging.getLogger(__name__)

MAX_AGE_DAYS = 365
"""How long anything is kept, days."""
RETENTION_COLUMNS = {30: "survived_30s", 300: "survived_5min"}
"""Where the share that was left after so many seconds is kept."""

_BUCKETS_PER_DOUBLING = 8
"""Latency buckets to a doubling: each is 9% wider than the one before."""
_LOCK_TIMEOUT_SECONDS = 5.0
_TABLES = """
CREATE TABLE IF NOT EXISTS suggestion (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, day TEXT NOT NULL, language TEXT NOT NULL, model TEXT NOT NULL,
    characters INTEGER NOT NULL, lines INTEGER NOT NULL, confidence REAL NOT NULL, cached INTEGER NOT NULL, ahead INTEGER NOT NULL,
    latency_ms REAL NOT NULL, tokens INTEGER NOT NULL,
    outcome TEXT, kept INTEGER NOT NULL DEFAULT 0, survived_30s REAL, survived_5min REAL);
CREATE INDEX IF NOT EXISTS suggestion_day ON suggestion (day);
CREATE TABLE IF NOT EXISTS request (
    day TEXT, language TEXT, model TEXT, cached INTEGER, shown INTEGER, bucket INTEGER, count INTEGER NOT NULL,
    PRIMARY KEY (day, language, model, cached, shown, bucket)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS work (
    day TEXT, model TEXT, streams INTEGER NOT NULL, decoded INTEGER NOT NULL, generated INTEGER NOT NULL,
    PRIMARY KEY (day, model)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS typing (
    day TEXT, language TEXT, characters INTEGER NOT NULL, PRIMARY KEY (day, language)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS next_edit (
    id TEXT PRIMARY KEY, day TEXT NOT NULL, language TEXT NOT NULL, finder TEXT NOT NULL, model TEXT NOT NULL,
    characters INTEGER NOT NULL, removed INTEGER NOT NULL, lines_away INTEGER NOT NULL, certainty REAL NOT NULL,
    latency_ms REAL NOT NULL, accepted INTEGER);
CREATE INDEX IF NOT EXISTS next_edit_day ON next_edit (day);
CREATE TABLE IF NOT EXISTS learning (one INTEGER PRIMARY KEY CHECK (one = 1), after INTEGER NOT NULL);
"""
_DATED_TABLES = ("suggestion", "request", "work", "typing", "next_edit")


class LearningSample(msgspec.Struct, frozen=True):
    """What there is to learn from one suggestion."""

    language: str
    """The language's id."""
    confidence: float
    """The probability that it was right, as it was shown."""
    accepted_share: float
    """How much of it the user took, 0 to 1."""
    day: date
    """When it was shown."""


def locate_statistics(settings: StatisticsSettings) -> Path:
    """Where counts are kept. The number in the default name is that of the tables: others would be another file."""
    return Path(settings.file).expanduser() if settings.file else state_dir() / "statistics-1.sqlite3"


def choose_bucket(latency_ms: float) -> int:
    """The histogram's bucket of a latency; 0 holds all below a millisecond."""
    return max(0, math.ceil(_BUCKETS_PER_DOUBLING * math.log2(latency_ms))) if latency_ms > 0 else 0


def compute_bucket_ms(bucket: int) -> float:
    """The middle of a bucket, ms."""
    return float(2 ** ((bucket - 0.5) / _BUCKETS_PER_DOUBLING)) if bucket else 0.5


class StatisticsStore:
    """An open file. Use it from the thread that opened it. Raises `sqlite3.Error` where the file cannot be had."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError as error:
            if not _is_damaged(error):
                raise
            self._connection = self._recreate(error)

    def write(self, events: Iterable[StatisticsEvent], today: date) -> None:
        """Keep news, all of it in one transaction. What is lost in a damaged file is told in the log, and a new one begun."""
        events = list(events)
        try:
            self._write(events, today)
        except sqlite3.DatabaseError as error:
            if not _is_damaged(error):
                raise
            self._connection.close()
            self._connection = self._recreate(error)
            self._write(events, today)

    def fetch_rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        return self._connection.execute(query, values).fetchall()

    def read_samples(self, limit: int) -> list[LearningSample]:
        """The newest suggestions that the user decided about since the last `forget_samples`, oldest first."""
        rows = self.fetch_rows(
            "SELECT language, confidence, outcome, kept, characters, day FROM suggestion WHERE outcome IS NOT NULL "
            "AND number > coalesce((SELECT after FROM learning), 0) ORDER BY number DESC LIMIT ?",
            limit,
        )
        return [
            LearningSample(
                language, confidence, score_outcome(SuggestionOutcome(outcome), retained, characters), date.fromisoformat(day)
            )
            for language, confidence, outcome, retained, characters, day in reversed(rows)
        ]

    def forget_samples(self) -> None:
        """Nothing before this moment is learnt from again; the counts stay."""
        with self._connection as connection:
            connection.execute("INSERT OR REPLACE INTO learning SELECT 1, coalesce(max(number), 0) FROM suggestion")

    def reset(self) -> None:
        """Forget every count, and with them what was learnt."""
        with self._connection as connection:
            for table in (*_DATED_TABLES, "learning"):
                connection.execute(f"DELETE FROM {table}")
        self._connection.execute("VACUUM")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(prepare_database(self._path), timeout=_LOCK_TIMEOUT_SECONDS)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_TABLES)
            horizon = (date.today() - timedelta(days=MAX_AGE_DAYS)).isoformat()
            with connection:
                for table in _DATED_TABLES:
                    connection.execute(f"DELETE FROM {table} WHERE day < ?", (horizon,))
        except BaseException:
            connection.close()
            raise
        return connection

    def _recreate(self, error: sqlite3.DatabaseError) -> sqlite3.Connection:
        log.warning("the statistics in %s were damaged (%s); a new file was begun", self._path, error)
        for ending in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        return self._open()

    def _write(self, events: list[StatisticsEvent], today: date) -> None:
        with self._connection as connection:
            for each in events:
                connection.execute(*_build_statement(each, today.isoformat()))


@contextmanager
def open_store(path: Path) -> Iterator[StatisticsStore]:
    """A store for as long as it takes."""
    store = StatisticsStore(path)
    try:
        yield store
    finally:
        store.close()


def score_outcome(outcome: SuggestionOutcome, inserted_characters: int, characters: int) -> float:
    """How right a suggestion was, by what the user did: all of one typed by hand was right, too."""
    match outcome:
        case SuggestionOutcome.ACCEPTED:
            return 1.0
        case SuggestionOutcome.PARTIAL:
            return min(1.0, inserted_characters / max(1, characters))
        case SuggestionOutcome.DISMISSED | SuggestionOutcome.IGNORED:
            return 0.0


def _build_statement(event: StatisticsEvent, day: str) -> tuple[str, tuple[Any, ...]]:
    match event:
        case ShownSuggestion():
            fields = (*msgspec.structs.astuple(event), day)
            names = ", ".join((*event.__struct_fields__, "day"))
            return f"INSERT OR IGNORE INTO suggestion ({names}) VALUES ({', '.join('?' * len(fields))})", fields
        case ShownNextEdit():
            fields = (*msgspec.structs.astuple(event), day)
            names = ", ".join((*event.__struct_fields__, "day"))
            return f"INSERT OR IGNORE INTO next_edit ({names}) VALUES ({', '.join('?' * len(fields))})", fields
        case NextEditOutcome():
            return "UPDATE next_edit SET accepted = ? WHERE id = ?", (event.accepted, event.id)
        case OutcomeRecord():
            return "UPDATE suggestion SET outcome = ?, kept = ? WHERE id = ?", (event.outcome, event.characters, event.id)
        case RetentionRecord():
            return f"UPDATE suggestion SET {RETENTION_COLUMNS[event.seconds]} = ? WHERE id = ?", (event.share, event.id)
        case RequestRecord():
            return (
                "INSERT INTO request VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
                (day, event.language, event.model, event.cached, event.has_suggestion, choose_bucket(event.latency_ms)),
            )
        case ComputeRecord():
            return (
                "INSERT INTO work VALUES (?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET streams = streams + 1, "
                "decoded = decoded + excluded.decoded, generated = generated + excluded.generated",
                (day, event.model, event.prompt_tokens_decoded, event.tokens_generated),
            )
        case TypingRecord():
            return (
                "INSERT INTO typing VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET characters = characters + excluded.characters",
                (day, event.language, event.characters),
            )


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is broken, not only locked, full or out of reach."""
    return getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
