"""The cost of a keystroke is counted by whether the model was asked, and a line's sources once."""

from pathlib import Path

import msgspec
import pytest

from interfix.config.settings import Settings
from interfix.errors import UsageError
from tests.bench.keystroke_cost import measure_workspace

SETTINGS = msgspec.convert({"context": {"index": False}, "completion": {"debounce_ms": 0}}, Settings)
SOURCE = "".join(
    f"def compute_value_{i}(first, second):\n    total = first * {i}\n    return total + second\n\n\n" for i in range(30)
)


async def test_every_key_and_every_line_is_measured(tmp_path: Path) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(SOURCE)
    cost = await measure_workspace(tmp_path, SETTINGS, site_count=1, seed=1, key_seconds=0)
    assert cost.files == 2
    assert 0 < cost.asked <= cost.keys
    assert cost.keys >= 80
    assert cost.asked_ms.p50 > 0
    assert 0 <= cost.in_time <= 1
    assert cost.line_ms.p50 > 0


async def test_a_folder_without_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no place to type"):
        await measure_workspace(tmp_path, SETTINGS, site_count=1, seed=1, key_seconds=0)
