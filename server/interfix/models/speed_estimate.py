"""How fast a model writes on this machine: as a probe measured it, else an estimate that is marked as one."""

import statistics
import time
from functools import cache
from pathlib import Path

import msgspec

from interfix.models import role_probe_store
from interfix.models.catalog import CatalogEntry


class SpeedEstimate(msgspec.Struct, frozen=True):
    """Tokens a model writes in a second."""

    tokens_per_second: float
    """How many."""
    measured: bool
    """Whether this very file was measured here; else it is an estimate."""


def estimate_speed(entry: CatalogEntry, path: Path | None) -> SpeedEstimate:
    """How fast the entry is, whose file is at `path` where it is here.

    For a token all weights it passes through are read once, so the estimate is their size by what this machine reads in a
    second: as measured with other models, else as a plain copy in memory goes.
    """
    result = role_probe_store.find_result(path) if path is not None else None
    if result is not None and result.tokens_per_second:
        return SpeedEstimate(result.tokens_per_second, measured=True)
    paces = role_probe_store.list_read_speeds()
    pace = statistics.median(paces) if paces else _measure_copy_speed() * _DECODING_SHARE
    return SpeedEstimate(pace / (entry.bytes * entry.active), measured=False)


# Decoding reached half to two thirds of what a copy moves (Qwen2.5-Coder 0.5B and 1.5B, Q4_K_M and Q8_0, two cores).
_DECODING_SHARE = 0.6
_SAMPLE_BYTES = 64 << 20


@cache
def _measure_copy_speed() -> float:
    """Bytes read and written by copying, the best of a few times: the first ones touch new memory."""
    source, target = bytes(_SAMPLE_BYTES), memoryview(bytearray(_SAMPLE_BYTES))
    best = 1.0
    for _ in range(5):
        began = time.perf_counter()
        target[:] = source
        best = min(best, time.perf_counter() - began)
    return 2 * _SAMPLE_BYTES / best
