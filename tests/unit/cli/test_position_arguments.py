"""Places as people write them, and the sentence for each that does not exist."""

from pathlib import Path

import pytest

from interfix.cli import position_arguments
from interfix.errors import UsageError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a:b.py"
    path.write_text("x = 'é😀'\ny = 2\n", encoding="utf-8")
    return path


def test_columns_count_characters(file: Path) -> None:
    point = position_arguments.parse_position(f"{file}:1:8")
    assert point.snapshot.data[: point.offset].decode() == "x = 'é😀"


def test_a_name_may_have_a_line_end_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a\nb.py"
    path.write_text("x = 1\n")
    assert position_arguments.parse_position(f"{path}:1:3").offset == 2
    assert position_arguments.parse_lines(f"{path}:1", required=True).end == 5


def test_the_place_behind_the_last_character_exists(file: Path) -> None:
    assert position_arguments.parse_position(f"{file}:2:6").offset == len("x = 'é😀'\ny = 2".encode())
    assert position_arguments.parse_position(f"{file}:3:1").offset == len(file.read_bytes())


def test_lines_are_whole_without_the_last_line_end(file: Path) -> None:
    lines = position_arguments.parse_lines(f"{file}:1-2", required=True)
    assert lines.snapshot.data[lines.start : lines.end].decode() == "x = 'é😀'\ny = 2"
    one = position_arguments.parse_lines(f"{file}:2", required=True)
    assert one.snapshot.data[one.start : one.end] == b"y = 2"


def test_a_notebook_is_told_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "lab.ipynb").write_text('{"cells": []}')
    for parse in (position_arguments.parse_position, lambda text: position_arguments.parse_lines(text, required=True)):
        with pytest.raises(UsageError, match=r"lab\.ipynb is a notebook.*Open it in an editor"):
            parse(f"{tmp_path}/lab.ipynb:1:1" if parse is position_arguments.parse_position else f"{tmp_path}/lab.ipynb:1-2")


def test_a_file_alone_means_all_of_it(file: Path) -> None:
    whole = position_arguments.parse_lines(str(file), required=False)
    assert (whole.start, whole.end) == (0, len(file.read_bytes()))


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("FILE", "write FILE:LINE:COL"),
        ("FILE:1", "write FILE:LINE:COL"),
        ("FILE:0:1", "lines 1 to 3"),
        ("FILE:" + "9" * 5000 + ":1", "lines 1 to 3"),
        ("FILE:1:" + "9" * 5000, "columns 1 to 9"),
        ("FILE:²:1", "write FILE:LINE:COL"),
        ("FILE:9:1", "lines 1 to 3"),
        ("FILE:2:0", "columns 1 to 6"),
        ("FILE:2:7", "columns 1 to 6"),
        ("gone.py:1:1", "does not exist"),
    ],
)
def test_a_point_that_does_not_exist_is_one_sentence(file: Path, place: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        position_arguments.parse_position(place.replace("FILE", str(file)))


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("FILE", "write FILE:A-B"),
        ("FILE:2-1", "ends before it begins"),
        ("FILE:1-9", "lines 1 to 3"),
        ("FILE:1-" + "9" * 5000, "lines 1 to 3"),
    ],
)
def test_lines_that_do_not_exist_are_one_sentence(file: Path, place: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        position_arguments.parse_lines(place.replace("FILE", str(file)), required=True)
