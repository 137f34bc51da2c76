"""What the instruct model does in a real Visual Studio Code at the place itself: an edit at the selection, a commit message."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

from tests.editors.vscode_driver import VSCode, Window
from tests.editors.vscode_install import require_tool

MEAN = '''def mean(values: list[float]) -> float:
    """Arithmetic mean of the values."""
    return‸ sum(values) / len(values)


def total(values: list[float]) -> float:
    return sum(values)
'''
THREAD = ".review-widget:visible"
"""The field below a selection."""
BOX = ".scm-input .view-lines"
"""The text of the source-control box."""


@pytest.fixture(scope="module")
def environment_settings() -> dict[str, str]:
    return {"INTERFIX_COMMANDS_MAX_TOKENS": "128"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one commit, and a change that is staged."""
    folder = tmp_path_factory.mktemp("repository")
    git(folder, "init", "--quiet")
    (folder / "mean.py").write_text(MEAN.replace("‸", ""))
    git(folder, "add", ".")
    git(folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "Add the mean")
    (folder / "median.py").write_text("def median(values):\n    return sorted(values)[len(values) // 2]\n")
    git(folder, "add", "median.py")
    return folder


@pytest.fixture(scope="module")
def window(code: VSCode, workspace: Path) -> Iterator[Window]:
    code.configure({"git.enabled": True})
    with code.launch_window(workspace) as window:
        window.wait_until(lambda: window.read_status() == "check Interfix", "the server is ready")
        yield window


def git(folder: Path, *arguments: str) -> None:
    subprocess.run([require_tool("git", "there is no repository"), *arguments], cwd=folder, check=True, capture_output=True)


def ask_below(window: Window, words: str) -> None:
    """Open the field below the cursor and type what is to change."""
    window.open("mean.py", MEAN)
    window.press_keys("Control+Alt+e")
    window.wait_until(lambda: window.page.locator(THREAD).count(), "the field is open")
    field = window.page.locator(f"{THREAD} .monaco-editor.focused")
    window.wait_until(field.count, "the field has the cursor")
    window.type_text(words)
    window.wait_until(lambda: words in read_lines(window, f"{THREAD} .view-lines"), "it is typed")


def read_lines(window: Window, place: str) -> str:
    return "\n".join(window.page.locator(place).all_inner_texts()).replace("\xa0", " ")


def test_an_edit_is_asked_for_at_the_selection(window: Window) -> None:
    ask_below(window, "rename the parameter values to numbers")
    window.take_screenshot("vscode-inline-edit")
    window.press_keys("Control+Enter")
    window.wait_until(lambda: window.read_active_tab() == "mean.py: edit", "the change is shown")
    assert not window.page.locator(THREAD).count()
    window.wait_until(lambda: "Apply" in window.read_notifications(), "the user is asked")
    window.click_button("Apply")
    window.wait_until(lambda: window.read_active_tab() == "mean.py", "the diff is closed")
    window.wait_until(lambda: window.read_text() != MEAN.replace("‸", ""), "it is applied")


def test_escape_leaves_the_field_and_the_file_as_it_was(window: Window) -> None:
    ask_below(window, "rename the parameter values to numbers")
    window.press_keys("Escape")
    window.wait_until(lambda: not window.page.locator(THREAD).count(), "the field is closed at once")
    window.type_text("x")
    window.wait_until(lambda: window.read_text() == MEAN.replace("‸", "x"), "the cursor is back where it was")


FIRST = r"first $0 \d words"


def test_what_was_typed_is_offered_again_and_replaced_by_typing(window: Window) -> None:
    ask_below(window, FIRST)
    window.press_keys("Escape")
    window.wait_until(lambda: not window.page.locator(THREAD).count(), "the field is closed")
    window.press_keys("Control+Alt+e")
    window.wait_until(lambda: read_lines(window, f"{THREAD} .view-lines").strip() == FIRST, "the words are offered again")
    window.wait_until(window.page.locator(f"{THREAD} .selected-text").count, "they are selected")
    window.type_text("others")
    window.wait_until(lambda: read_lines(window, f"{THREAD} .view-lines").strip() == "others", "typing replaces them")
    window.press_keys("Escape")
    window.wait_until(lambda: not window.page.locator(THREAD).count(), "the field is closed")


def test_the_button_writes_a_commit_message_into_the_box(window: Window) -> None:
    window.run_command("Source Control: Focus on Changes View")
    button = window.page.locator(".scm-view a.action-label.codicon-sparkle, .part.sidebar a.action-label.codicon-sparkle").first
    button.wait_for()
    before = read_lines(window, BOX)
    button.click()
    window.wait_until(lambda: read_lines(window, BOX).strip() not in ("", before.strip()), "a message is there")
    window.wait_until(lambda: window.read_status() == "check Interfix", "nothing is computed any more")
    window.take_screenshot("vscode-commit-message")
    assert "Message (" not in read_lines(window, BOX)
    assert len(read_lines(window, BOX).strip().splitlines()[0]) <= 72
    git(window.workspace, "diff", "--cached", "--exit-code", "mean.py")
