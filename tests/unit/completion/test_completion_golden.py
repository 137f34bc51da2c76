"""The cases of tests/golden/completion: text with a cursor and a model's raw output in, the suggestion out."""

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest
from prepared import PreparedEngine

from interfix.completion import filters
from interfix.completion.filters import FINISHING, TRIMMING
from interfix.completion.pipeline import Completer, Shape
from interfix.config.settings import Completion
from interfix.models.roles import BaseModel
from interfix.syntax.document import Document

GOLDEN = Path(__file__).parents[2] / "golden" / "completion"
CURSOR = "‸"
FIELDS = {"name", "file", "text", "output", "shows", "automatic", "shape", "ended"}
OWN_CASES = {
    "half_words": "whole_words",
    "indentation": "as_file_indents",
    "following_lines": "without_following_lines",
    "same_line": "without_rest_of_line",
    "balance": "balanced",
    "repeats": "without_repeats",
    "nearby": "without_nearby",
    "restating": "without_restating",
    "trailing": "without_trailing_space",
}
"""Which filter each of these files is about."""


def read(file: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = tomllib.loads(file.read_text())["case"]
    return cases


def cases() -> list[Any]:
    return [pytest.param(case, id=f"{file.stem}: {case['name']}") for file in sorted(GOLDEN.glob("*.toml")) for case in read(file)]


def shown(case: dict[str, Any]) -> str:
    prefix, cursor, suffix = case["text"].partition(CURSOR)
    assert cursor, "a case needs a cursor"
    document = Document(f"file:///project/{case['file']}", prefix + suffix)
    engine = PreparedEngine(case["output"], case.get("ended", "end"))
    suggestion = asyncio.run(
        Completer(engine, Completion(threshold=0)).suggest(
            BaseModel("prepared", "/models/prepared.gguf"),
            document.snapshot(),
            len(prefix.encode()),
            automatic=case.get("automatic", False),
            shape=Shape(case.get("shape", "auto")),
        )
    )
    return suggestion.text if suggestion else ""


@pytest.mark.parametrize("case", cases())
def test_golden(case: dict[str, Any]) -> None:
    assert case.keys() <= FIELDS
    assert shown(case) == case.get("shows", "")


@pytest.mark.parametrize(("file", "name"), OWN_CASES.items())
def test_every_filter_has_cases_that_fail_without_it(file: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    others = tuple(step for step in (*TRIMMING, *FINISHING) if step.__name__ != name)
    monkeypatch.setattr(filters.filtered, "__defaults__", (tuple(step for step in TRIMMING if step in others),))
    own = read(GOLDEN / f"{file}.toml")
    assert len(own) >= 20
    needed = [case["name"] for case in own if shown(case) != case.get("shows", "")]
    assert len(needed) >= 3, needed
