"""Interfix in a real Visual Studio Code, with the real server and the real small model: what a user types, and what they see."""

import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.editors import lsp_proxy

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

from lsprotocol.types import InlineCompletionTriggerKind

from tests.editors.editor_processes import find_engine_host, find_language_server
from tests.editors.ghost_oracle import find_stale
from tests.editors.vscode_driver import STATUS_ITEM, VSCode, Window
from tests.isolated_home import ALWAYS_SHOWN

BOX = """class Box:
    def __init__(self, left, right, top, bottom):‸


box = Box(1, 2, 3, 4)
print(box.left, box.right, box.top, box.bottom)
"""
FIELDS = ["self.left = left", "self.right = right", "self.top = top", "self.bottom = bottom"]
MEAN = '''def mean(values: list[float]) -> float:
    """Arithmetic mean of the values."""
    return‸ sum(values) / len(values)


def total(values: list[float]) -> float:
    return sum(values)
'''
RENAMED = "    return sum(numbers) / len(numbers)"


@pytest.fixture(scope="module")
def environment_settings() -> dict[str, str]:
    """However unsure the small model is, it shows what it has."""
    return {"INTERFIX_COMMANDS_MAX_TOKENS": "128", **ALWAYS_SHOWN}


@pytest.fixture(scope="module")
def shared_window(code: VSCode, workspace: Path) -> Iterator[Window]:
    """A window with the engine warm, so that no test waits for a model to be loaded but those that ask for it."""
    with code.launch_window(workspace) as window:
        window.open("warm.py", BOX)
        window.wait_until(lambda: window.read_status() == "check Interfix", "the server is ready")
        request_suggestion(window)
        yield window


@pytest.fixture
def window(shared_window: Window) -> Iterator[Window]:
    """The window without anything that a test has left open, and with the server at rest."""
    shared_window.wait_until(lambda: shared_window.read_status() == "check Interfix", "the server is ready")
    yield shared_window
    shared_window.press_keys("Escape", "Escape", "Escape")
    shared_window.run_command("View: Close All Editors")

    def closed() -> bool:
        if shared_window.page.locator(".monaco-dialog-box:visible").count():
            shared_window.click_button("Don't Save")
        return not shared_window.read_active_tab()

    shared_window.wait_until(closed, "all editors are closed")
    shared_window.run_command("Notifications: Clear All Notifications")


def request_suggestion(window: Window) -> str:
    """The suggestion for the body of a function whose head has the cursor at its end."""
    window.press_keys("Enter")

    def whole() -> str:
        ghost = window.read_ghost()
        return "" if ghost.startswith("\n") else ghost  # the editor draws the lines below first, sometimes a frame before

    ghost: str = window.wait_until(whole, "ghost text")
    return ghost


def read_trigger_kinds(environment: dict[str, str]) -> list[int]:
    """How suggestions were asked for, each time."""
    messages = [each["message"] for each in lsp_proxy.read_messages(Path(environment["TEST_WIRETAP"]))]
    return [each["params"]["context"]["triggerKind"] for each in messages if each.get("method") == "textDocument/inlineCompletion"]


def read_body(window: Window) -> list[str]:
    """What is in the body of the box's method, without its indentation."""
    inside = window.read_text().partition("bottom):\n")[2].partition("\n\n\n")[0]
    return [line.strip() for line in inside.splitlines() if line.strip()]


def test_a_suggestion_appears_after_typing_and_tab_accepts_it(window: Window) -> None:
    window.open("box.py", BOX)
    assert [line.strip() for line in request_suggestion(window).splitlines()] == FIELDS
    window.press_keys("Tab")
    window.wait_until(lambda: not window.read_ghost(), "nothing more is suggested in its place")
    assert read_body(window) == FIELDS


def test_by_word_and_by_line(window: Window) -> None:
    window.open("box.py", BOX)
    request_suggestion(window)
    window.press_keys("Control+ArrowRight")
    window.wait_until(lambda: window.read_cursor() == (3, 13) and window.read_ghost(), "a word is there, and the rest is suggested")
    assert read_body(window) == ["self"]
    window.press_keys("Control+Alt+ArrowRight")
    window.wait_until(
        lambda: (window.read_cursor() or (0, 0))[0] == 4 and window.read_ghost(), "the line is there, and the rest is suggested"
    )
    assert read_body(window) == FIELDS[:1]


def test_what_is_typed_of_it_stays_suggested(window: Window) -> None:
    window.open("box.py", BOX)
    request_suggestion(window)
    window.type_text("self.le")
    window.wait_until(lambda: window.read_ghost().startswith("ft = left"), "the rest is shown")
    window.press_keys("Tab")
    # It takes the suggestion, or first the list's entry, after which the rest is suggested still.
    window.wait_until(lambda: read_body(window) == FIELDS or window.read_ghost().startswith(" = left"), "one of them is taken")
    if read_body(window) != FIELDS:
        window.press_keys("Tab")
    window.wait_until(lambda: read_body(window) == FIELDS, "the rest is taken")
    window.wait_until(lambda: not window.read_ghost(), "nothing more is suggested in its place")


def test_it_is_shown_beside_the_open_list_and_tab_takes_the_lists_entry_first(window: Window) -> None:
    window.open("box.py", BOX)
    request_suggestion(window)
    window.type_text("self.le", delay_ms=60)
    window.wait_until(lambda: window.read_selected_completion() == "left", "the list offers a word of the file")
    window.wait_until(lambda: window.read_ghost().startswith("ft = left"), "the suggestion stands beside it")
    window.take_screenshot("vscode-list-and-suggestion")
    window.press_keys("Tab")
    window.wait_until(lambda: not window.read_selected_completion(), "the list is closed")
    window.wait_until(lambda: window.read_ghost().startswith(" = left"), "the rest is suggested still")
    assert read_body(window) == ["self.left"]
    window.press_keys("Tab")
    window.wait_until(lambda: not window.read_ghost(), "nothing more is suggested in its place")
    assert read_body(window) == FIELDS


def test_enter_takes_the_entry_too(window: Window) -> None:
    window.open("box.py", BOX)
    request_suggestion(window)
    window.type_text("self.le", delay_ms=60)
    window.wait_until(lambda: window.read_selected_completion() == "left", "the list offers a word of the file")
    window.press_keys("Enter")
    window.wait_until(lambda: not window.read_selected_completion(), "the list is closed")
    assert read_body(window) == ["self.left"]


def test_typing_something_else_takes_it_away(window: Window) -> None:
    window.open("box.py", BOX)
    request_suggestion(window)
    window.type_text("x")
    window.wait_until(lambda: not window.read_ghost().startswith("self.left"), "the old suggestion is gone")
    assert read_body(window) == ["x"]


def test_tab_indents_where_nothing_is_shown(window: Window) -> None:
    window.open("notes.txt", "‸\n")
    window.press_keys("Escape", "Tab")
    window.type_text("x")
    assert window.read_text() == "    x\n"


def test_an_explanation_streams_and_ends(window: Window) -> None:
    window.open("mean.py", MEAN)
    window.run_command("Interfix: Explain Selection")
    window.wait_until(window.read_rendered_page, "the page is open")
    texts, states = set(), set()

    def ended() -> bool:
        texts.add(window.read_rendered_page())
        states.add(window.read_status())
        return "loading Interfix" in states and window.read_status() == "check Interfix"

    window.wait_until(ended, "it was thinking, and is ready again")
    assert len(texts) > 3
    assert "mean" in window.read_rendered_page()


def test_explanations_name_the_definition_and_share_a_column(window: Window) -> None:
    window.open("mean.py", MEAN)
    for row, name in ((3, "mean"), (7, "total")):
        window.page.locator(".view-lines .view-line", has_text=f"def {name}").first.click()
        window.move_cursor(row, 1)
        window.run_command("Interfix: Explain Selection")
        window.wait_until(lambda name=name: f"Explanation: {name}" in window.read_tabs(), "the page is named")
        window.wait_until(lambda: window.read_status() == "check Interfix", "the explanation has ended")
        window.wait_until(lambda name=name: window.read_rendered_page().startswith(f"Explanation: {name}"), "it is shown")
        assert window.page.locator(".editor-group-container").count() == 2
    window.run_command("View: Focus First Editor Group")


def test_the_walkthrough_ticks_what_is_there(window: Window) -> None:
    window.run_command("Welcome: Open Walkthrough...")
    window.pick_entry("Get Started with Interfix")
    for step in ("server", "model"):
        ticked = window.page.locator(f".getting-started-step[data-step-id$='#{step}'][aria-checked=true]")
        window.wait_until(ticked.count, f"the step {step} is ticked")


def propose_refactoring(window: Window) -> None:
    """A refactoring that the small model can do, shown and asked about."""
    window.open("mean.py", MEAN)
    window.run_command("Interfix: Refactor Selection…")
    window.pick_entry("Say what is to change…")
    window.fill_input("rename the parameter values to numbers")
    window.wait_until(lambda: window.read_active_tab() == "mean.py: refactoring", "the change is shown")
    window.wait_until(lambda: "Apply" in window.read_notifications(), "the user is asked")


def test_a_refactoring_is_shown_applied_and_undone_at_once(window: Window) -> None:
    propose_refactoring(window)
    assert (window.workspace / "mean.py").read_text() == MEAN.replace("‸", "")
    window.click_button("Apply")
    window.wait_until(lambda: window.read_active_tab() == "mean.py", "the diff is closed")
    window.wait_until(lambda: RENAMED in window.read_text().splitlines(), "it is applied")
    window.press_keys("Control+z")
    assert window.read_text() == MEAN.replace("‸", "")


def test_a_change_that_is_discarded_leaves_everything_as_it_was(window: Window) -> None:
    propose_refactoring(window)
    window.press_keys("Escape")
    window.wait_until(lambda: window.read_active_tab() == "mean.py", "the diff is closed")
    assert window.read_text() == MEAN.replace("‸", "")


def test_the_light_bulb_proposes_too(window: Window) -> None:
    window.open("mean.py", MEAN)
    window.run_code_action("Interfix: Add types")
    window.wait_until(lambda: "Cancel" in window.read_notifications(), "the model is at work")
    window.wait_until(
        lambda: window.read_notifications() and "Cancel" not in window.read_notifications(), "it says what came of it"
    )
    assert window.read_active_tab() in ("mean.py", "mean.py: Add types")
    assert (window.workspace / "mean.py").read_text() == MEAN.replace("‸", "")


def test_a_language_is_switched_off_and_on(window: Window, code: VSCode, home: dict[str, str]) -> None:
    window.open("box.py", BOX)
    window.run_command("Interfix: Turn Suggestions in This Language On or Off")
    window.wait_until(lambda: window.read_status() == "circle-slash Interfix", "it is off")
    assert code.settings["interfix.completion.notIn"] == ["python"]
    before = len(read_trigger_kinds(home))
    window.press_keys("Enter")
    window.run_command("Trigger Inline Suggestion")
    window.await_ghost("what is asked for is suggested")
    assert read_trigger_kinds(home)[before:] == [InlineCompletionTriggerKind.Invoked]
    window.press_keys("Escape")
    window.run_command("Interfix: Turn Suggestions in This Language On or Off")
    window.wait_until(lambda: window.read_status() == "check Interfix", "it is on")
    window.press_keys("Backspace")
    window.await_ghost()


def test_pausing_holds_for_the_window(window: Window) -> None:
    window.open("box.py", BOX)
    request_suggestion(window)
    window.run_command("Interfix: Pause Suggestions in This Window Until Restart")
    window.wait_until(lambda: window.read_status() == "debug-pause Interfix", "it is paused")
    window.wait_until(lambda: not window.read_ghost(), "what was shown is gone")
    window.run_command("Interfix: Resume Suggestions")
    window.wait_until(lambda: window.read_status() == "check Interfix", "it goes on")


def test_an_engine_that_is_killed_comes_back(window: Window, home: dict[str, str]) -> None:
    killed = find_engine_host(home)
    killed.kill()
    window.open("other.py", BOX.replace("left", "north").replace("right", "south"))
    request_suggestion(window)
    window.wait_until(lambda: window.read_status() == "check Interfix", "it is ready again")
    assert find_engine_host(home).pid != killed.pid


def test_a_long_file_and_quick_fingers_leave_nothing_stale(window: Window, home: dict[str, str]) -> None:
    filler = "".join(f"def step_{i}(value):\n    return value * {i} + {i % 7}\n\n\n" for i in range(12_500))
    window.open("long.py", filler + BOX)
    for line in ("self.left = left", "self.width = right - left"):
        window.start_recording()
        request_suggestion(window)
        type_line(window, line, home)
    assert read_body(window) == ["self.left = left", "self.width = right - left"]


@pytest.mark.parametrize(
    "amiss", ["the engine is killed", "the engine hangs", "the server is killed", "the server takes nothing more"]
)
def test_typing_goes_on_whatever_happens_behind_it(window: Window, code: VSCode, home: dict[str, str], amiss: str) -> None:
    window.open("box.py", BOX)
    window.start_recording()
    request_suggestion(window)
    process = find_language_server(code.list_processes()) if "server" in amiss else find_engine_host(home)
    process.kill() if "killed" in amiss else process.suspend()
    if amiss == "the server takes nothing more":
        process.parent().send_signal(signal.SIGUSR1)
    try:
        type_line(window, "self.width = right - left", home)
        assert read_body(window) == ["self.width = right - left"]
    finally:
        # One that hangs may have been ended meanwhile, by who waited for it.
        with suppress(psutil.NoSuchProcess):
            process.kill() if amiss == "the server takes nothing more" else process.resume()
    window.wait_until(lambda: window.read_status() == "check Interfix", "it is ready again")
    request_suggestion(window)


def type_line(window: Window, line: str, environment: dict[str, str]) -> None:
    """Type a line quickly, with nothing on the screen since the recording began that was suggested for another text."""
    row, column = window.read_cursor() or (0, 0)
    window.type_text(line, delay_ms=40)
    window.wait_until(lambda: window.read_cursor() == (row, column + len(line)), "all of it is there")
    window.press_keys("Escape")
    frames = window.stop_recording().frames
    assert any(frame.ghost for frame in frames)
    assert find_stale(frames, " " * (column - 1) + line, row - 1, lsp_proxy.read_messages(Path(environment["TEST_WIRETAP"]))) == []


def test_nothing_goes_to_the_network(window: Window, code: VSCode) -> None:
    window.open("box.py", BOX)
    request_suggestion(window)
    assert [address for address in code.list_connections() if address not in ("127.0.0.1", "::1", "::ffff:127.0.0.1")] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_looks_well_in_both_themes(window: Window, theme: str) -> None:
    window.page.set_viewport_size({"width": 1040, "height": 560})
    if theme == "light":
        window.run_command("View: Toggle Primary Side Bar Visibility")
    else:
        window.run_command("Preferences: Toggle between Light/Dark Themes")
    window.open("box.py", BOX)
    request_suggestion(window)
    window.take_screenshot(f"ghost-{theme}")
    window.page.locator(STATUS_ITEM).click()
    window.wait_until(lambda: "Model that completes" in window.read_entries(), "the menu is open")
    window.take_screenshot(f"menu-{theme}")
    window.press_keys("Escape", "Escape")
    window.open("mean.py", MEAN)
    window.run_command("Interfix: Explain Selection")
    window.wait_until(
        lambda: "mean" in window.read_rendered_page().partition("\n")[2] and window.read_status() == "check Interfix",
        "an explanation",
    )
    window.take_screenshot(f"explain-{theme}")
    window.press_keys("Control+1")
    propose_refactoring(window)
    window.take_screenshot(f"refactor-{theme}")
