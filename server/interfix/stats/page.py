"""Pages to look at in a browser: one file each, with nothing to load from anywhere. Knows the templates, not who fills them."""

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
from interfix.stats.charts import NARROW, Line, Series, bars, columns, legend
from interfix.stats.summary import Summary
from interfix.system.file_writer import write_file


class Chart(msgspec.Struct, frozen=True):
    """A drawing and what its colours stand for."""

    drawing: Markup
    """The SVG element."""
    legend: Markup
    """The legend's element."""

    @classmethod
    def of(cls, drawing: Markup, kinds: list[Series] | list[Line]) -> "Chart":
        """A drawing with the legend of its series or lines."""
        return cls(drawing, legend(kinds))


def statistics_page(found: Summary, file: Path) -> str:
    """The page of `interfix stats --html`."""
    days = [
        Series("taken", [day.accepted for day in found.days], 1),
        Series("passed over", [day.dismissed for day in found.days], 3),
    ]
    outcomes = [
        Series("taken", [group.accepted for group in found.languages], 1),
        Series("in part", [group.partly for group in found.languages], 2),
        Series("passed over", [group.dismissed for group in found.languages], 3),
    ]
    names = [group.language or "other" for group in found.languages]
    doublings, answers = by_doubling(found.latencies)
    requests = [Series("suggestions", answers, 4)]
    return render(
        "stats/page.html",
        found=found,
        file=file,
        today=date.today(),
        days=Chart.of(columns("Suggestions by day", [f"{day.day:%d %b}" for day in found.days], days), days),
        languages=Chart.of(bars("Suggestions by language", names, outcomes, NARROW), outcomes),
        latencies=Chart.of(columns("Suggestions by latency", doublings, requests, NARROW), requests),
    )


def render(template: str, **values: Any) -> str:
    """Fill a template, named by its path in the package."""
    return _environment().get_template(template).render(style=Markup(style()), **values)


def write(path: Path, page: str) -> None:
    """Write a page to the place the user has named. Raises `BadUsage` where it cannot be."""
    write_file(path, page.encode(), path.parent)


def style() -> str:
    """The style sheet of all pages."""
    return (Path(interfix.__file__).parent / "stats" / "style.css").read_text(encoding="utf-8")


def by_doubling(latencies: Sequence[tuple[float, int]]) -> tuple[list[str], list[int]]:
    """A histogram with a column for each doubling of the latency, those without a request included; the labels are upper ends."""
    counts: dict[int, int] = defaultdict(int)
    for middle, count in latencies:
        counts[max(0, math.ceil(math.log2(middle)))] += count
    steps = range(max(counts, default=-1) + 1)
    return [_ms(2**step) for step in steps], [counts[step] for step in steps]


def share(value: float | None) -> str:
    """A share as people read it; a dash where there is none."""
    return "–" if value is None else f"{value:.0%}"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(interfix.__file__).parent),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(share=share, number="{:,}".format, ms=_ms)
    return environment


def _ms(value: float) -> str:
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"
