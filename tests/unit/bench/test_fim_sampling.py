"""Holes in one's own files: put back together they are the file, or its beginning."""

from pathlib import Path

import pytest

from interfix.bench.fim_sampling import MIN_LINE_CHARACTERS, sample_cases
from interfix.completion.confidence import classify_hole
from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import HoleKind, SuggestionShape
from interfix.errors import UsageError
from interfix.syntax.document import Document

CODE = "import os\n\n\ndef total(values):\n    result = sum(values) + len(values)\n    return result * os.cpu_count()\n"
BODIES = {
    "code.py": (
        'def total(values):\n    """The sum."""\n    result = sum(values)\n    return result\n\n\nprint(total([1, 2]))\n',
        "result = sum(values)\n    return result",
    ),
    "code.go": (
        "package a\n\nfunc Total(values []int) int {\n\tresult := sum(values)\n\treturn result\n}\n\nvar x = 1\n",
        "result := sum(values)\n\treturn result",
    ),
    "code.ts": (
        "export class Cart {\n  total(values: number[]): number {\n    return sum(values, 1);\n  }\n}\n",
        "return sum(values, 1);",
    ),
    "code.rb": ("class Cart\n  def total(values)\n    values.sum + 1\n  end\nend\n", "values.sum + 1"),
    "code.c": ("int total(int a, int b)\n{\n    return a + b + 1;\n}\n", "return a + b + 1;"),
}
"""Files with one function, and its body."""


def test_a_hole_is_the_rest_of_a_line_all_of_it_or_a_body(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(CODE)
    found = sample_cases(tmp_path, 48)
    assert len(found) == 48
    for case in found:
        assert case.expected
        whole = case.prefix + case.expected + case.suffix
        assert whole == CODE[: len(whole)]
        assert (whole == CODE) or not case.suffix
        line = (case.prefix + case.expected).rpartition("\n")[2]
        assert len(line.strip()) >= MIN_LINE_CHARACTERS
        assert (case.kind == "tail") == (not case.prefix.endswith(("\n", "    ")))
        assert case.language == "python"
    assert [case.kind for case in found[:6]] == ["tail", "line", "body"] * 2
    assert {bool(case.suffix) for case in found} == {True, False}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_what_a_function_does_and_begins_an_empty_block(tmp_path: Path, name: str) -> None:
    text, body = BODIES[name]
    (tmp_path / name).write_text(text)
    found = [case for case in sample_cases(tmp_path, 12) if case.kind == "body"]
    assert [case.expected for case in found] == [body] * 4
    for case in found:
        snapshot = Document((tmp_path / name).as_uri(), case.prefix + case.suffix, 1, case.language).snapshot()
        hole = InfillHole.from_cursor(snapshot, len(case.prefix.encode()), SuggestionShape.AUTO, explicit=False)
        assert classify_hole(hole) is HoleKind.BODY


def test_a_file_without_functions_has_no_bodies(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("import os\n\ncount = os.cpu_count() or 1\n")
    assert {case.kind for case in sample_cases(tmp_path, 12)} == {"tail", "line"}


def test_the_seed_decides(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(CODE)
    assert sample_cases(tmp_path, 9, 1) == sample_cases(tmp_path, 9, 1) != sample_cases(tmp_path, 9, 2)


def test_nothing_to_ask_is_told(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("x = 1\n")
    with pytest.raises(UsageError, match="no file with a line"):
        sample_cases(tmp_path, 9)
