"""HTML pages for a browser: one file each, which loads nothing else."""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

import interfix
from interfix.stats.summary import StatisticsSummary
from interfix.stats.summary_text import describe_summary, format_share
from interfix.stats.svg_charts import HALF_WIDTH, ChartLine, ChartSeries, draw_bars, draw_columns, draw_legend
from interfix.system.file_writer import write_file


class Chart(msgspec.Struct, frozen=True):
    """A drawing and what its colours stand for."""

    drawing: Markup
    """The SVG element."""
    legend: Markup
    """The legend's element."""

    @classmethod
    def with_legend(cls, drawing: Markup, entries: list[ChartSeries] | list[ChartLine]) -> "Chart":
        """A drawing with the legend of its series or lines."""
        return cls(drawing, draw_legend(entries))


def render_statistics(summary: StatisticsSummary, file: Path) -> str:
    """The page of `interfix stats --html`."""
    days = [
        ChartSeries("taken", [day.accepted for day in summary.days], 1),
        ChartSeries("not taken", [day.not_taken for day in summary.days], 3),
    ]
    outcomes = [
        ChartSeries("taken", [group.accepted for group in summary.languages], 1),
        ChartSeries("in part", [group.partly for group in summary.languages], 2),
        ChartSeries("not taken", [group.shown - group.accepted - group.partly for group in summary.languages], 3),
    ]
    names = [group.language or "other" for group in summary.languages]
    doublings, answers = bin_latencies(summary.latencies)
    requests = [ChartSeries("suggestions", answers, 4)]
    return render_page(
        "stats/page.html",
        found=summary,
        file=file,
        sentences=describe_summary(summary),
        today=date.today(),
        days=Chart.with_legend(draw_columns("Suggestions by day", [f"{day.day:%d %b}" for day in summary.days], days), days),
        languages=Chart.with_legend(draw_bars("Suggestions by language", names, outcomes, HALF_WIDTH), outcomes),
        latencies=Chart.with_legend(draw_columns("Suggestions by latency", doublings, requests, HALF_WIDTH), requests),
    )


def render_page(template: str, **values: Any) -> str:
    """Fill a template, named by its path in the package."""
    return _load_environment().get_template(template).render(style=Markup(read_stylesheet()), **values)


def write_page(path: Path, page: str) -> None:
    """Write a page to the place the user has named. Raises `UsageError` where it cannot be."""
    write_file(path, page.encode(), path.parent)


def read_stylesheet() -> str:
    """The style sheet of all pages."""
    return (Path(interfix.__file__).parent / "stats" / "style.css").read_text(encoding="utf-8")


def bin_latencies(latencies: Sequence[tuple[float, int]]) -> tuple[list[str], list[int]]:
    """A histogram with a column for each doubling of the latency, those without a request included; the labels are upper ends."""
    counts: dict[int, int] = defaultdict(int)
    for middle, count in latencies:
        counts[max(0, math.ceil(math.log2(middle)))] += count
    steps = range(max(counts, default=-1) + 1)
    return [_format_ms(2**step) for step in steps], [counts[step] for step in steps]


@cache
def _load_environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(interfix.__file__).parent),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(share=format_share, number="{:,}".format, ms=_format_ms)
    return environment


def _format_ms(value: float) -> str:
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"
