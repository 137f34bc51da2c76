"""How a project tests, found from its files: the framework, and where the tests of a file belong."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from interfix.errors import UsageError
from interfix.system.file_reader import read_beginning

_MAX_FILES = 5000
"""Files looked at for tests that are there already."""
_COMMONJS_EXPORT = re.compile(r"^(?:module\.)?exports\b", re.MULTILINE)
"""In a JavaScript file that others take with require and cannot import."""
_MAX_SIGN_BYTES = 200_000
"""Bytes of a sign that are read."""
_SKIPPED_FOLDERS = {"node_modules", "venv", "dist", "build", "target", "vendor", "__pycache__", "site-packages"}


class Framework(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of frameworks.toml."""

    name: str
    """As people call it."""
    languages: tuple[str, ...]
    """Ids of the languages it is for."""
    signs: dict[str, str]
    """By file at the top of a project, what stands in it; empty: it is there."""
    files: tuple[str, ...]
    """Names of the file with the tests of {stem}, the usual one first."""
    folders: tuple[str, ...]
    """Where such files are put, the usual place first; empty: beside the code."""
    finds: str
    """Finds a test in a file."""
    inside: str = ""
    """The kind of definition that tests have to stand in; empty: none."""
    says: str
    """How tests are written with it, as one tells somebody who is to do it; {taking} is how what is tested is imported."""

    @property
    def has_import_syntax(self) -> bool:
        """Whether it is known how tests take what they test."""
        return "{taking}" in self.says

    def count_tests(self, text: str) -> int:
        """How many tests a text has."""
        return len(re.findall(self.finds, text, re.MULTILINE))


class TargetTestFile(msgspec.Struct, frozen=True):
    """Where the tests of a file belong."""

    framework: Framework
    """With what they are written."""
    path: Path
    """Their file."""
    exists: bool
    """Whether it is there already."""
    example_path: Path | None
    """Another test file of the project, to write alike; None where there is none."""

    def format_import(self, name: str, path: Path, text: str) -> str:
        """How tests take something from the JavaScript file at `path` with this text."""
        there = Path(os.path.relpath(path, self.path.parent)).as_posix()
        there = there if there.startswith("../") else f"./{there}"
        return (
            f"const {{ {name} }} = require('{there}')" if _COMMONJS_EXPORT.search(text) else f"import {{ {name} }} from '{there}'"
        )


def locate_test_file(path: Path, language: str, root: Path | None) -> TargetTestFile:
    """Where the tests of the file at `path` belong. Raises `UsageError` where nobody knows how its language is tested."""
    root = root or path.parent
    framework = detect_framework(language, root)
    names = [name.format(stem=path.stem, suffix=path.suffix.lstrip(".")) for name in framework.files]
    if path.name in names and framework.folders == ("",):
        return TargetTestFile(framework, path, exists=True, example_path=None)
    test_files = [each for each in _walk_files(root) if _is_test_file(each.name, framework, path.suffix) and each != path]
    for each in test_files:
        if each.name in names and _count_shared_folders(each, path) == max(
            _count_shared_folders(other, path) for other in test_files if other.name in names
        ):
            return TargetTestFile(framework, each, exists=True, example_path=None)
    nearest = max(test_files, key=lambda each: (_count_shared_folders(each, path), -len(each.parts)), default=None)
    folder = nearest.parent if nearest is not None else _default_folder(framework, path, root)
    return TargetTestFile(framework, folder / names[0], exists=(folder / names[0]).exists(), example_path=nearest)


def detect_framework(language: str, root: Path) -> Framework:
    """The framework that the project shows signs of, else the usual one."""
    suited = [each for each in _load_frameworks() if language in each.languages]
    if not suited:
        raise UsageError(f"How {language or 'this kind of file'} is tested is not known here.")
    return next((each for each in suited if any(_has_sign(root / name, sign) for name, sign in each.signs.items())), suited[0])


def _default_folder(framework: Framework, path: Path, root: Path) -> Path:
    """The first of the usual folders that is there, else the usual one."""
    for name in framework.folders:
        if name and (root / name).is_dir():
            return root / name
    return root / framework.folders[0] if framework.folders[0] else path.parent


def _is_test_file(name: str, framework: Framework, suffix: str) -> bool:
    patterns = (
        re.escape(each).replace(r"\{stem\}", ".+").replace(r"\{suffix\}", re.escape(suffix.lstrip("."))) for each in framework.files
    )
    return any(re.fullmatch(pattern, name) for pattern in patterns)


def _count_shared_folders(test: Path, path: Path) -> int:
    """How many folders both have in common, by name."""
    return len(set(test.parent.parts) & set(path.parent.parts))


def _walk_files(root: Path) -> Iterator[Path]:
    count = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in _SKIPPED_FOLDERS)
        for name in sorted(names):
            count += 1
            if count > _MAX_FILES:
                return
            yield Path(folder, name)


def _has_sign(file: Path, sign: str) -> bool:
    try:
        return sign in read_beginning(file, _MAX_SIGN_BYTES).decode("utf-8", "replace")
    except OSError:
        return False


@cache
def _load_frameworks() -> tuple[Framework, ...]:
    text = Path(__file__).with_name("frameworks.toml").read_bytes()
    return tuple(msgspec.toml.decode(text, type=dict[str, tuple[Framework, ...]])["framework"])
