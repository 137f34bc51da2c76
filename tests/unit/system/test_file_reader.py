"""What may lie where a file is expected: nothing of it is waited for, read without an end, or told as a defect."""

import os
import re
from pathlib import Path

import pytest

from interfix.errors import UsageError
from interfix.syntax.document import open_file
from interfix.system.file_reader import has_text_name, parse_toml, read_beginning, read_file, read_toml
from tests.unit.system.file_traps import TRAPS

pytestmark = pytest.mark.skipif(os.name == "nt", reason="FIFOs, devices and links of POSIX")


@pytest.mark.parametrize("trap", TRAPS)
def test_trap_is_refused_or_read_within_bounds(trap: str, tmp_path: Path) -> None:
    TRAPS[trap](path := tmp_path / "file")
    for read in (read_file, read_beginning):
        said = ""
        try:
            said = f"{len(read(path, 1000)) <= 1000} read"
        except OSError as error:
            said = error.strerror
        assert said
        assert said != "False read"


@pytest.mark.parametrize("trap", TRAPS)
def test_file_of_a_workspace_is_never_read_outside_of_it(trap: str, tmp_path: Path) -> None:
    TRAPS[trap](path := tmp_path / "file")
    if path.is_symlink():
        with pytest.raises(OSError, match=re.escape(str(path))):
            read_beginning(path, 1000, root=tmp_path)


@pytest.mark.parametrize("trap", TRAPS)
def test_trap_on_the_command_line_is_a_sentence(trap: str, tmp_path: Path) -> None:
    TRAPS[trap](path := tmp_path / "file.py")
    said = f"{path} is read."
    try:
        open_file(path)
    except UsageError as error:
        said = str(error)
    assert said.startswith(str(path))
    assert said.endswith(".")


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_name_that_no_file_can_have_is_an_error_of_the_system(name: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no file can have such a name"):
        read_file(tmp_path / name, 1000)


def test_regular_file_is_read_whole_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data := bytes(range(250)) * 20_000)
    assert read_file(path, len(data)) == data
    assert read_beginning(path, 300) == data[:300]
    with pytest.raises(OSError, match="larger than 4,999,999 bytes"):
        read_file(path, len(data) - 1)


def test_link_inside_a_workspace_is_followed_where_it_may_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    assert read_file(tmp_path / "link", 10, root=tmp_path) == b"text"
    with pytest.raises(OSError, match="it is a link"):
        read_file(tmp_path / "link", 10, follow_links=False)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 20_000,
        "a = " + "[" * 20_000 + "]" * 20_000,
        "a = " + "{a=" * 15_000 + "1" + "}" * 15_000,
        ".".join("a" * 30_000) + " = 1",
        "[" + ".".join("a" * 30_000) + "]",
        "[" + " . ".join(['"a"'] * 10_000) + "]",
        "a = " + "9" * 60_000,
        "a = '" + "x" * 60_000,
        "a = '''" + "'" * 60_000,
        "\0",
    ],
    ids=lambda text: text[:12],
)
def test_toml_of_any_kind_is_read_or_a_value_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"\w"):
        read_toml(path, 64_000)
    with pytest.raises(ValueError, match=r"\w"):
        parse_toml(text)


def test_name_of_no_text_is_told_from_others() -> None:
    assert has_text_name("ä/日本.py")
    assert not has_text_name(os.fsdecode(b"caf\xe9.py"))
