"""Median and percentiles of many measurements."""

from collections.abc import Sequence
from statistics import quantiles

import msgspec


class Percentiles(msgspec.Struct, frozen=True):
    """Percentiles, in the unit of what was measured."""

    p50: float
    """The median."""
    p95: float
    """The 95th percentile."""


def compute_percentiles(values: Sequence[float]) -> Percentiles:
    """Percentiles by linear interpolation, rounded to a tenth; zeros where there are no values."""
    if len(values) < 2:
        only = round(float(values[0]), 1) if values else 0.0
        return Percentiles(only, only)
    cuts = quantiles(values, n=20, method="inclusive")
    return Percentiles(round(cuts[9], 1), round(cuts[18], 1))
