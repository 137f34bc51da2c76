"""What a selection means."""

import ast
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from interfix.commands.selection import resolve_selection, resolve_statements
from interfix.errors import UsageError
from interfix.syntax.document import open_file
from tests.effort import scale_examples
from tests.unit.commands.marked_text import parse_marked

FILE = "class A:\n    def f(self, x):\n        y = x\n        return y\n\n    def g(self):\n        pass\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\nb = «2\nc» = 3\nd = 4\n", "b = 2\nc = 3"),
        ("a = 1\n«b = 2\n»c = 3\n", "b = 2"),
        ("a = 1\n«\nb = 2\n\n»c = 3\n", "b = 2"),
        ("«a = 1»", "a = 1"),
        ("a‸ = 1\nb = 2\n", "a = 1"),
        ("a = «1\r\nb» = 2\r\nc = 3\r\n", "a = 1\nb = 2"),
        (FILE.replace("y = x", "«y = x»"), "        y = x"),
        (FILE.replace("y = x", "y ‸= x"), "    def f(self, x):\n        y = x\n        return y"),
        (FILE.replace("f(self", "«f»(self"), "    def f(self, x):\n        y = x\n        return y"),
        (FILE.replace("def f(self, x):", "«def f(self, x):»"), "    def f(self, x):\n        y = x\n        return y"),
    ],
)  # fmt: skip
def test_a_selection_is_widened(text: str, expected: str) -> None:
    assert resolve_selection(*parse_marked(text)).code == expected


@pytest.mark.parametrize("text", ["‸", "a = 1\n\n‸\n", "a = 1\n« \n\n »\n"])
def test_where_there_is_no_code_it_says_so(text: str) -> None:
    with pytest.raises(UsageError, match="no code here"):
        resolve_selection(*parse_marked(text))


def test_signatures_around_it_are_told() -> None:
    selection = resolve_selection(*parse_marked(FILE.replace("y = x", "«y = x»")))
    assert selection.location_clause == ", which stands in `class A:`, `def f(self, x):`"
    assert resolve_selection(*parse_marked("«a = 1»")).location_clause == ""


def test_names_defined_in_it() -> None:
    assert set(resolve_selection(*parse_marked(f"«{FILE}»")).find_definitions()) == {"A", "f", "g"}
    assert set(resolve_selection(*parse_marked(FILE.replace("def g", "def ‸g"))).find_definitions()) == {"g"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FILE.replace("y = x", "y ‸= x"), "f"),
        (FILE.replace("    def f", "«    def f").replace("return y", "return y»"), "f"),
        (FILE.replace("y = x", "«y = x»"), "line 3"),
        (FILE.replace("y = x", "«y = x").replace("return y", "retu»rn y"), "lines 3 to 4"),
        ("a‸ = 1\nb = 2\n", "line 1"),
        (f"«{FILE}»", "A"),
    ],
)  # fmt: skip
def test_a_user_knows_it_by_its_name_or_its_lines(text: str, expected: str) -> None:
    assert resolve_selection(*parse_marked(text)).label.rpartition(".")[2] == expected


HALF = (
    "def f(xs):\n    found = []\n    if xs:\n        found = xs\n    else:\n        found = [1]\n"
    "    return found\n\n\nprint(f([]))\n"
)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", HALF.replace("def f", "«def f").replace("[1]", "[1]»"), HALF.partition("\n\n\n")[0]),
        ("python", HALF.replace("    found = []", "«    found = []»"), "    found = []"),
        ("python", HALF.replace("    if xs", "«    if xs").replace("= xs", "= xs»"),
         "    if xs:\n        found = xs\n    else:\n        found = [1]"),
        ("python", HALF.replace("        found = [1]", "«        found = [1]»"), "        found = [1]"),
        ("python", "x = call(\n    1,\n    «2»,\n)\ny = 1\n", "x = call(\n    1,\n    2,\n)"),
        ("javascript", "if (a) {\n  b();\n«} else {\n  c();»\n}\nd();\n", "if (a) {\n  b();\n} else {\n  c();\n}"),
        ("bash", "if a; then\n  b\n«  c\nfi»\nd\n", "if a; then\n  b\n  c\nfi"),
        ("json", '{\n  "a": [1],\n  «"b": {\n    "c": 1,\n»    "d": 2\n  }\n}\n', '  "b": {\n    "c": 1,\n    "d": 2\n  }'),
        ("html", "<div>\n  <p>one</p>\n«  <ul>\n»    <li>two</li>\n  </ul>\n</div>\n", "  <ul>\n    <li>two</li>\n  </ul>"),
        ("python", "«def f(:\n    a = 1\n»    return a\n\n\nb = 2\n", "def f(:\n    a = 1\n    return a"),
        ("plaintext", "one\n«two»\nthree\n", "two"),
    ],
)  # fmt: skip
def test_an_edit_takes_whole_statements(language: str, text: str, expected: str) -> None:
    assert resolve_statements(*parse_marked(text, language)).code == expected


PYTHON_FILES = sorted(Path(json.__file__).parents[1].glob("*.py"))
EXAMPLES = [path.resolve() for path in sorted(Path(__file__).parents[3].glob("grammars/*/example.*"))]


@given(data=st.data())
@settings(max_examples=scale_examples(150), deadline=None)
def test_any_lines_of_real_files_become_whole_statements(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(PYTHON_FILES))
    snapshot = open_snapshot(path)
    assume(snapshot is not None)
    first = data.draw(st.integers(0, len(snapshot.lines) - 1))
    last = min(len(snapshot.lines) - 1, first + data.draw(st.integers(0, 30)))
    start, end = snapshot.lines.find_start(first), snapshot.lines.find_end(snapshot.data, last)
    assume(snapshot.data[start:end].strip())
    found = resolve_statements(snapshot, start, end)
    code = snapshot.data[start:end]
    assert found.start <= start + len(code) - len(code.lstrip())
    assert start + len(code.rstrip()) <= found.end
    lines = range(snapshot.lines.find_line(found.start) + 1, snapshot.lines.find_line(found.end) + 2)
    written = snapshot.text.split("\n")
    while lines and written[lines[-1] - 1].strip()[:1] in ("", "#"):  # of no statement, as Python's own parser has it
        lines = lines[:-1]
    assume(lines)
    for node in ast.walk(ast.parse(snapshot.data)):
        if not isinstance(node, ast.stmt):
            continue
        begin = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        end_line = node.end_lineno or begin
        holds = begin <= lines[0] and lines[-1] <= end_line
        assert end_line < lines[0] or begin > lines[-1] or (begin in lines and end_line in lines) or holds, ast.unparse(node)


@given(data=st.data())
@settings(max_examples=scale_examples(150), deadline=None)
def test_what_an_edit_takes_can_go_and_is_taken_as_it_is(data: st.DataObject) -> None:
    snapshot = open_snapshot(data.draw(st.sampled_from(EXAMPLES)))
    assume(snapshot is not None and snapshot.language.block != "indent" and snapshot.language.id not in ("json", "sql"))
    first = data.draw(st.integers(0, len(snapshot.lines) - 1))
    last = min(len(snapshot.lines) - 1, first + data.draw(st.integers(0, 12)))
    start, end = snapshot.lines.find_start(first), snapshot.lines.find_end(snapshot.data, last)
    assume(snapshot.data[start:end].strip())
    found = resolve_statements(snapshot, start, end)
    assert snapshot.replace_range(found.start, found.end, "").count_errors() <= snapshot.count_errors()
    again = resolve_statements(snapshot, found.start, found.end)
    assert (again.start, again.end) == (found.start, found.end)


@cache
def open_snapshot(path: Path) -> Any:
    """A file that parses; None for another."""
    snapshot = open_file(path).snapshot()
    return None if snapshot.tree is None or snapshot.count_errors() or len(snapshot.data) > 100_000 else snapshot
