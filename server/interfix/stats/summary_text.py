"""A summary in sentences: the same on the command line, on the page and in editors."""

from interfix.stats.summary import GroupStatistics, StatisticsSummary


def describe_summary(summary: StatisticsSummary) -> tuple[str, str, str]:
    """What was saved, what became of the suggestions, and how long they took: a sentence or two each, of what is known."""
    total = summary.total
    saved = f"Nothing of what was written since {summary.since} came from suggestions yet."
    if total.saved:
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
    return saved, became, _describe_times(total)


def _describe_times(total: GroupStatistics) -> str:
    if total.at_hand_share is None:
        return "No request was answered with a suggestion yet."
    at_hand = f"{format_share(total.at_hand_share)} of the answers were shown at once."
    if not total.p95_ms:
        return at_hand
    return f"{at_hand} Of those that were computed, half came within {total.p50_ms:,.0f} ms and 95% within {total.p95_ms:,.0f} ms."


def format_share(value: float | None) -> str:
    """A share as people read it; a dash where there is none."""
    return "–" if value is None else f"{value:.0%}"


def _share(count: int, total: int) -> str:
    return format_share(count / total if total else None)
