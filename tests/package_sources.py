"""The modules of the package as text and as trees, read and parsed once for all tests of a process that look at them."""

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "server/interfix"


@cache
def read_modules() -> dict[str, str]:
    """The text of every module, by its path in the package."""
    return {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def parse_modules() -> dict[str, ast.Module]:
    """Their trees."""
    return {path: ast.parse(text) for path, text in read_modules().items()}


@cache
def list_calls() -> tuple[tuple[str, str, ast.Call], ...]:
    """Every call in the package: its module, the last name of what is called, and its node."""
    return tuple(
        (path, get_called_name(node.func), node)
        for path, tree in parse_modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    )


def get_called_name(node: ast.expr) -> str:
    """The name at the end of an expression; empty where it is none."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
