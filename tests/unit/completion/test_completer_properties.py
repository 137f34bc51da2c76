"""Whatever stands in the file and whatever the model says: no failure, nothing blank, the file's own line endings.

Random texts against `completion/completer.py`.
"""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interfix.completion.completer import Completer
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import CompletionSettings
from interfix.models.role_check import BaseModel
from interfix.syntax.document import Document, PositionEncoding
from tests.effort import scale_examples
from tests.fake_engine import FakeEngine

PIECES = [
    "def f(a):",
    "\n",
    "\r\n",
    "\r",
    "    ",
    "\t",
    "return a",
    "if a:",
    "x = 1",
    "(",
    ")",
    "{",
    "}",
    '"',
    "'",
    '"""',
    "`",
    "```",
]
PIECES += [
    "# don't",
    "é😀",
    "\u2028",
    "end",
    "<|file_sep|>",
    ",",
    ":",
    ";",
    "lambda",
    "a/b/c.py",
    "This is a sentence of plain words.",
]
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


class FailingHandler(logging.Handler):
    """Nothing on the way may fail and be left out."""

    def emit(self, record: logging.LogRecord) -> None:
        pytest.fail(record.getMessage())


@pytest.fixture(autouse=True, scope="module")
def _failing() -> Iterator[None]:
    handler = FailingHandler(logging.WARNING)
    logging.getLogger("interfix.completion").addHandler(handler)
    yield
    logging.getLogger("interfix.completion").removeHandler(handler)


@settings(max_examples=scale_examples(150), deadline=None)
@given(prefix=texts, suffix=texts, output=texts, automatic=st.booleans(), shape=st.sampled_from(SuggestionShape))
def test_any_text(prefix: str, suffix: str, output: str, automatic: bool, shape: SuggestionShape) -> None:
    snapshot = Document("file:///project/a.py", prefix + suffix).snapshot()
    offset = snapshot.to_offset(*snapshot.to_position(len(prefix.encode()), PositionEncoding.UTF8), PositionEncoding.UTF8)
    completer = Completer(FakeEngine(output), CompletionSettings(threshold=0))
    model = BaseModel("prepared", "/models/prepared.gguf")
    request = SuggestionRequest(model, snapshot, offset, automatic=automatic, shape=shape)
    suggestion = asyncio.run(completer.suggest(request))
    if not suggestion.text:
        return
    assert suggestion.text.strip()
    assert suggestion.offset == offset
    if snapshot.newline == "\n":
        assert "\r" not in suggestion.text
    elif snapshot.newline == "\r\n":
        assert "\n" not in suggestion.text.replace("\r\n", "")
