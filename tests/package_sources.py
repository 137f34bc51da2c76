"""The modules of the package as text and as trees, read and parsed once for all tests of a process that look at them."""

import ast
import gc
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
    was_enabled = gc.isenabled()
    gc.disable()  # a million nodes, none of them garbage
    trees = {path: ast.parse(text) for path, text in read_modules().items()}
    if was_enabled:
        gc.enable()
    return trees


@cache
def list_nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Every node of a tree: walking all of them once takes as long as parsing."""
    return tuple(ast.walk(tree))


@cache
def list_calls() -> tuple[tuple[str, str, ast.Call], ...]:
    """Every call in the package: its module, the last name of what is called, and its node."""
    return tuple(
        (path, get_called_name(node.func), node)
        for path, tree in parse_modules().items()
        for node in list_nodes(tree)
        if isinstance(node, ast.Call)
    )


def get_called_name(node: ast.expr) -> str:
    """The name at the end of an expression; empty where it is none."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
