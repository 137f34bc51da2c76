"""A summary in sentences: the same on the command line, on the page and in editors."""

from interfix.stats.summary import StatisticsSummary


def describe_summary(summary: StatisticsSummary) -> tuple[str, str, str]:
    """What was saved, what became of the suggestions, and how long they took: a sentence each."""
    total = summary.total
    return (
        f"{format_share(summary.saved_share)} of what would have been typed since {summary.since} came from suggestions: "
        f"{total.saved:,} characters. After five minutes {format_share(total.survived_5min)} of a taken text was left.",
        f"Of {total.shown:,} suggestions shown, {_share(total.accepted, total.shown)} were taken whole, "
        f"{_share(total.partly, total.shown)} in part and {_share(total.typed_along, total.shown)} typed along; "
        f"{_share(total.dismissed, total.shown)} were dismissed, {_share(total.ignored, total.shown)} ignored.",
        f"{format_share(total.at_hand_share)} of the answers were shown at once. Of those that were computed, half came within "
        f"{total.p50_ms:,.0f} ms and 95% within {total.p95_ms:,.0f} ms.",
    )


def format_share(value: float | None) -> str:
    """A share as people read it; a dash where there is none."""
    return "–" if value is None else f"{value:.0%}"


def _share(count: int, total: int) -> str:
    return format_share(count / total if total else None)
