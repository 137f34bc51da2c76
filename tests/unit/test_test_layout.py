"""Where the tests lie: a test file has the name and the folder of its module, and test modules do not import each other.

About `tests/` itself.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEST_FILES = sorted((ROOT / "tests").rglob("test_*.py"))
IMPORT_OF_TEST = re.compile(r"^\s*(?:from|import)\b[^\n(]*(?:\([^)]*)?\b(?:test_|conftest\b)", re.MULTILINE)
"""A statement, or a line of a string, that may import a test module."""
UNIT_TEST_FILES = [path for path in TEST_FILES if path.is_relative_to(ROOT / "tests/unit")]


def show_path(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_a_test_file_lies_where_its_module_lies_or_names_what_it_is_about() -> None:
    lost = {show_path(path): reason for path in UNIT_TEST_FILES if (reason := find_misplacement(path))}
    assert lost == {}


def find_misplacement(path: Path) -> str:
    """What is wrong with where a test file lies; empty where nothing is."""
    room = path.relative_to(ROOT / "tests/unit").parent
    module = path.stem.removeprefix("test_")
    homes = [ROOT / "server/interfix" / room / module, ROOT / "tests" / room / module]
    if any(home.is_dir() or home.with_suffix(".py").exists() for home in homes):
        return ""
    named = re.findall(r"`([\w./]+)`", ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")
    if not named:
        return "no module has this name; rename it, or name in its docstring what it is about, as `lsp/session.py`"
    found = [name for name in named if (ROOT / "server/interfix" / name).exists() or (ROOT / name).exists()]
    return "" if found else f"its docstring names {named}, of which none is there"


def test_no_test_module_imports_another() -> None:
    imported = {show_path(path): tests for path in TEST_FILES if (tests := list_imported_tests(path))}
    assert imported == {}, "move what both need into a module of its own"


def list_imported_tests(path: Path) -> list[str]:
    names: list[str] = []
    text = path.read_text("utf-8")
    if not IMPORT_OF_TEST.search(text):  # parsing them all takes a second
        return names
    for node in ast.walk(ast.parse(text)):
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
    parts = {part for name in names for part in name.split(".")}
    return sorted(part for part in parts if part.startswith("test_") or part == "conftest")


def test_the_rules_see_what_they_forbid(tmp_path: Path) -> None:
    bad = tmp_path / "test_bad.py"
    bad.write_text("from tests.unit.test_house_rules import MODULES\nimport conftest\n")
    assert list_imported_tests(bad) == ["conftest", "test_house_rules"]
    bad.write_text("if True:\n    from tests.unit import (\n        architectures,\n        test_house_rules,\n    )\n")
    assert list_imported_tests(bad) == ["test_house_rules"]
