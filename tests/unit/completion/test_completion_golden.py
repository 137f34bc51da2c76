"""The cases of tests/golden/completion: text with a cursor and a model's raw output in, the suggestion out.

About `completion/filters/`, `completion/stops/` and `completion/parse_gate.py` in their order.
"""

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest

from interfix.completion import filters
from interfix.completion.completer import Completer
from interfix.completion.filters import FINAL_FILTERS, TRIM_FILTERS
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import CompletionSettings
from interfix.models.role_check import BaseModel
from interfix.syntax.document import Document
from tests.fake_engine import FakeEngine

GOLDEN = Path(__file__).parents[2] / "golden" / "completion"
CURSOR = "‸"
FIELDS = {"name", "file", "text", "output", "shows", "automatic", "shape", "ended"}
FILTERS_BY_FILE = {
    "word_overlap": "trim_word_overlap",
    "indentation": "match_file_indentation",
    "lines_below_overlap": "trim_lines_below_overlap",
    "cursor_line_overlap": "trim_cursor_line_overlap",
    "bracket_and_quote_balance": "balance_brackets",
    "self_repetition": "trim_repeated_lines",
    "adjacent_lines": "drop_adjacent_lines",
    "redundant_comments": "drop_redundant_comments",
    "trailing_space": "trim_trailing_space",
}
"""Which filter each of these files is about."""


def read_cases(file: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = tomllib.loads(file.read_text())["case"]
    return cases


def list_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['name']}") for file in sorted(GOLDEN.glob("*.toml")) for case in read_cases(file)
    ]


def complete_case(case: dict[str, Any]) -> str:
    prefix, cursor, suffix = case["text"].partition(CURSOR)
    assert cursor, "a case needs a cursor"
    document = Document(f"file:///project/{case['file']}", prefix + suffix)
    engine = FakeEngine(case["output"], end_reason=case.get("ended", "end"))
    request = SuggestionRequest(
        BaseModel("prepared", "/models/prepared.gguf"),
        document.snapshot(),
        len(prefix.encode()),
        automatic=case.get("automatic", False),
        shape=SuggestionShape(case.get("shape", "auto")),
    )
    return asyncio.run(Completer(engine, CompletionSettings(threshold=0)).suggest(request)).text


@pytest.mark.parametrize("case", list_cases())
def test_golden(case: dict[str, Any]) -> None:
    assert case.keys() <= FIELDS
    assert complete_case(case) == case.get("shows", "")


@pytest.mark.slow
@pytest.mark.parametrize(("file", "name"), FILTERS_BY_FILE.items())
def test_every_filter_has_cases_that_fail_without_it(file: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    others = tuple(step for step in (*TRIM_FILTERS, *FINAL_FILTERS) if step.__name__ != name)
    monkeypatch.setattr(filters.apply_filters, "__defaults__", (tuple(step for step in TRIM_FILTERS if step in others),))
    own = read_cases(GOLDEN / f"{file}.toml")
    assert len(own) >= 20
    needed = [case["name"] for case in own if complete_case(case) != case.get("shows", "")]
    assert len(needed) >= 3, needed
