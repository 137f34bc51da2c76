"""Holes in one's own files: put back together they are the file, or its beginning."""

from pathlib import Path

import pytest

from interfix.bench.fim_sampling import MIN_LINE_CHARACTERS, sample_cases
from interfix.errors import UsageError

CODE = "import os\n\n\ndef total(values):\n    result = sum(values) + len(values)\n    return result * os.cpu_count()\n"


def test_a_hole_is_the_rest_of_a_line_or_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(CODE)
    found = sample_cases(tmp_path, 40)
    assert len(found) == 40
    for case in found:
        assert case.expected
        whole = case.prefix + case.expected + case.suffix
        assert whole == CODE[: len(whole)]
        assert (whole == CODE) or not case.suffix
        line = (case.prefix + case.expected).rpartition("\n")[2]
        assert len(line.strip()) >= MIN_LINE_CHARACTERS
        assert (case.kind == "line") == (line.strip() == case.expected)
        assert case.language == "python"
    assert {case.kind for case in found} == {"line", "tail"}
    assert {bool(case.suffix) for case in found} == {True, False}


def test_the_seed_decides(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(CODE)
    assert sample_cases(tmp_path, 9, 1) == sample_cases(tmp_path, 9, 1) != sample_cases(tmp_path, 9, 2)


def test_nothing_to_ask_is_told(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("x = 1\n")
    with pytest.raises(UsageError, match="no file with a line"):
        sample_cases(tmp_path, 9)
