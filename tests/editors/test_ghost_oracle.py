"""That a suggestion which stands behind a text that it was not made for is found."""

from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

from tests.editors.ghost_oracle import find_stale
from tests.editors.vscode_driver import Frame


def make_suggestions(*offers: tuple[int, str]) -> list[dict[str, Any]]:
    """Suggestions of a server for columns of line 7."""
    messages = []
    for number, (column, text) in enumerate(offers):
        params = {"position": {"line": 7, "character": column}}
        messages.append({"server": False, "message": {"id": number, "method": "textDocument/inlineCompletion", "params": params}})
        messages.append({"server": True, "message": {"id": number, "result": {"items": [{"insertText": text}]}}})
    return messages


LINE = "    self.width = 1"
OFFERS = make_suggestions((4, "print(step)"), (5, "elf.left = left\n    self.right = right"))


@pytest.mark.parametrize(
    ("shown", "fresh"),
    [
        ("    ‸print(step)", True),
        ("    s‸elf.left = left\n    self.right = right", True),
        ("    self.‸left = left\n    self.right = right", True),
        ("    s‸", True),
        ("    s‸print(step)", False),
        ("    s‸rint(step)", False),
        ("    self.w‸left = left\n    self.right = right", False),
        ("    p‸rint(step)", False),
        ("    s‸elf.left = left", True),
        ("    s‸elf.left", False),
        ("‸\n    self.right = right", True),
        ("‸\n    self.left = right", False),
    ],
)
def test_a_suggestion_is_of_the_text_before_it_and_of_what_was_typed_of_it(shown: str, fresh: bool) -> None:
    before, ghost = shown.split("‸")
    frame = Frame(0, before, ghost)
    assert find_stale([frame], LINE, 7, OFFERS) == ([] if fresh else [frame])


def test_what_was_offered_on_another_line_is_stale() -> None:
    frame = Frame(0, "    ", "print(step)")
    assert find_stale([frame], LINE, 8, OFFERS) == [frame]


def test_what_was_offered_in_a_document_that_was_closed_is_stale() -> None:
    closed = {"server": False, "message": {"method": "textDocument/didClose", "params": {}}}
    frame = Frame(0, "    ", "print(step)")
    assert find_stale([frame], LINE, 7, [*OFFERS, closed]) == [frame]


def test_a_new_server_counts_its_answers_anew() -> None:
    started = {"server": False, "message": {"method": "initialize", "id": 0, "params": {}}}
    actions = {"server": True, "message": {"id": 1, "result": [{"title": "Interfix: explain"}]}}
    frame = Frame(0, "    s", "elf.left = left")
    assert find_stale([frame], LINE, 7, [*OFFERS, started, actions]) == []
