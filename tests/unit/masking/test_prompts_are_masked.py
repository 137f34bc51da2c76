"""Text gets into a prompt as `MaskedText` only, which mypy checks; here it is checked that only the masker makes it.

About all of `masking/` and its callers.
"""

from typing import get_type_hints

import pytest

from interfix import inference_types
from interfix.masking import MaskedText
from tests.package_sources import get_called_name, list_calls

PROMPT_TEXT = {
    inference_types.Segment: ("text", "brief", "path"),
    inference_types.ContextSnippet: ("text",),
    inference_types.ChatMessage: ("content",),
}
"""What an engine's requests hold, and its fields that are text."""


@pytest.mark.parametrize("kind", PROMPT_TEXT)
def test_what_a_request_holds_is_masked_by_its_type(kind: type) -> None:
    hints = get_type_hints(kind)
    assert all(hints[field] is MaskedText for field in PROMPT_TEXT[kind])


def test_only_the_masker_makes_masked_text() -> None:
    makers = {file for file, called, node in list_calls() if "MaskedText" in (called, *map(get_called_name, node.args))}
    assert makers == {"masking/masked_text_type.py", "masking/restoring_masker.py"}


OF_NO_PROMPT = (
    *("completion/suggestion_cache.py", "completion/suggestion.py", "completion/caching_suggester.py"),
    *("syntax/document.py", "http_api/infill_service.py", "http_api/llama_server_api.py"),
)
"""What replaces texts of suggestions, the path of a document, and parts of an `InfillCall`, whose text is masked later."""


def test_nothing_goes_round_the_types() -> None:
    """`replace` takes whatever it is given, and so does whatever decodes a value from parts."""
    fields = {field for names in PROMPT_TEXT.values() for field in names}
    round_about = [
        f"{file}:{node.lineno}"
        for file, called, node in list_calls()
        if file not in OF_NO_PROMPT and called == "replace" and fields & {each.arg for each in node.keywords}
    ]
    assert [place for place in round_about if not place.startswith("inference_types.py:")] == []
    assert len(round_about) == 1  # `Segment.with_text`, whose own types are checked
