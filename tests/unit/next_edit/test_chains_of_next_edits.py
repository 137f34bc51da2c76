"""A change that was begun by hand is gone through to its end by accepting: all of its places, nothing else, then silence.

About `next_edit/predictor.py` with the finders, the tables of `certainty.toml` and the order in `ranking.py`.
"""

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interfix.config.settings import NextEditSettings
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.feedback_listener import ShownNextEdit
from interfix.next_edit.predictor import NextEditPredictor
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding, Snapshot

OLD, NEW = "count", "total"
LANGUAGES: dict[str, dict[str, object]] = {
    "a.py": {
        "definition": "{} = 0\n",
        "function": "def {name}(n):\n{body}\n\n\n",
        "uses": ["    print({})", "    n = n + {}", "    if n > {}:\n        n = 1", "    send(n, {}, 3)"],
        "shadow": "def {name}({old}):\n    return {old} + 1\n\n\n",
        "repeat": ["    send(n, {k})", "    send(n, {k}, retry=True)"],
    },
    "a.js": {
        "definition": "let {} = 0;\n",
        "function": "function {name}(n) {{\n{body}\n}}\n\n",
        "uses": ["  console.log({});", "  n = n + {};", "  if (n > {}) {{\n    n = 1;\n  }}", "  send(n, {}, 3);"],
        "shadow": "function {name}({old}) {{\n  return {old} + 1;\n}}\n\n",
        "repeat": ["  send(n, {k});", "  send(n, {k}, retry);"],
    },
    "a.go": {
        "definition": "var {} = 0\n",
        "function": "func {name}(n int) {{\n{body}\n}}\n\n",
        "uses": ["\tfmt.Println({})", "\tn = n + {}", "\tif n > {} {{\n\t\tn = 1\n\t}}", "\tsend(n, {}, 3)"],
        "shadow": "func {name}({old} int) int {{\n\treturn {old} + 1\n}}\n\n",
        "repeat": ["\tsend(n, {k})", "\tsend(n, {k}, retry)"],
    },
    "a.rs": {
        "definition": "static {}: i32 = 0;\n",
        "function": "fn {name}(mut n: i32) {{\n{body}\n}}\n\n",
        "uses": ["    show({});", "    n = n + {};", "    if n > {} {{\n        n = 1;\n    }}", "    send(n, {}, 3);"],
        "shadow": "fn {name}({old}: i32) -> i32 {{\n    {old} + 1\n}}\n\n",
        "repeat": ["    send(n, {k});", "    send(n, {k}, retry);"],
    },
}


class Feedback:
    def record_next_edit(self, next_edit: ShownNextEdit) -> None:
        """Nothing is made of it."""

    def record_next_edit_outcome(self, id: str, *, accepted: bool) -> None:
        """Nothing is made of it."""


class User:
    """Types in one document and takes what is offered."""

    def __init__(self, file: str, text: str) -> None:
        self.document = Document(f"file:///project/{file}", text)
        self.predictor = NextEditPredictor(NextEditSettings(), Feedback())
        self.offset = 0

    @property
    def text(self) -> str:
        return self.document.snapshot().text

    def replace(self, start: int, end: int, text: str) -> None:
        """Offsets are bytes; all texts here are ASCII."""
        before = self.document.snapshot()
        edit = DocumentEdit(find_position(before, start), find_position(before, end), text)
        self.predictor.record_change(None, before, self.document.apply([edit], before.version + 1, PositionEncoding.UTF32))
        self.offset = start + len(text)

    def type_over(self, start: int, end: int, text: str) -> None:
        """Key by key."""
        self.replace(start, end, "")
        for at, key in enumerate(text):
            self.replace(start + at, start + at, key)

    def take_next(self) -> int | None:
        """The line of what was taken; None where nothing is offered."""
        snapshot = self.document.snapshot()
        context = EditContext(snapshot, self.offset, self.predictor.list_edits(None))
        edit = asyncio.run(self.predictor.suggest(context))
        if edit is None:
            return None
        self.replace(edit.start, edit.end, edit.text)
        return snapshot.lines.find_line(edit.start)

    def take_all(self) -> list[int]:
        lines: list[int] = []
        while len(lines) < 40 and (line := self.take_next()) is not None:
            lines.append(line)
        return lines


def find_position(snapshot: Snapshot, offset: int) -> tuple[int, int]:
    line = snapshot.lines.find_line(offset)
    return line, offset - snapshot.lines.find_start(line)


def is_in_turn(lines: list[int]) -> bool:
    """Whether lines go down, with at most one jump back to the top."""
    return sum(later < earlier for earlier, later in itertools.pairwise(lines)) <= 1


@st.composite
def make_functions(draw: st.DrawFn, file: str, name: str, *, shadows: bool = True) -> str:
    """Functions with uses of a name, and others that have a parameter of the same name."""
    parts = LANGUAGES[file]
    found = ""
    for number in range(draw(st.integers(1, 4))):
        if shadows and draw(st.integers(0, 3)) == 0:
            found += str(parts["shadow"]).format(name=f"other{name}{number}", old=OLD)
        uses = draw(st.lists(st.sampled_from(parts["uses"]), min_size=1, max_size=4))  # type: ignore[arg-type]
        found += str(parts["function"]).format(name=f"{name}{number}", body="\n".join(uses).format(*["\0"] * len(uses)))
    return found


@pytest.mark.parametrize("file", LANGUAGES)
@settings(deadline=None, max_examples=4)
@given(data=st.data())
def test_a_rename_goes_on_until_all_is_renamed(file: str, data: st.DataObject) -> None:
    definition = str(LANGUAGES[file]["definition"])
    above = data.draw(st.one_of(st.just(""), make_functions(file, "upper")))
    below = data.draw(make_functions(file, "lower"))
    template = above + definition.format("\0") + "\n\n" + below
    user = User(file, template.replace("\0", OLD))
    start = (above + definition.split("{}")[0]).replace("\0", OLD)
    user.type_over(len(start), len(start) + len(OLD), NEW)
    lines = user.take_all()
    assert user.text == template.replace("\0", NEW)
    assert is_in_turn(lines)


@pytest.mark.parametrize("file", LANGUAGES)
@settings(deadline=None, max_examples=4)
@given(data=st.data())
def test_a_change_made_twice_goes_on_until_it_is_made_everywhere(file: str, data: st.DataObject) -> None:
    parts = LANGUAGES[file]
    old, new = parts["repeat"]  # type: ignore[misc]
    above, below = data.draw(st.integers(0, 3)), data.draw(st.integers(2, 6))

    def write(line: str) -> str:
        """Functions that have the line, each with a figure of its own."""
        numbers = range(above + 2 + below)
        return "".join(str(parts["function"]).format(name=f"step{each}", body=line.format(k=each)) for each in numbers)

    user = User(file, write(old))
    for number in (above, above + 1):
        head, tail = (part.format(k=number) for part in (old.replace(")", "\0)").split("\0")))
        at = user.text.index(head + tail) + len(head)
        user.type_over(at, at, new.format(k=number)[len(head) :].removesuffix(tail))
    lines = user.take_all()
    assert user.text == write(new)
    assert is_in_turn(lines)
