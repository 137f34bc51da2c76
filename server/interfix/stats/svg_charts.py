"""Charts as inline SVG, coloured by the page's style sheet.

Own code, since the chart libraries for Python bring a script or draw their own colours: these follow the page's light or dark.
"""

import math
from collections.abc import Iterator, Sequence

import msgspec
from markupsafe import Markup, escape

FULL_WIDTH, HALF_WIDTH = 880, 420
"""Widths of drawings for a whole row and half a row, in units that are about a pixel; they scale with the page."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 30
_ROW_HEIGHT = 30
_LABEL_WIDTH = 56


class ChartSeries(msgspec.Struct, frozen=True):
    """Values of one kind, one for each label."""

    name: str
    """What the legend calls it."""
    values: Sequence[float]
    """Its values, none below 0."""
    colour: int = 1
    """1 to 4: which of the page's colours."""


class ChartLine(msgspec.Struct, frozen=True):
    """Points of one kind, in order."""

    name: str
    """What the legend calls it."""
    points: Sequence[tuple[float, float]]
    """Its points, each from 0 to 1 in both directions."""
    colour: int = 1
    """1 to 4: which of the page's colours."""


def draw_columns(
    title: str, labels: Sequence[str], series: Sequence[ChartSeries], width: int = FULL_WIDTH, height: int = 220
) -> Markup:
    """A column for each label, the series stacked."""
    most = _round_up(max((sum(values) for values in zip(*(each.values for each in series), strict=True)), default=0))
    inner_width, inner_height = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM
    step = inner_width / max(1, len(labels))
    thick = min(step * 0.78, 46)
    parts = list(_draw_grid(most, width, inner_height))
    every = math.ceil(len(labels) * _LABEL_WIDTH / inner_width)
    for index, label in enumerate(labels):
        x = _LEFT + step * (index + 0.5)
        base = float(_TOP + inner_height)
        for each in series:
            if (tall := each.values[index] / most * inner_height) > 0:
                base -= tall
                parts.append(
                    _draw_rectangle(
                        x - thick / 2, base, thick, tall, each.colour, f"{label}, {each.name}: {_format_number(each.values[index])}"
                    )
                )
        if index % every == 0:
            parts.append(_draw_text(x, height - 10, label, "middle"))
    return _build_svg(title, width, height, parts)


def draw_bars(title: str, labels: Sequence[str], series: Sequence[ChartSeries], width: int = FULL_WIDTH) -> Markup:
    """A row for each label, the series one after another."""
    left = min(200, 20 + 7 * max(map(len, labels), default=0))
    totals = [sum(values) for values in zip(*(each.values for each in series), strict=True)]
    scale = (width - left - 70) / max(totals, default=0.0) if any(totals) else 0.0
    parts = []
    for index, (label, total) in enumerate(zip(labels, totals, strict=True)):
        x, y = float(left), index * _ROW_HEIGHT + 6.0
        parts.append(_draw_text(left - 10, y + 14, label, "end"))
        for each in series:
            if (wide := each.values[index] * scale) > 0:
                parts.append(
                    _draw_rectangle(
                        x, y, wide, _ROW_HEIGHT - 10, each.colour, f"{label}, {each.name}: {_format_number(each.values[index])}"
                    )
                )
                x += wide
        parts.append(_draw_text(x + 8, y + 14, _format_number(total), "start"))
    return _build_svg(title, width, max(1, len(labels)) * _ROW_HEIGHT + 6, parts)


def draw_curves(
    title: str, lines: Sequence[ChartLine], x_label: str, marks: Sequence[float] = (), width: int = FULL_WIDTH
) -> Markup:
    """Lines over a square of shares, 0 to 100% each way, that tells its names itself; `marks` are dotted uprights."""
    height, most_right = width * 2 // 5, width - _LEFT - _RIGHT - 14
    tall = height - _TOP - _BOTTOM - 36

    def place(x: float, y: float) -> tuple[float, float]:
        return _LEFT + x * most_right, _TOP + 22 + (1 - y) * tall

    bottom = place(0, 0)[1]
    parts = [_draw_text(_LEFT, _TOP + 4, title, "start"), *_draw_grid(100, width, tall, "%", top=_TOP + 22)]
    parts += [_draw_text(place(fifth / 5, 0)[0], bottom + 16, f"{fifth * 20}%", "middle") for fifth in range(6)]
    parts.append(_draw_text(place(0.5, 0)[0], height - 4, x_label, "middle"))
    for mark in marks:
        (x, low), (_, high) = place(mark, 0), place(mark, 1)
        parts.append(Markup('<line class="mark" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>').format(x, low, high))
    for number, line in enumerate(lines):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line.points))
        shape = Markup('<polyline class="line c{}" points="{}"><title>{}</title></polyline>')
        parts.append(shape.format(line.colour, path, line.name))
        y = bottom - 14 - 20 * (len(lines) - 1 - number)
        parts.append(
            _draw_rectangle(_LEFT + 10, y - 9, 14, 4, line.colour, line.name) + _draw_text(_LEFT + 32, y - 3, line.name, "start")
        )
    return _build_svg(title, width, height, parts)


def draw_legend(entries: Sequence[ChartSeries | ChartLine]) -> Markup:
    """What the colours of a chart stand for."""
    keys = Markup("").join(
        Markup('<span class="key"><i class="c{}"></i>{}</span>').format(each.colour, each.name) for each in entries
    )
    return Markup('<p class="legend">{}</p>').format(keys)


def build_svg_file(drawing: Markup, stylesheet: str) -> str:
    """A drawing as a picture file of its own."""
    head, rest = str(drawing).split(">", 1)
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{stylesheet}</style>{rest}\n'


def _build_svg(title: str, width: int, height: float, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {} {:.0f}" role="img" aria-label="{}"><title>{}</title>{}</svg>').format(
        width, height, title, title, Markup("").join(parts)
    )


def _draw_grid(max_value: float, width: int, plot_height: float, unit: str = "", top: float = _TOP) -> Iterator[Markup]:
    for quarter in range(5):
        y = top + plot_height * (1 - quarter / 4)
        yield Markup('<line class="level" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(_LEFT, width - _RIGHT, y, y)
        yield _draw_text(_LEFT - 8, y + 4, f"{_format_number(max_value * quarter / 4)}{unit}", "end")


def _draw_rectangle(x: float, y: float, width: float, height: float, colour: int, tooltip: str) -> Markup:
    shape = Markup('<rect class="c{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>')
    return shape.format(colour, x, y, width, height, tooltip)


def _draw_text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, escape(text))


def _format_number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _round_up(value: float) -> float:
    """The next round number whose quarters are round as well."""
    if value <= 0:
        return 4
    power = float(10 ** math.floor(math.log10(value)))
    return next(step * power for step in (1, 1.2, 1.6, 2, 3, 4, 6, 8, 10) if step * power >= value)
