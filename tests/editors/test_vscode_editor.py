"""Interfix in a real Visual Studio Code, with the real server and the real small model: what a user types, and what they see."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from home import INTERFIX, make_home

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

import wiretap
from behind import engine, server
from lsprotocol.types import InlineCompletionTriggerKind
from offered import stale
from vscode_driver import STATUS, VSCode, Window, chromium
from vscode_program import vsix

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
def environment(models: dict[str, str]) -> Iterator[dict[str, str]]:
    """A home with an `interfix` on the PATH that is listened to. However unsure the small model is, it shows what it has."""
    home, environment = make_home(models)
    log = wiretap.install(home / "bin")
    path = os.pathsep.join([str(home / "bin"), environment["PATH"]])
    settings = {"COMMANDS_MAX_TOKENS": "128", "COMPLETION_THRESHOLD": "0", "COMPLETION_TIME_MS": "0"}
    yield {**environment, "PATH": path, "TEST_WIRETAP": str(log), **{f"INTERFIX_{name}": value for name, value in settings.items()}}
    subprocess.run([INTERFIX, "stop"], env=environment, check=True, capture_output=True)
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def code(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[VSCode]:
    code = VSCode(tmp_path_factory.mktemp("code"), environment, vsix())
    yield code
    code.close()


@pytest.fixture(scope="module")
def shared(code: VSCode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """A window with the engine warm, so that no test waits for a model to be loaded but those that ask for it."""
    with chromium() as browser:
        window = code.window(browser.new_page(), tmp_path_factory.mktemp("workspace"))
        window.open("warm.py", BOX)
        window.until(lambda: window.status() == "check Interfix", "the server is ready")
        suggested(window)
        yield window


@pytest.fixture
def window(shared: Window) -> Iterator[Window]:
    """The window without anything that a test has left open, and with the server at rest."""
    shared.until(lambda: shared.status() == "check Interfix", "the server is ready")
    yield shared
    shared.keys("Escape", "Escape", "Escape")
    shared.command("View: Close All Editors")

    def closed() -> bool:
        if shared.page.locator(".monaco-dialog-box:visible").count():
            shared.press("Don't Save")
        return not shared.tab()

    shared.until(closed, "all editors are closed")
    shared.command("Notifications: Clear All Notifications")


def suggested(window: Window) -> str:
    """The suggestion for the body of a function whose head has the cursor at its end."""
    window.keys("Enter")

    def whole() -> str:
        ghost = window.ghost()
        return "" if ghost.startswith("\n") else ghost  # the editor draws the lines below first, sometimes a frame before

    ghost: str = window.until(whole, "ghost text")
    return ghost


def asked(environment: dict[str, str]) -> list[int]:
    """How suggestions were asked for, each time."""
    messages = [each["message"] for each in wiretap.heard(Path(environment["TEST_WIRETAP"]))]
    return [each["params"]["context"]["triggerKind"] for each in messages if each.get("method") == "textDocument/inlineCompletion"]


def body(window: Window) -> list[str]:
    """What is in the body of the box's method, without its indentation."""
    inside = window.text().partition("bottom):\n")[2].partition("\n\n\n")[0]
    return [line.strip() for line in inside.splitlines() if line.strip()]


def test_a_suggestion_appears_after_typing_and_tab_accepts_it(window: Window) -> None:
    window.open("box.py", BOX)
    assert [line.strip() for line in suggested(window).splitlines()] == FIELDS
    window.keys("Tab")
    window.until(lambda: not window.ghost(), "nothing more is suggested in its place")
    assert body(window) == FIELDS


def test_by_word_and_by_line(window: Window) -> None:
    window.open("box.py", BOX)
    suggested(window)
    window.keys("Control+ArrowRight")
    window.until(lambda: window.position() == (3, 13) and window.ghost(), "a word is there, and the rest is suggested")
    assert body(window) == ["self"]
    window.keys("Control+Alt+ArrowRight")
    window.until(lambda: (window.position() or (0, 0))[0] == 4 and window.ghost(), "the line is there, and the rest is suggested")
    assert body(window) == FIELDS[:1]


def test_what_is_typed_of_it_stays_suggested(window: Window) -> None:
    window.open("box.py", BOX)
    suggested(window)
    window.type("self.le")
    window.until(lambda: window.ghost().startswith("ft = left"), "the rest is shown")
    window.keys("Tab")
    window.until(lambda: not window.ghost(), "nothing more is suggested in its place")
    assert body(window) == FIELDS


def test_typing_something_else_takes_it_away(window: Window) -> None:
    window.open("box.py", BOX)
    suggested(window)
    window.type("x")
    window.until(lambda: not window.ghost().startswith("self.left"), "the old suggestion is gone")
    assert body(window) == ["x"]


def test_tab_indents_where_nothing_is_shown(window: Window) -> None:
    window.open("notes.txt", "‸\n")
    window.keys("Escape", "Tab")
    window.type("x")
    assert window.text() == "    x\n"


def test_an_explanation_streams_and_ends(window: Window) -> None:
    window.open("mean.py", MEAN)
    window.command("Interfix: Explain Selection")
    window.until(window.rendered, "the page is open")
    texts, states = set(), set()

    def ended() -> bool:
        texts.add(window.rendered())
        states.add(window.status())
        return "loading Interfix" in states and window.status() == "check Interfix"

    window.until(ended, "it was thinking, and is ready again")
    assert len(texts) > 3
    assert "mean" in window.rendered()


def proposed(window: Window) -> None:
    """A refactoring that the small model can do, shown and asked about."""
    window.open("mean.py", MEAN)
    window.command("Interfix: Refactor Selection…")
    window.choose("Say what is to change…")
    window.answer("rename the parameter values to numbers")
    window.until(lambda: window.tab() == "mean.py: refactoring", "the change is shown")
    window.until(lambda: "Apply" in window.notifications(), "the user is asked")


def test_a_refactoring_is_shown_applied_and_undone_at_once(window: Window) -> None:
    proposed(window)
    assert (window.workspace / "mean.py").read_text() == MEAN.replace("‸", "")
    window.press("Apply")
    window.until(lambda: window.tab() == "mean.py", "the diff is closed")
    window.until(lambda: RENAMED in window.text().splitlines(), "it is applied")
    window.keys("Control+z")
    assert window.text() == MEAN.replace("‸", "")


def test_a_change_that_is_discarded_leaves_everything_as_it_was(window: Window) -> None:
    proposed(window)
    window.keys("Escape")
    window.until(lambda: window.tab() == "mean.py", "the diff is closed")
    assert window.text() == MEAN.replace("‸", "")


def test_the_light_bulb_proposes_too(window: Window) -> None:
    window.open("mean.py", MEAN)
    window.take("Interfix: Add types")
    window.until(lambda: "Cancel" in window.notifications(), "the model is at work")
    window.until(lambda: window.notifications() and "Cancel" not in window.notifications(), "it says what came of it")
    assert window.tab() in ("mean.py", "mean.py: Add types")
    assert (window.workspace / "mean.py").read_text() == MEAN.replace("‸", "")


def test_a_language_is_switched_off_and_on(window: Window, code: VSCode, environment: dict[str, str]) -> None:
    window.open("box.py", BOX)
    window.command("Interfix: Suggest in This Language or Not")
    window.until(lambda: window.status() == "circle-slash Interfix", "it is off")
    assert code.settings["interfix.completion.notIn"] == ["python"]
    before = len(asked(environment))
    window.keys("Enter")
    window.command("Trigger Inline Suggestion")
    window.until(window.ghost, "what is asked for is suggested")
    assert asked(environment)[before:] == [InlineCompletionTriggerKind.Invoked]
    window.keys("Escape")
    window.command("Interfix: Suggest in This Language or Not")
    window.until(lambda: window.status() == "check Interfix", "it is on")
    window.keys("Backspace")
    window.until(window.ghost, "ghost text")


def test_pausing_holds_for_the_window(window: Window) -> None:
    window.open("box.py", BOX)
    suggested(window)
    window.command("Interfix: Pause Suggestions in This Window")
    window.until(lambda: window.status() == "debug-pause Interfix", "it is paused")
    window.until(lambda: not window.ghost(), "what was shown is gone")
    window.command("Interfix: Resume Suggestions")
    window.until(lambda: window.status() == "check Interfix", "it goes on")


def test_an_engine_that_is_killed_comes_back(window: Window, environment: dict[str, str]) -> None:
    killed = engine(environment)
    killed.kill()
    window.open("other.py", BOX.replace("left", "north").replace("right", "south"))
    suggested(window)
    window.until(lambda: window.status() == "check Interfix", "it is ready again")
    assert engine(environment).pid != killed.pid


def test_a_long_file_and_quick_fingers_leave_nothing_stale(window: Window, environment: dict[str, str]) -> None:
    filler = "".join(f"def step_{i}(value):\n    return value * {i} + {i % 7}\n\n\n" for i in range(12_500))
    window.open("long.py", filler + BOX)
    for line in ("self.left = left", "self.width = right - left"):
        window.record()
        suggested(window)
        typed(window, line, environment)
    assert body(window) == ["self.left = left", "self.width = right - left"]


@pytest.mark.parametrize("amiss", ["the engine is killed", "the engine hangs", "the server is killed"])
def test_typing_goes_on_whatever_happens_behind_it(window: Window, code: VSCode, environment: dict[str, str], amiss: str) -> None:
    window.open("box.py", BOX)
    window.record()
    suggested(window)
    process = server(code.processes()) if amiss == "the server is killed" else engine(environment)
    process.suspend() if amiss == "the engine hangs" else process.kill()
    try:
        typed(window, "self.width = right - left", environment)
        assert body(window) == ["self.width = right - left"]
    finally:
        # One that hangs may have been ended meanwhile, by who waited for it.
        with suppress(psutil.NoSuchProcess):
            process.resume()
    window.until(lambda: window.status() == "check Interfix", "it is ready again")
    suggested(window)


def typed(window: Window, line: str, environment: dict[str, str]) -> None:
    """Type a line quickly, with nothing on the screen since the recording began that was suggested for another text."""
    row, column = window.position() or (0, 0)
    window.type(line, delay_ms=40)
    window.until(lambda: window.position() == (row, column + len(line)), "all of it is there")
    window.keys("Escape")
    frames = window.recorded().frames
    assert any(frame.ghost for frame in frames)
    assert stale(frames, " " * (column - 1) + line, row - 1, wiretap.heard(Path(environment["TEST_WIRETAP"]))) == []


def test_nothing_goes_to_the_network(window: Window, code: VSCode) -> None:
    window.open("box.py", BOX)
    suggested(window)
    assert [address for address in code.connections() if address not in ("127.0.0.1", "::1", "::ffff:127.0.0.1")] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_looks_well_in_both_themes(window: Window, theme: str) -> None:
    window.page.set_viewport_size({"width": 1040, "height": 560})
    if theme == "light":
        window.command("View: Toggle Primary Side Bar Visibility")
    else:
        window.command("Preferences: Toggle between Light/Dark Themes")
    window.open("box.py", BOX)
    suggested(window)
    window.shoot(f"ghost-{theme}")
    window.page.locator(STATUS).click()
    window.until(lambda: "Model that completes" in window.entries(), "the menu is open")
    window.shoot(f"menu-{theme}")
    window.keys("Escape", "Escape")
    window.open("mean.py", MEAN)
    window.command("Interfix: Explain Selection")
    window.until(lambda: "mean" in window.rendered().partition("\n")[2] and window.status() == "check Interfix", "an explanation")
    window.shoot(f"explain-{theme}")
    window.keys("Control+1")
    proposed(window)
    window.shoot(f"refactor-{theme}")
