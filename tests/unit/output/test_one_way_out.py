"""There is one way to each sink: what the linter cannot forbid by name is found in the syntax trees here.

About all of `output/` and its callers.
"""

import ast
from pathlib import Path

import pytest

from tests.package_sources import list_calls, parse_modules

ONLY_IN = {
    # An editor's notifications, dialogues and error replies.
    "window_show_message": {"lsp/client.py"},
    "ShowMessageParams": {"lsp/client.py"},
    "window_show_message_request": set(),
    "window_log_message": set(),
    "ResponseError": {"lsp/converters.py", "lsp/jsonrpc.py"},
    # Markdown that an editor renders.
    "MarkupContent": {"lsp/completion.py"},
    # HTML that is not escaped.
    "Markup": {"stats/svg_charts.py", "stats/html_pages.py"},
    # A terminal: rich's other ways to read markup.
    "from_markup": set(),
    "render_markup": set(),
    # Logs.
    "Formatter": set(),
    "basicConfig": {"config/log_files.py"},
    "StreamHandler": set(),
}
"""Calls by name, and the files that may have them."""

HANDED = {"Markdown": "hyperlinks=False", "TextColumn": "markup=False"}
"""Calls that have to say something, wherever they are."""


def test_each_sink_is_reached_in_one_way() -> None:
    found = [f"{place}:{node.lineno} {name}" for place, name, node in list_calls() if place not in ONLY_IN.get(name, {place})]
    assert found == []


def test_what_renders_text_is_told_to_leave_it_text() -> None:
    found = [
        f"{place}:{node.lineno} {name}"
        for place, name, node in list_calls()
        if name in HANDED and HANDED[name] not in ast.unparse(node)
    ]
    assert found == []


def test_verdicts_go_to_editors_through_the_sink() -> None:
    """A verdict holds names from the code; so each use in what talks to an editor is an argument of the function for it."""
    for path, tree in parse_modules().items():
        if not path.startswith("lsp/"):
            continue
        sinks = ("format_notification", "write_message", "show_info")
        inside = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in sinks
            for inner in ast.walk(node)
        }
        uses = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "summary"]
        assert [f"{path}:{node.lineno}" for node in uses if id(node) not in inside] == []


@pytest.mark.parametrize(
    "source", ["print('a')", "import sys\nsys.stdout.write('a')", "import subprocess", "from rich.console import Console"]
)
def test_the_linter_keeps_the_other_ways_out(source: str, tmp_path: Path) -> None:
    from interfix.system.child_process import run_child

    config = Path(__file__).parents[3] / "pyproject.toml"
    file = tmp_path / "another.py"
    file.write_text(f"{source}\n")
    ended = run_child(["ruff", "check", "--config", str(config), "--no-cache", "--select", "T20,TID251", str(file)], 60)
    assert ended.code == 1, ended.errors.decode()
