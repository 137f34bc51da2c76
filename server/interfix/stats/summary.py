"""Sums up the counts of some days for display."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from interfix.stats.store import StatisticsStore, compute_bucket_ms


class GroupStatistics(msgspec.Struct, frozen=True):
    """Figures of one language, one model, or all."""

    language: str
    """The language's id; empty where several are added up."""
    model: str
    """The model's name; empty where several are added up."""
    requests: int
    """Requests answered, with a suggestion or with none."""
    answers: int
    """How many of them with a suggestion, the one on the screen included."""
    at_hand: int
    """How many of these without computing."""
    p50_ms: float
    """Median time to an answer with a suggestion that was computed for it, ms."""
    p95_ms: float
    """The 95th percentile, ms."""
    shown: int
    """Different suggestions given to the editor; one that is typed through stays the same."""
    accepted: int
    """Suggestions taken whole, at least a part of them by a key of the editor."""
    partly: int
    """Suggestions taken to some point."""
    typed_along: int
    """Suggestions of which all was typed by hand."""
    dismissed: int
    """Suggestions in whose place the user wrote something else."""
    ignored: int
    """Suggestions of which nothing came: the user went on elsewhere, or the editor was closed."""
    saved: int
    """Characters in the documents that nobody had to type."""
    survived_30s: float | None
    """How much of accepted text is left after 30 s, 0 to 1, the mean; None where nothing was looked at."""
    survived_5min: float | None
    """The same after 5 min."""

    @property
    def acceptance(self) -> float | None:
        """The share of the suggestions shown that were taken, whole or in part; None where there are none."""
        return (self.accepted + self.partly) / self.shown if self.shown else None

    @property
    def at_hand_share(self) -> float | None:
        """The share of the answers with a suggestion that needed no computing; None where there are none."""
        return self.at_hand / self.answers if self.answers else None


class DailyStatistics(msgspec.Struct, frozen=True):
    """Figures of one day."""

    day: date
    """Which."""
    shown: int
    """Suggestions given to the editor."""
    accepted: int
    """Suggestions taken, whole or in part."""
    not_taken: int
    """Suggestions typed along, dismissed or ignored."""
    saved: int
    """Characters that nobody had to type."""
    typed: int
    """Characters that were typed."""


class ComputeStatistics(msgspec.Struct, frozen=True):
    """What the engine computed for one model."""

    model: str
    """The model's name."""
    streams: int
    """Completions begun."""
    decoded: int
    """Prompt tokens that were not in the KV cache."""
    generated: int
    """Tokens written."""


class NextEditStatistics(msgspec.Struct, frozen=True):
    """Figures of the next edits of one finder, or of one model for it."""

    finder: str
    """Which rule found them."""
    model: str
    """Name of the model that wrote their text; empty where a rule did."""
    shown: int
    """Edits that were shown."""
    accepted: int
    """Edits taken."""
    dismissed: int
    """Edits refused, or passed over."""
    characters: int
    """Characters that accepted ones inserted and removed."""
    mean_ms: float
    """Mean time to the answer, ms."""


class StatisticsSummary(msgspec.Struct, frozen=True):
    """Everything counted since a day."""

    since: date
    """The first day that was looked at."""
    total: GroupStatistics
    """All of it."""
    groups: tuple[GroupStatistics, ...]
    """By language and model, the most shown first."""
    languages: tuple[GroupStatistics, ...]
    """By language, the most shown first."""
    days: tuple[DailyStatistics, ...]
    """The days on which something happened, in order."""
    latencies: tuple[tuple[float, int], ...]
    """The histogram of the times to an answer with a suggestion that was computed: a bucket's middle, ms, and its requests."""
    typed: int
    """Characters that were typed."""
    work: tuple[ComputeStatistics, ...]
    """What the engine computed, by model."""
    next_edits: tuple[NextEditStatistics, ...] = ()
    """By finder and model, the most shown first; no other figure counts them."""

    @property
    def saved_share(self) -> float | None:
        """The share of all new characters that came from suggestions; None where there are none."""
        written = self.typed + self.total.saved
        return self.total.saved / written if written else None


def build_summary(store: StatisticsStore, since: date) -> StatisticsSummary:
    """Add up what was counted on a day and after it."""
    day = since.isoformat()
    groups = _build_groups(store, day, "language", "model")
    (total,) = _build_groups(store, day) or (_build_group((), None, []),)
    return StatisticsSummary(
        since=since,
        total=total,
        groups=groups,
        languages=_build_groups(store, day, "language"),
        days=_build_days(store, day),
        latencies=tuple(
            (round(compute_bucket_ms(number), 1), count)
            for number, count in store.fetch_rows(
                "SELECT bucket, sum(count) FROM request WHERE day >= ? AND shown AND NOT cached GROUP BY bucket ORDER BY bucket",
                day,
            )
        ),
        typed=store.fetch_rows("SELECT coalesce(sum(characters), 0) FROM typing WHERE day >= ?", day)[0][0],
        work=tuple(
            ComputeStatistics(*row)
            for row in store.fetch_rows(
                "SELECT model, sum(streams), sum(decoded), sum(generated) FROM work WHERE day >= ? GROUP BY model ORDER BY model",
                day,
            )
        ),
        next_edits=tuple(
            NextEditStatistics(*row)
            for row in store.fetch_rows(
                "SELECT finder, model, count(*), coalesce(sum(accepted), 0), coalesce(sum(NOT accepted), 0), "
                "coalesce(sum(accepted * (characters + removed)), 0), avg(latency_ms) FROM next_edit WHERE day >= ? "
                "GROUP BY finder, model ORDER BY count(*) DESC, finder, model",
                day,
            )
        ),
    )


_RequestCounts = tuple[int, int, int, int]
"""Whether with a suggestion, whether at hand, the latency's bucket, and how many requests."""
_SUGGESTIONS = (
    "count(*), coalesce(sum(outcome = 'accepted' AND kept > 0), 0), coalesce(sum(outcome = 'partly'), 0), "
    "coalesce(sum(outcome = 'accepted' AND kept = 0), 0), coalesce(sum(outcome = 'dismissed'), 0), "
    "coalesce(sum(outcome IS NULL OR outcome = 'ignored'), 0), coalesce(sum(kept), 0), avg(survived_30s), avg(survived_5min)"
)


def _build_groups(store: StatisticsStore, day: str, *columns: str) -> tuple[GroupStatistics, ...]:
    """Figures for each value of the columns, which are language, model or none."""
    names = "".join(f"{column}, " for column in columns)
    grouping = f"GROUP BY {', '.join(columns)}" if columns else ""
    width = len(columns)
    suggestions = {
        row[:width]: row[width:]
        for row in store.fetch_rows(f"SELECT {names}{_SUGGESTIONS} FROM suggestion WHERE day >= ? {grouping}", day)
    }
    requests: dict[tuple[Any, ...], list[_RequestCounts]] = defaultdict(list)
    for row in store.fetch_rows(
        f"SELECT {names}shown, cached, bucket, sum(count) FROM request WHERE day >= ? GROUP BY {names}shown, cached, bucket", day
    ):
        requests[row[:width]].append(row[width:])
    groups = [
        _build_group(dict(zip(columns, key, strict=True)), suggestions.get(key), requests[key])
        for key in {**suggestions, **requests}
    ]
    return tuple(sorted(groups, key=lambda group: (-group.shown, -group.requests, group.language, group.model)))


def _build_group(names: Any, suggestions: tuple[Any, ...] | None, request_counts: list[_RequestCounts]) -> GroupStatistics:
    count, accepted, partly, typed_along, dismissed, ignored, saved, after_30s, after_5min = suggestions or (*[0] * 7, None, None)
    answers = [(cached, number, requests) for with_suggestion, cached, number, requests in request_counts if with_suggestion]
    names = dict(names)
    computed = [answer for answer in answers if not answer[0]]
    return GroupStatistics(
        language=names.get("language", ""),
        model=names.get("model", ""),
        requests=sum(requests for *_, requests in request_counts),
        answers=sum(requests for *_, requests in answers),
        at_hand=sum(requests for cached, _, requests in answers if cached),
        p50_ms=_compute_percentile(computed, 0.5),
        p95_ms=_compute_percentile(computed, 0.95),
        shown=count,
        accepted=accepted,
        partly=partly,
        typed_along=typed_along,
        dismissed=dismissed,
        ignored=ignored,
        saved=saved,
        survived_30s=after_30s,
        survived_5min=after_5min,
    )


def _compute_percentile(histogram: Iterable[tuple[int, int, int]], share: float) -> float:
    """The middle of the bucket that the share falls into."""
    counts: dict[int, int] = defaultdict(int)
    for _, number, requests in histogram:
        counts[number] += requests
    rest = sum(counts.values()) * share
    for number in sorted(counts):
        rest -= counts[number]
        if rest <= 0:
            return round(compute_bucket_ms(number), 1)
    return 0.0


def _build_days(store: StatisticsStore, day: str) -> tuple[DailyStatistics, ...]:
    typed = dict(store.fetch_rows("SELECT day, sum(characters) FROM typing WHERE day >= ? GROUP BY day", day))
    shown_counts = {
        row[0]: row[1:]
        for row in store.fetch_rows(
            "SELECT day, count(*), coalesce(sum(outcome IN ('accepted', 'partly') AND kept > 0), 0), coalesce(sum(kept), 0) "
            "FROM suggestion WHERE day >= ? GROUP BY day",
            day,
        )
    }
    days = []
    for each in sorted({*typed, *shown_counts}):
        count, taken, saved = shown_counts.get(each, (0, 0, 0))
        days.append(DailyStatistics(date.fromisoformat(each), count, taken, count - taken, saved, typed.get(each, 0)))
    return tuple(days)
