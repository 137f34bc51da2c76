"""The cases of tests/golden/completion: text with a cursor and a model's raw output in, the suggestion out."""

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest
from prepared import PreparedEngine

from interfix.completion.pipeline import Completer, Shape
from interfix.config.settings import Completion
from interfix.models.roles import BaseModel
from interfix.syntax.document import Document

GOLDEN = Path(__file__).parents[2] / "golden" / "completion"
CURSOR = "‸"
FIELDS = {"name", "file", "text", "output", "shows", "automatic", "shape", "ended"}


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['name']}")
        for file in sorted(GOLDEN.glob("*.toml"))
        for case in tomllib.loads(file.read_text())["case"]
    ]


@pytest.mark.parametrize("case", cases())
def test_golden(case: dict[str, Any]) -> None:
    assert case.keys() <= FIELDS
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
    assert (suggestion.text if suggestion else "") == case.get("shows", "")
