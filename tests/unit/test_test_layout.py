"""Where the tests lie: a test file has the name and the folder of its module, and test modules do not import each other.

About `tests/` itself.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEST_FILES = sorted((ROOT / "tests").rglob("test_*.py"))
UNIT_TEST_FILES = [path for path in TEST_FILES if path.is_relative_to(ROOT / "tests/unit")]


def show_path(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", UNIT_TEST_FILES, ids=show_path)
def test_a_test_file_lies_where_its_module_lies_or_names_what_it_is_about(path: Path) -> None:
    room = path.relative_to(ROOT / "tests/unit").parent
    module = path.stem.removeprefix("test_")
    homes = [ROOT / "server/interfix" / room / module, ROOT / "tests" / room / module]
    if any(home.is_dir() or home.with_suffix(".py").exists() for home in homes):
        return
    named = re.findall(r"`([\w./]+)`", ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")
    assert named, (
        f"{show_path(path)}: no module has this name; rename it, or name in its docstring what it is about, as `lsp/session.py`"
    )
    found = [name for name in named if (ROOT / "server/interfix" / name).exists() or (ROOT / name).exists()]
    assert found, f"{show_path(path)}: its docstring names {named}, of which none is there"


@pytest.mark.parametrize("path", TEST_FILES, ids=show_path)
def test_no_test_module_imports_another(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        parts = {part for name in names for part in name.split(".")}
        tests = sorted(part for part in parts if part.startswith("test_") or part == "conftest")
        assert not tests, f"{show_path(path)} imports {tests}: move what both need into a module of its own"
