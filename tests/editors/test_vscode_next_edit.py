"""Next edits in a real Visual Studio Code with the real server: what is drawn, where Tab goes, and when it stays Tab."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

from tests.editors.vscode_driver import VSCode, Window
from tests.isolated_home import ALWAYS_SHOWN

SHORT = """def mean(values):
    count‸ = len(values)
    if count == 0:
        raise ValueError
    print('mean of', count)
    result = sum(values)
    result = result / 1
    return result / count
"""
LONG = f"count‸ = 1\n{'pass' + chr(10)}{'# nothing' + chr(10)}" + "x = 0\n" * 120 + "print(count)\n"


@pytest.fixture(scope="module")
def environment_settings() -> dict[str, str]:
    """Nothing is suggested at the cursor unless it is asked for."""
    return {"INTERFIX_COMPLETION_ENABLED": "false", **ALWAYS_SHOWN}


@pytest.fixture(scope="module")
def shared_window(code: VSCode, workspace: Path) -> Iterator[Window]:
    with code.launch_window(workspace) as window:
        window.wait_until(lambda: window.read_status() in ("check Interfix", "circle-slash Interfix"), "the server is ready")
        yield window


@pytest.fixture
def window(shared_window: Window) -> Iterator[Window]:
    yield shared_window
    shared_window.press_keys("Escape", "Escape")
    shared_window.run_command("View: Revert and Close Editor")
    shared_window.wait_until(lambda: not shared_window.read_active_tab(), "the editor is closed")


def rename(window: Window) -> None:
    """Rename what stands before the cursor to total, as a person does."""
    window.press_keys("Control+Backspace")
    window.type_text("total", delay_ms=30)


def await_drawn(window: Window, *changes: str) -> None:
    """Wait until these changes are drawn and nothing else; close the editor's list, which would get the next key."""
    window.wait_until(lambda: window.read_drawn() == list(changes), f"drawn: {changes}")
    if window.read_selected_completion():
        window.press_keys("Escape")
        window.wait_until(lambda: not window.read_selected_completion(), "the list is closed")


def await_text(window: Window, text: str) -> None:
    """Wait until this is the text of the editor, and nothing more is drawn."""
    window.wait_until(lambda: window.read_text() == text, "it is taken")
    window.wait_until(lambda: not window.read_drawn(), "nothing more is drawn")


def test_three_uses_are_renamed_by_three_tabs(window: Window) -> None:
    window.open("short.py", SHORT)
    rename(window)
    for _ in range(3):
        await_drawn(window, "total")
        assert window.read_struck() == ["count"]
        before = window.read_cursor()
        window.press_keys("Tab")
        window.wait_until(lambda before=before: window.read_cursor() != before, "it is taken")
    await_text(window, SHORT.replace("‸", "").replace("count", "total"))


def test_neighbouring_lines_are_one_edit(window: Window) -> None:
    code = "count‸ = 1\nprint(count)\nprint(count + 1)\n"
    window.open("lines.py", code)
    rename(window)
    await_drawn(window, "total", "total")
    window.press_keys("Tab")
    await_text(window, code.replace("‸", "").replace("count", "total"))


def test_a_place_out_of_sight_is_told_gone_to_and_taken(window: Window) -> None:
    window.open("long.py", LONG)
    rename(window)
    await_drawn(window, "⇥ line 124: count → total")
    window.press_keys("Tab")
    await_drawn(window, "total")
    assert (window.read_cursor() or (0, 0))[0] == 124
    window.press_keys("Tab")
    window.wait_until(lambda: window.read_text().endswith("print(total)\n"), "it is taken")
    window.wait_until(lambda: not window.read_drawn(), "nothing more is drawn")


def test_a_place_in_another_file_is_told_gone_to_and_taken(window: Window, workspace: Path) -> None:
    (workspace / "report.py").write_text("from means import print_mean\n\nprint_mean([1, 2])\n")
    window.open("means.py", "def print_mean‸(values):\n    print(sum(values) / len(values))\n")
    window.press_keys("Control+Backspace")
    window.type_text("show_mean", delay_ms=30)
    await_drawn(window, "⇥ report.py:1: print_mean → show_mean")
    window.press_keys("Tab")
    window.wait_until(lambda: window.read_active_tab() == "report.py" and window.read_struck(), "the change is drawn")
    window.press_keys("Tab")
    window.wait_until(lambda: "import show_mean" in window.read_text(), "it is taken")
    window.run_command("View: Revert and Close Editor")
    window.wait_until(lambda: window.read_active_tab() == "means.py", "the file it came from is shown again")


def test_escape_leaves_it_for_good(window: Window) -> None:
    window.open("escape.py", "count‸ = 1\nprint(count)\n")
    rename(window)
    await_drawn(window, "total")
    window.press_keys("Escape")
    window.wait_until(lambda: not window.read_drawn(), "it is gone")
    window.press_keys("Tab")
    assert "count" in window.read_text(), "Tab takes nothing that is not shown"


def test_typing_on_takes_it_away_until_a_pause(window: Window) -> None:
    window.open("typing.py", SHORT)
    rename(window)
    await_drawn(window, "total")
    window.type_text("s")
    await_drawn(window, "totals")


def test_tab_indents_in_leading_white_space(window: Window) -> None:
    window.open("indent.py", "if True:\n    count‸ = 1\n    pass\nprint(count)\n")
    rename(window)
    await_drawn(window, "total")
    window.move_cursor(3, 5)
    window.press_keys("Tab")
    assert window.read_text().splitlines()[2] == "        pass"


def test_it_can_be_switched_off_snoozed_and_asked_for(window: Window, code: VSCode) -> None:
    window.open("off.py", SHORT)
    code.configure({"interfix.nextEdit.enabled": False})
    rename(window)
    window.run_command("Interfix: Suggest the Next Edit")
    await_drawn(window, "total")
    code.configure({"interfix.nextEdit.enabled": True})
    window.run_command("Interfix: Pause Next Edits for 5 Minutes")
    window.wait_until(lambda: not window.read_drawn(), "it is gone")
    window.type_text("s")
    window.page.wait_for_timeout(600)
    assert window.read_drawn() == []
    window.run_command("Interfix: Suggest the Next Edit")
    await_drawn(window, "totals")
