"""The counts of some days, added up for people to look at. Reads the store and changes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from interfix.stats.store import Store, bucket_ms


class Group(msgspec.Struct, frozen=True):
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
    """Median time to an answer with a suggestion, ms."""
    p95_ms: float
    """The 95th percentile, ms."""
    shown: int
    """Different suggestions given to the editor; one that is typed through stays the same."""
    accepted: int
    """Suggestions taken whole."""
    partly: int
    """Suggestions taken to some point."""
    dismissed: int
    """Suggestions passed over."""
    saved: int
    """Characters in the documents that nobody had to type."""
    survived_30s: float | None
    """How much of accepted text is left after 30 s, 0 to 1, the mean; None where nothing was looked at."""
    survived_5min: float | None
    """The same after 5 min."""

    @property
    def acceptance(self) -> float | None:
        """The share of the suggestions that the user decided about that were taken, whole or in part; None where there are none."""
        decided = self.accepted + self.partly + self.dismissed
        return (self.accepted + self.partly) / decided if decided else None

    @property
    def at_hand_share(self) -> float | None:
        """The share of the answers with a suggestion that needed no computing; None where there are none."""
        return self.at_hand / self.answers if self.answers else None


class Day(msgspec.Struct, frozen=True):
    """Figures of one day."""

    day: date
    """Which."""
    shown: int
    """Suggestions given to the editor."""
    accepted: int
    """Suggestions taken, whole or in part."""
    dismissed: int
    """Suggestions passed over."""
    saved: int
    """Characters that nobody had to type."""
    typed: int
    """Characters that were typed."""


class Work(msgspec.Struct, frozen=True):
    """What the engine computed for one model."""

    model: str
    """The model's name."""
    streams: int
    """Completions begun."""
    decoded: int
    """Prompt tokens that were not in the KV cache."""
    generated: int
    """Tokens written."""


class Summary(msgspec.Struct, frozen=True):
    """Everything counted since a day."""

    since: date
    """The first day that was looked at."""
    total: Group
    """All of it."""
    groups: tuple[Group, ...]
    """By language and model, the most shown first."""
    languages: tuple[Group, ...]
    """By language, the most shown first."""
    days: tuple[Day, ...]
    """The days on which something happened, in order."""
    latencies: tuple[tuple[float, int], ...]
    """The histogram of the times to an answer with a suggestion: a bucket's middle, ms, and its requests."""
    typed: int
    """Characters that were typed."""
    work: tuple[Work, ...]
    """What the engine computed, by model."""

    @property
    def saved_share(self) -> float | None:
        """The share of all new characters that came from suggestions; None where there are none."""
        written = self.typed + self.total.saved
        return self.total.saved / written if written else None


def summary(store: Store, since: date) -> Summary:
    """Add up what was counted on a day and after it."""
    day = since.isoformat()
    groups = _groups(store, day, "language", "model")
    (total,) = _groups(store, day) or (_group((), None, []),)
    return Summary(
        since=since,
        total=total,
        groups=groups,
        languages=_groups(store, day, "language"),
        days=_days(store, day),
        latencies=tuple(
            (round(bucket_ms(number), 1), count)
            for number, count in store.rows(
                "SELECT bucket, sum(count) FROM request WHERE day >= ? AND shown GROUP BY bucket ORDER BY bucket", day
            )
        ),
        typed=store.rows("SELECT coalesce(sum(characters), 0) FROM typing WHERE day >= ?", day)[0][0],
        work=tuple(
            Work(*row)
            for row in store.rows(
                "SELECT model, sum(streams), sum(decoded), sum(generated) FROM work WHERE day >= ? GROUP BY model ORDER BY model",
                day,
            )
        ),
    )


_Asked = tuple[int, int, int, int]
"""Whether with a suggestion, whether at hand, the latency's bucket, and how many requests."""
_SUGGESTIONS = (
    "count(*), coalesce(sum(outcome = 'accepted'), 0), coalesce(sum(outcome = 'partly'), 0), "
    "coalesce(sum(outcome = 'dismissed'), 0), coalesce(sum(kept), 0), avg(survived_30s), avg(survived_5min)"
)


def _groups(store: Store, day: str, *by: str) -> tuple[Group, ...]:
    """Figures for each value of the columns, which are language, model or none."""
    names = "".join(f"{column}, " for column in by)
    grouping = f"GROUP BY {', '.join(by)}" if by else ""
    width = len(by)
    shown = {
        row[:width]: row[width:]
        for row in store.rows(f"SELECT {names}{_SUGGESTIONS} FROM suggestion WHERE day >= ? {grouping}", day)
    }
    asked: dict[tuple[Any, ...], list[_Asked]] = defaultdict(list)
    for row in store.rows(
        f"SELECT {names}shown, cached, bucket, sum(count) FROM request WHERE day >= ? GROUP BY {names}shown, cached, bucket", day
    ):
        asked[row[:width]].append(row[width:])
    found = [_group(dict(zip(by, key, strict=True)), shown.get(key), asked[key]) for key in {**shown, **asked}]
    return tuple(sorted(found, key=lambda group: (-group.shown, -group.requests, group.language, group.model)))


def _group(names: Any, shown: tuple[Any, ...] | None, asked: list[_Asked]) -> Group:
    count, accepted, partly, dismissed, saved, after_30s, after_5min = shown or (0, 0, 0, 0, 0, None, None)
    answers = [(cached, number, requests) for with_suggestion, cached, number, requests in asked if with_suggestion]
    names = dict(names)
    return Group(
        language=names.get("language", ""),
        model=names.get("model", ""),
        requests=sum(requests for *_, requests in asked),
        answers=sum(requests for *_, requests in answers),
        at_hand=sum(requests for cached, _, requests in answers if cached),
        p50_ms=_percentile(answers, 0.5),
        p95_ms=_percentile(answers, 0.95),
        shown=count,
        accepted=accepted,
        partly=partly,
        dismissed=dismissed,
        saved=saved,
        survived_30s=after_30s,
        survived_5min=after_5min,
    )


def _percentile(histogram: Iterable[tuple[int, int, int]], share: float) -> float:
    """The middle of the bucket that the share falls into."""
    counts: dict[int, int] = defaultdict(int)
    for _, number, requests in histogram:
        counts[number] += requests
    rest = sum(counts.values()) * share
    for number in sorted(counts):
        rest -= counts[number]
        if rest <= 0:
            return round(bucket_ms(number), 1)
    return 0.0


def _days(store: Store, day: str) -> tuple[Day, ...]:
    typed = dict(store.rows("SELECT day, sum(characters) FROM typing WHERE day >= ? GROUP BY day", day))
    shown = {
        row[0]: row[1:]
        for row in store.rows(
            "SELECT day, count(*), coalesce(sum(outcome IN ('accepted', 'partly')), 0), coalesce(sum(outcome = 'dismissed'), 0), "
            "coalesce(sum(kept), 0) FROM suggestion WHERE day >= ? GROUP BY day",
            day,
        )
    }
    days = []
    for each in sorted({*typed, *shown}):
        count, taken, dismissed, saved = shown.get(each, (0, 0, 0, 0))
        days.append(Day(date.fromisoformat(each), count, taken, dismissed, saved, typed.get(each, 0)))
    return tuple(days)
