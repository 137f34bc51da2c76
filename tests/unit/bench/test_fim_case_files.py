"""Reading cases: plain and gzipped, and the sentences for what is none."""

import gzip
from pathlib import Path

import pytest

from interfix.bench.fim_case_files import InfillCase, read_cases
from interfix.errors import UsageError

LINE = b'{"id": "a", "path": "x/a.py", "language": "python", "prefix": "x = ", "suffix": "\\n", "licence": {"any": 1}}\n'


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_reads_plain_and_gzipped(tmp_path: Path, pack: type[bytes]) -> None:
    file = tmp_path / "cases"
    file.write_bytes(pack(LINE + b"\n" + LINE))
    assert [(case.id, case.prefix, case.suffix) for case in read_cases(file)] == [("a", "x = ", "\n")] * 2


def test_names_the_line_that_is_no_case(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_bytes(LINE + b"\n{nonsense}\n")
    with pytest.raises(UsageError, match=r"cases\.jsonl, line 3, is not a case"):
        read_cases(file)


@pytest.mark.parametrize("line", [b'{"id": "a", "prefix": "x"}', b"[1]", b'{"id": "a", "prefix": 1, "suffix": ""}'])
def test_a_case_needs_its_fields(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_bytes(line)
    with pytest.raises(UsageError, match="line 1, is not a case"):
        read_cases(file)


def test_names_the_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        read_cases(tmp_path / "none.jsonl")


def test_a_broken_archive_is_told(tmp_path: Path) -> None:
    file = tmp_path / "cases.gz"
    file.write_bytes(gzip.compress(LINE)[:-12])
    with pytest.raises(UsageError, match="cannot be read"):
        read_cases(file)


@pytest.mark.parametrize(
    ("case", "name"),
    [
        (InfillCase("a/1", "", "", language="python", path="src/a.py"), "src/a.py"),
        (InfillCase("a/1", "", "", language="python"), "a_1.py"),
        (InfillCase(7, "", "", language="javascript"), "7.js"),
        (InfillCase("b", "", "", language="zig"), "b.zig"),
        (InfillCase("b", "", ""), "b.txt"),
    ],
)
def test_a_file_without_a_path_gets_a_name(case: InfillCase, name: str) -> None:
    assert case.file_name == name
