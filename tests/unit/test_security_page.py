"""`SECURITY.md` names a test for each promise, and each is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
ROWS = [row for row in re.findall(r"^\|(.+)\|(.+)\|$", PAGE, re.M) if "---" not in row[0] and row[0].strip() != "promise"]


def test_each_promise_names_a_test() -> None:
    assert len(ROWS) > 20
    for promise, tests in ROWS:
        assert "`" in tests, promise


def test_the_tests_that_are_named_are_there() -> None:
    named = re.findall(r"`((?:unit|e2e)/[\w/]+\.py)`", PAGE)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / "tests" / name).exists()] == []
