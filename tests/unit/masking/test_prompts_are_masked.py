"""Text gets into a prompt as `MaskedText` only, which mypy checks; here it is checked that only the masker makes it.

About all of `masking/` and its callers.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest

import interfix
from interfix import values
from interfix.masking import MaskedText

SOURCES = Path(interfix.__file__).parent
PROMPT_TEXT = {values.Segment: ("text", "brief", "path"), values.ContextSnippet: ("text",), values.ChatMessage: ("content",)}
"""What an engine's requests hold, and its fields that are text."""


def parse_modules() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(SOURCES.rglob("*.py")):
        yield file.relative_to(SOURCES).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def get_called_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


@pytest.mark.parametrize("kind", PROMPT_TEXT)
def test_what_a_request_holds_is_masked_by_its_type(kind: type) -> None:
    hints = get_type_hints(kind)
    assert all(hints[field] is MaskedText for field in PROMPT_TEXT[kind])


@pytest.mark.slow
def test_only_the_masker_makes_masked_text() -> None:
    makers = {
        file
        for file, tree in parse_modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and "MaskedText" in (get_called_name(node.func), *map(get_called_name, node.args))
    }
    assert makers == {"masking/masked_text.py", "masking/masker.py"}


OF_NO_PROMPT = (
    *("completion/suggestion_cache.py", "completion/suggestion.py", "completion/suggester.py"),
    *("syntax/document.py", "http_api/infill_service.py", "http_api/llama_server_api.py"),
)
"""What replaces texts of suggestions, the path of a document, and parts of an `InfillCall`, whose text is masked later."""


@pytest.mark.slow
def test_nothing_goes_round_the_types() -> None:
    """`replace` takes whatever it is given, and so does whatever decodes a value from parts."""
    fields = {field for names in PROMPT_TEXT.values() for field in names}
    round_about = [
        f"{file}:{node.lineno}"
        for file, tree in parse_modules()
        if file not in OF_NO_PROMPT
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and get_called_name(node.func) == "replace" and fields & {each.arg for each in node.keywords}
    ]
    assert [place for place in round_about if not place.startswith("values.py:")] == []
    assert len(round_about) == 1  # `Segment.with_text`, whose own types are checked
