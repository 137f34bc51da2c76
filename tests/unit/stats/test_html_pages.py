"""The page of statistics: one file that loads nothing, says everything in words as well, and trusts no name."""

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from interfix.errors import UsageError
from interfix.stats.html_pages import bin_latencies, read_stylesheet, render_statistics, write_page
from interfix.stats.summary import ComputeStatistics, DailyStatistics, GroupStatistics, StatisticsSummary
from interfix.stats.svg_charts import HALF_WIDTH, ChartLine, ChartSeries, build_svg_file, draw_bars, draw_columns, draw_curves

EMPTY = GroupStatistics("", "", 0, 0, 0, 0.0, 0.0, 0, 0, 0, 0, 0, 0, 0, None, None)
PYTHON = GroupStatistics("python", "a<b>&c", 1200, 1000, 700, 4.0, 312.0, 500, 200, 50, 60, 150, 40, 4321, 0.9, 0.75)
TODAY = date(2026, 11, 25)


def make_summary(*groups: GroupStatistics) -> StatisticsSummary:
    days = tuple(DailyStatistics(TODAY - timedelta(days=age), 9, 4, 5, 120, 600) for age in range(20))
    return StatisticsSummary(
        since=TODAY - timedelta(days=30),
        total=groups[0] if groups else EMPTY,
        groups=groups,
        languages=groups,
        days=days if groups else (),
        latencies=((0.5, 40), (30.0, 3), (250.0, 20)) if groups else (),
        typed=12_000 if groups else 0,
        work=(ComputeStatistics("a<b>&c", 100, 30_000, 800),) if groups else (),
    )


class PageParser(HTMLParser):
    """What a page consists of; raises for an element that is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words += data

    def find_all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_figures_are_there_in_words() -> None:
    page = PageParser(render_statistics(make_summary(PYTHON), Path("/state/counts")))
    for words in (
        "4,321",
        "26%",
        "50%",
        "75%",
        "90%",
        "312 ms",
        "python",
        "a<b>&c",
        "30,000",
        "/state/counts",
        "statistics.enabled",
    ):
        assert words in page.words, words


def test_it_loads_nothing_and_runs_nothing() -> None:
    html = render_statistics(make_summary(PYTHON), Path("/state/counts"))
    page = PageParser(html)
    assert {tag for tag, _ in page.elements} & {"script", "link", "img", "iframe", "object", "a"} == set()
    assert not re.search(r"https?:|url\(|@import|\bon\w+=", html)


def test_it_can_be_read_without_seeing_it() -> None:
    page = PageParser(render_statistics(make_summary(PYTHON), Path("/state/counts")))
    assert page.find_all("html") == [{"lang": "en"}]
    drawings = page.find_all("svg")
    assert len(drawings) == 3
    assert all(drawing["role"] == "img" and drawing["aria-label"] for drawing in drawings)
    assert all(head["scope"] for head in page.find_all("th"))
    assert len(page.find_all("h1")) == 1


def test_it_has_a_dark_side() -> None:
    assert "prefers-color-scheme: dark" in render_statistics(make_summary(PYTHON), Path("c"))
    light, dark = (set(re.findall(r"--[\w]+(?=:)", part)) for part in read_stylesheet().split("@media", 1)[0:2])
    assert light <= dark


def test_nothing_counted_is_a_page_too() -> None:
    assert "–" in PageParser(render_statistics(make_summary(), Path("c"))).words


def test_drawings_are_well_formed_and_within_their_frame() -> None:
    labels, series = ["<one>", "two & three"], [ChartSeries("a", [3, 0], 1), ChartSeries("b", [1.5, 9], 2)]
    drawings = [
        draw_columns("x < y", labels, series),
        draw_columns("many", [str(number) for number in range(200)], [ChartSeries("a", list(range(200)))], HALF_WIDTH),
        draw_bars("b", labels, series),
        draw_curves("c", [ChartLine("l", [(0, 0), (1, 1)])], "across", [0.5]),
        draw_columns("none", [], [ChartSeries("a", [])]),
        draw_bars("none", [], [ChartSeries("a", [])]),
    ]
    for drawing in drawings:
        tree = ET.fromstring(str(drawing))
        _, _, width, height = map(float, tree.attrib["viewBox"].split())
        for box in tree.iter("rect"):
            x, y, wide, tall = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
            assert 0 <= x <= x + wide <= width
            assert 0 <= y <= y + tall <= height


def test_columns_stand_as_high_as_their_values() -> None:
    tree = ET.fromstring(str(draw_columns("c", ["a", "b"], [ChartSeries("s", [10, 40])])))
    low, high = (float(box.attrib["height"]) for box in tree.iter("rect"))
    assert high == pytest.approx(4 * low, rel=0.01)


def test_a_picture_of_its_own_brings_its_colours() -> None:
    tree = ET.fromstring(build_svg_file(draw_curves("c", [ChartLine("l", [(0, 0), (1, 1)])], "across"), read_stylesheet()))
    assert tree.tag == "{http://www.w3.org/2000/svg}svg"
    assert ".line.c1" in (tree[0].text or "")


def test_latencies_by_doubling_leave_no_gap() -> None:
    assert bin_latencies([(0.4, 5), (1.9, 1), (7.0, 2), (8.0, 1)]) == (["1 ms", "2 ms", "4 ms", "8 ms"], [5, 1, 0, 3])
    assert bin_latencies([]) == ([], [])


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_page(tmp_path / "none" / "page.html", "")
