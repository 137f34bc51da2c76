"""Weights of stale spans and fills for tests: that of the shipped ones which is measured anew must not change what tests say."""

import pytest

from interfix.next_edit import model_fill
from interfix.next_edit.certainty import CertaintyTable
from interfix.next_edit.fill_certainty import FillCalibration, FillTables

PLACE = CertaintyTable(-2.0, {"alike": 1.5, "call": 1.5})
FILL = FillCalibration(0.8, 0.3, CertaintyTable(-1.0, {"margin": 1.5, "mean": 1.0}))
TABLES = FillTables(0.2, PLACE, FILL)


@pytest.fixture
def fill_tables(monkeypatch: pytest.MonkeyPatch) -> FillTables:
    """Has these weights hold."""
    monkeypatch.setattr(model_fill, "load_fill_tables", lambda: TABLES)
    return TABLES
