"""A summary in sentences: the same on the command line, on the page and in editors."""

from interfix.stats.summary import StatisticsSummary


def describe_summary(summary: StatisticsSummary) -> tuple[str, str, str]:
    """What was saved, what became of the suggestions, and how long they took: a sentence or two each, of what is known."""
    total = summary.total
    saved = (
        f"{format_share(summary.saved_share)} of what would have been typed since {summary.since} came from suggestions: "
        f"{total.saved:,} characters."
    )
    if total.survived_5min is not None:
        saved += f" Five minutes after a suggestion was taken, {format_share(total.survived_5min)} of it was still there."
    became = "No suggestion was shown yet."
    if total.shown:
        became = (
            f"Of {total.shown:,} suggestion{'s' * (total.shown > 1)} shown, {_share(total.accepted, total.shown)} were taken "
            f"whole, {_share(total.partly, total.shown)} in part and {_share(total.typed_along, total.shown)} typed along; "
            f"{_share(total.dismissed, total.shown)} were dismissed, {_share(total.ignored, total.shown)} ignored."
        )
    times = (
        f"{format_share(total.at_hand_share)} of the answers were shown at once. Of those that were computed, half came within "
        f"{total.p50_ms:,.0f} ms and 95% within {total.p95_ms:,.0f} ms."
    )
    return saved, became, times


def format_share(value: float | None) -> str:
    """A share as people read it; a dash where there is none."""
    return "–" if value is None else f"{value:.0%}"


def _share(count: int, total: int) -> str:
    return format_share(count / total if total else None)
