"""The next-edit model beside the rules: asked only where they find nothing, and held back by the same gate.

About `next_edit/predictor.py`.
"""

from collections.abc import Callable

import pytest

from interfix.config.settings import NextEditSettings
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import Edit, EditKind
from interfix.next_edit.feedback_listener import ShownNextEdit
from interfix.next_edit.model_rewrite import ModelRewrite
from interfix.next_edit.next_edit_types import NextEdit, Replacement
from interfix.next_edit.predictor import NextEditPredictor
from interfix.syntax.document import Document

URI = "file:///a.py"
CODE = "total = 1\n\n\ndef show():\n    print('nothing')\n"


class Feedback:
    """Notes what was shown."""

    def __init__(self) -> None:
        self.shown: list[ShownNextEdit] = []

    def record_next_edit(self, next_edit: ShownNextEdit) -> None:
        self.shown.append(next_edit)

    def record_next_edit_outcome(self, id: str, *, accepted: bool) -> None:
        """Nothing is made of it."""


async def suggest(rewrite: ModelRewrite | None, code: str = CODE, feedback: Feedback | None = None) -> tuple[NextEdit | None, int]:
    """The next edit, and how often the model was asked."""
    asked = 0

    async def ask(_context: EditContext) -> ModelRewrite | None:
        nonlocal asked
        asked += 1
        return rewrite

    predictor = NextEditPredictor(NextEditSettings(), feedback or Feedback())
    edit = Edit(URI, 0, b"count", b"total", EditKind.TYPED, 1)
    found = await predictor.suggest(EditContext(Document(URI, code).snapshot(), 5, [edit]), ask)
    if found is not None:
        predictor.record_shown(found.id)
    return found, asked


def make_rewrite(text: str, certainty: float = 0.9, line: str = "    print('nothing')\n") -> ModelRewrite:
    start = CODE.encode().index(line.encode())
    return ModelRewrite(Replacement(start, start + len(line), text.encode()), certainty, "sweep")


async def test_where_rules_find_nothing_the_models_edit_is_offered() -> None:
    feedback = Feedback()
    found, asked = await suggest(make_rewrite("    print(total)\n"), feedback=feedback)
    assert found is not None
    assert (found.finder, found.text, found.label, asked) == ("model", "    print(total)\n", "print(total)", 1)
    assert [(each.finder, each.model) for each in feedback.shown] == [("model", "sweep")]


async def test_what_a_rule_finds_comes_first() -> None:
    found, asked = await suggest(make_rewrite("    print(x)\n"), CODE + "\n\nprint(count + 1)\n")
    assert found is not None
    assert (found.finder, asked) == ("rename", 0)


Make = Callable[[], ModelRewrite | None]


@pytest.mark.parametrize(
    "make",
    [
        lambda: None,
        lambda: make_rewrite("    print(total)\n", certainty=0.3),
        lambda: make_rewrite("    print(total\n"),
        lambda: make_rewrite("total = 2\n", line="total = 1\n"),
    ],
    ids=["it says nothing", "it is not sure", "it breaks the parse", "it is where the user types"],
)
async def test_it_is_held_back(make: Make) -> None:
    found, asked = await suggest(make())
    assert (found, asked) == (None, 1)
