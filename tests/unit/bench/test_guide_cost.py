"""Keys at members are timed with a guide and without, equally often."""

from pathlib import Path

import msgspec
import pytest

from interfix.config.settings import Settings
from interfix.errors import UsageError
from interfix.models.role_check import BaseModel
from tests.bench.guide_cost import TYPED_CHARACTERS, GuideCostOptions, run
from tests.fake_engine import FakeEngine

SETTINGS = msgspec.convert({"completion": {"debounce_ms": 0}}, Settings)
MODEL = BaseModel("fake-base", "/fake.gguf")
OPTIONS = GuideCostOptions(places=2, server_ms=0, offered=5)


def test_each_key_is_typed_both_ways(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("def first(client):\n    client.send(1)\n    return client.close()\n")
    engine = FakeEngine("value\n")
    cost = run([tmp_path], SETTINGS, engine, MODEL, OPTIONS)
    assert cost.keys == 2 * (TYPED_CHARACTERS + 1)
    assert cost.guided == cost.keys
    assert sum(request.guide is not None for request in engine.requests) == cost.keys
    assert cost.ratio == pytest.approx(cost.with_ms.p50 / cost.without_ms.p50, rel=0.05)


def test_a_folder_without_members_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no member"):
        run([tmp_path], SETTINGS, FakeEngine("value\n"), MODEL, OPTIONS)
