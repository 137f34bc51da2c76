"""Every language's folder keeps its promises, and the check tells where one does not."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from interfix.cli import app
from interfix.syntax.grammar_check import find_problems, write_captures
from interfix.syntax.languages import Language, load_languages
from tests.effort import take_share

ALL = sorted(load_languages(), key=lambda language: language.id)


@pytest.mark.parametrize("language", take_share(ALL), ids=lambda language: language.id)
def test_a_language_keeps_its_promises(language: Language) -> None:
    assert list(find_problems(language)) == []


def add(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / name
        file.write_text((file.read_text() if file.exists() else "") + text)

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (add("scopes.scm", "(module) @whatever\n"), "scopes.scm captures @whatever, which nobody uses"),
        (add("folds.scm", "(module) @fold\n"), "folds.scm is read by nobody"),
        (add("blocks.scm", "(nonsense) @open\n"), "blocks.scm does not fit its grammar"),
        (add("blocks.scm", "(nonlocal_statement) @text\n"), "no example for line"),
        (
            add("definitions.scm", '((identifier) @name @definition.module (#set! name "never"))\n'),
            "no example for @definition.module",
        ),
        (add("example.pyw", "def f(:\n"), "example.pyw does not parse: 1 errors"),
        (add("example.pyw", "class Another: pass\n"), "captures.toml is not what its queries capture"),
        (add("example.py", ""), "it needs one example.*"),
        (lambda folder: (folder / "comments.scm").unlink(), "comments.scm is missing"),
        (lambda folder: (folder / "example.pyw").rename(folder / "example.go"), "example.go is taken for Go"),
    ],
)
def test_the_check_tells_what_is_wrong(tmp_path: Path, change: Callable[[Path], None], problem: str) -> None:
    python = load_languages().find_by_id("python")
    assert python is not None
    folder = Path(shutil.copytree(python.folder, tmp_path / "python"))
    change(folder)
    found = list(find_problems(replace(python, folder=folder)))
    assert any(problem in each for each in found), found


def test_what_an_example_shows_is_written_down(tmp_path: Path) -> None:
    python = load_languages().find_by_id("python")
    assert python is not None
    copied = replace(python, folder=Path(shutil.copytree(python.folder, tmp_path / "python")))
    add("example.pyw", "class Another: pass\n")(copied.folder)
    write_captures(copied)
    assert list(find_problems(copied)) == []
    assert "class Another: pass" in (copied.folder / "captures.toml").read_text()


def test_a_language_that_cannot_load_its_grammar_goes_on_without(caplog: pytest.LogCaptureFixture) -> None:
    python = load_languages().find_by_id("python")
    assert python is not None
    gone = replace(python, grammar=replace(python.grammar, module="tree_sitter_missing_here"))
    assert gone.load_grammar() is None
    assert "no grammar for python" in caplog.text
    assert list(find_problems(gone)) == ["its grammar, tree_sitter_missing_here, cannot be loaded"]


def test_the_command_line_lists_and_checks() -> None:
    run = CliRunner()
    assert "tree_sitter" not in run.invoke(app, ["grammars", "list"]).stdout
    assert "TypeScript" in run.invoke(app, ["grammars", "list"]).stdout
    assert run.invoke(app, ["grammars", "check", "go"]).exit_code == 0
