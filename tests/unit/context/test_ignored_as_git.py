"""Ignore files against git itself: random ones at every place where git reads them, and random paths.

About `context/exclusion/ignore_patterns.py`.
"""

import os
import shutil
import subprocess
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interfix.context.exclusion.ignore_files import MAX_IGNORE_FILE_BYTES, IgnoreFiles
from interfix.context.exclusion.ignore_patterns import match_path, read_patterns
from tests.effort import scale_examples, take_share

NAMES = [
    "a",
    "b",
    "B",
    "Foo",
    "X.LOG",
    "ab",
    "foo",
    "c",
    "aa",
    "a ",
    "*",
    "é",
    "[a",
    "-",
    "ba",
    "]",
    "\\a",
    "!a",
    "#",
    "aab",
    "x.log",
    ".hid",
    "A",
]
ATOMS = [*"ab!#-.]A*?/", "foo", "**", "/", "[ab]", "[!a]", "[^b]", "[a-c]", "\\*", "\\a", "\\", " ", "\\ ", "\t", "[[:alpha:]]"]
ATOMS += [
    "[]a]",
    "[",
    "[a",
    "é",
    "**/",
    "/**",
    "*/",
    "\r",
    "[!]",
    "[a\\]",
    "[b-a]",
    "[[:x:]]",
    "[--a]",
    "[[:upper:]-z]",
    "x.log",
    "[Z-a]",
    "[A]",
    "\\A",
    "[!A-C]",
    "FOO",
]
paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join)
lines = st.lists(st.sampled_from(ATOMS), min_size=1, max_size=6).map("".join)
texts = st.lists(lines, max_size=4).map("\n".join)
PLACES = [".gitignore", "a/.gitignore", "a/b/.gitignore", "foo/.gitignore", ".git/info/exclude", "everywhere"]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture(autouse=True)
def nobodys_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of nobody's."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "home" / ".config" / "git").mkdir(parents=True)


def git(root: Path, *command: str, data: bytes = b"") -> bytes:
    return subprocess.run(["git", "-C", str(root), *command], input=data, capture_output=True, check=False).stdout


def make_repository(folder: Path, files: dict[str, str], paths: list[str], *, ignores_case: bool = False) -> Path:
    """A repository with these ignore files, and empty files at those of the paths that can be."""
    root = folder / "repository"
    shutil.rmtree(root, ignore_errors=True)
    (root / ".git" / "info").mkdir(parents=True)
    for name in ("objects", "refs"):
        (root / ".git" / name).mkdir()
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (root / ".git" / "config").write_text("[core]\n\trepositoryformatversion = 0\n\texcludesFile = everywhere\n")
    if ignores_case:
        with (root / ".git" / "config").open("a") as config:
            config.write("\tignorecase = true\n")
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    for path in paths:
        try:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).touch()
        except OSError:
            continue  # another path has made a file of one of its folders
    return root


def list_ignored_by_git(root: Path, paths: list[str]) -> set[str]:
    data = b"".join(os.fsencode(path) + b"\0" for path in paths)
    return {os.fsdecode(each) for each in git(root, "check-ignore", "--stdin", "-z", "--no-index", data=data).split(b"\0") if each}


def list_ignored_here(root: Path, paths: list[str]) -> set[str]:
    rules = IgnoreFiles(root)
    return {path for path in paths if rules.find_refusal(f"{path}/" if (root / path).is_dir() else path)}


@pytest.mark.slow
@settings(max_examples=scale_examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.dictionaries(st.sampled_from(PLACES), texts, min_size=1),
    paths=st.lists(paths, min_size=20, max_size=60, unique=True),
    ignores_case=st.booleans(),
)
def test_what_git_ignores_is_ignored_and_nothing_else(
    tmp_path: Path, files: dict[str, str], paths: list[str], ignores_case: bool
) -> None:
    root = make_repository(tmp_path, files, paths, ignores_case=ignores_case)
    there = [path.relative_to(root).as_posix() for path in root.rglob("*") if ".git" not in path.relative_to(root).parts]
    assert list_ignored_here(root, there) == list_ignored_by_git(root, there)


FILES = {
    "spaces": "a \nb\\ \nfoo \\ \n",
    "endings of Windows": "a\r\nfoo/\r\n*.log\r\n",
    "a byte order mark": "\ufeffa\nb\n",
    "other ends of lines": "a\x0cb\nfoo\u2028\nx.log\x85\n",
    "shown again": "*\n!*/\n!foo\n",
    "below what is ignored": "a/\n!a/b\n!a/*\n",
    "shown again and ignored again": "*.log\n!x.log\na/x.log\n",
    "stars in the middle": "a**/b\nfoo/**b\n**a/c\na/**/b\n**/foo/**\n",
    "only the top": "/a\n/foo/*\n!/foo/a\n",
    "no file at all": "!\n/\n//\n\\\n#a\n\\#\n\\!a\n",
    "classes": "[[:alpha:]]\n[!a-b]\n[]a]\n[a\n[[:nope:]]\n",
    "capitals": "FOO\n[A]\n\\B\n*.LO[G]\nA/X*\n**/[B-Z]oo/A\n",
    "ranges over both cases": "[--a]\n[Z-a]b\n[!A-C]b\n[[:upper:]][[:lower:]]\n[^[:upper:]]\n",
}


@pytest.mark.parametrize(("name", "place", "ignores_case"), take_share([*product(FILES, PLACES, (False, True))]))
def test_each_place_is_read_as_git_reads_it(tmp_path: Path, name: str, place: str, ignores_case: bool) -> None:
    paths = [f"{folder}{each}" for folder in ("", "a/", "a/b/", "foo/", "foo/a/", "c/ab/") for each in NAMES]
    there = sorted(paths, key=lambda path: -path.count("/"))
    root = make_repository(tmp_path, {place: FILES[name]}, there, ignores_case=ignores_case)
    there = [path.relative_to(root).as_posix() for path in root.rglob("*") if ".git" not in path.relative_to(root).parts]
    assert list_ignored_here(root, there) == list_ignored_by_git(root, there)


def test_a_file_for_every_repository_is_where_git_has_it(tmp_path: Path) -> None:
    root = make_repository(tmp_path, {}, ["a", "b"])
    (tmp_path / "home" / ".gitconfig").write_text("[core]\n\texcludesFile = ~/mine\n")
    (root / ".git" / "config").write_text("")
    (tmp_path / "home" / "mine").write_text("a\n")
    rules = IgnoreFiles(root)
    assert rules.find_refusal("a") == "ignored by git's home/mine"
    assert rules.find_refusal("b") == ""
    (tmp_path / "home" / ".gitconfig").write_text("[core]\n\texcludesFile = ~/my-other\n")
    (tmp_path / "home" / "my-other").write_text("b\n")
    assert (rules.find_refusal("a"), rules.find_refusal("b")) == ("", "ignored by git's home/my-other")


def test_a_repository_inside_has_its_own_excludes(tmp_path: Path) -> None:
    root = make_repository(tmp_path, {}, [])
    inner = make_repository(root, {".git/info/exclude": "mine\n"}, ["mine", "other"]).rename(root / "inner")
    assert (inner / "mine").exists()
    assert IgnoreFiles(root).find_refusal("inner/mine") == "ignored by git's info/exclude"
    assert IgnoreFiles(root).find_refusal("inner/other") == ""


def test_a_link_is_no_ignore_file_as_for_git(tmp_path: Path) -> None:
    root = make_repository(tmp_path, {"elsewhere": "a\n"}, ["a"])
    (root / ".gitignore").symlink_to("elsewhere")
    assert list_ignored_here(root, ["a"]) == list_ignored_by_git(root, ["a"]) == set()


def test_below_an_ignore_file_that_is_too_large_nothing_is_shown(tmp_path: Path) -> None:
    root = make_repository(tmp_path, {"a/.gitignore": "#" * (MAX_IGNORE_FILE_BYTES + 1)}, ["a/b", "c"])
    assert IgnoreFiles(root).find_refusal("a/b") == "ignored: a/.gitignore is larger than 1,000,000 bytes"
    assert IgnoreFiles(root).find_refusal("c") == ""


HARD = ["*a" * 60, "**/*a*" * 40, "*a*/" * 30, "[a]*" * 60, "a" + "*?" * 100, "**/" * 60, "*" * 5000]


@pytest.mark.parametrize("pattern", HARD)
def test_no_pattern_takes_for_ever(pattern: str) -> None:
    """Each of these tries more ways than there are atoms, where a matcher goes back from every star."""
    patterns = read_patterns(f"{pattern}b".encode())
    for path in ("a" * 250, "/".join(["a" * 60] * 60), "a/" * 2000 + "a"):
        assert match_path(patterns, path.encode(), folder=True) is None
