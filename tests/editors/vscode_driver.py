"""Drives a real Visual Studio Code in a real browser as a user would: keys in, what the screen shows out."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

import msgspec
import playwright
import psutil
from playwright.sync_api import Browser, Error, Locator, Page, TimeoutError, sync_playwright

from tests.editors.vscode_install import fetch_vscode, require_tool

QUIET_SETTINGS = {
    "editor.minimap.enabled": False,
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "files.simpleDialog.enable": True,
    "git.enabled": False,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "workbench.enableExperiments": False,
    "workbench.quickOpen.closeOnFocusLost": False,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}
"""Settings that keep pages and questions off the screen; typing is as everybody has it, with the word list."""

_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_STEP_TIMEOUT_MS = 5000
"""How long a step may take of what is tried anew otherwise, ms."""
TAB_WIDTH = 4
"""What the editor draws a tab as, in spaces, where nothing is set."""
STATUS_ITEM = "#interfix\\.interfix\\.interfix\\.status"
"""The item in the status bar."""
_READ_SUGGESTION_JS = """() => {
  const text = (node) => node.textContent.replaceAll('\\u00a0', ' ');
  const all = (selector) => [...document.querySelectorAll(`:is(.editor-instance, .notebookOverlay) ${selector}`)];
  const inline = all('.ghost-text-decoration, .ghost-text-decoration-preview');
  const below = all('.suggest-preview-text .view-line');
  const ghost = inline.map(text).join('');
  const over = (row) => all('.view-lines > .view-line').find((line) => Math.abs(edge(line, 'bottom') - edge(row, 'top')) < 2);
  const edge = (node, which) => node.getBoundingClientRect()[which];
  const place = inline[0]?.closest('.view-line') ?? (below[0] && over(below[0]));
  const line = place ? text(place) : '';
  return [line.slice(0, line.lastIndexOf(ghost)), [ghost, ...below.map(text)].join('\\n').trimEnd()];
}"""
_READ_DECORATIONS_JS = """() => [...document.querySelectorAll('.editor-instance .view-lines span')].flatMap((span) => {
  const { content } = getComputedStyle(span, '::after');
  return content.startsWith('"') ? [JSON.parse(content).replaceAll('\\u00a0', ' ')] : [];
})"""
_READ_STRUCK_JS = """() => [...document.querySelectorAll('.editor-instance .view-lines span')]
  .filter((span) => getComputedStyle(span).textDecorationLine.includes('line-through') && !span.children.length)
  .map((span) => span.textContent.replaceAll('\\u00a0', ' '))"""
_READ_LABELS_JS = """tabs => tabs.map((tab) => {
  const parts = [...tab.querySelectorAll('.label-name, .label-suffix')];
  return parts.map((part) => part.textContent).join('');
})"""
_AWAIT_PAINT_JS = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
"""Resolves once what keys have done is on the screen."""
_RECORD_FRAMES_JS = f"""() => {{
  const shown = {_READ_SUGGESTION_JS};
  const now = () => performance.timeOrigin + performance.now();
  const recording = {{ keys: [], frames: [], longest_frame_ms: 0 }};
  const key = () => recording.keys.push(now());
  const {{ port1: painted, port2: frame }} = new MessageChannel();
  let last = 0, going = true;
  // What is posted while a frame is made comes once it is painted.
  const next = () => frame.postMessage(null);
  painted.onmessage = () => {{
    const at = now(), [before, ghost] = shown(), old = recording.frames.at(-1);
    recording.longest_frame_ms = Math.max(recording.longest_frame_ms, last && at - last);
    last = at;
    if (old?.before !== before || old.ghost !== ghost) {{
      recording.frames.push({{ at, before, ghost }});
    }}
    going && requestAnimationFrame(next);
  }};
  addEventListener('keydown', key, true);
  requestAnimationFrame(next);
  window.recorded = () => {{
    going = false;
    removeEventListener('keydown', key, true);
    return recording;
  }};
}}"""


class Frame(msgspec.Struct, frozen=True):
    """What one frame showed."""

    at: float
    """When it had been painted, ms since 1970."""
    before: str
    """What stood before the suggestion on its line; empty where there was none."""
    ghost: str
    """The suggestion."""


class Recording(msgspec.Struct, frozen=True):
    """What was on the screen for a while."""

    keys: tuple[float, ...]
    """When keys reached the editor, ms since 1970."""
    frames: tuple[Frame, ...]
    """The frames that showed something else than the one before."""
    longest_frame_ms: float
    """The longest time between two frames, ms."""


class VSCode:
    """One server of Visual Studio Code with one extension and nobody's settings; windows on it are pages of a browser."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        vsix: Path | None = None,
        *,
        ask_for_trust: bool = False,
        timeout_seconds: float = 120.0,
    ) -> None:
        """`folder` is for its files; with `trust` it asks whether a workspace is trusted; `wait`: seconds for an awaited state."""
        self.wait = timeout_seconds
        self._node = _find_node()
        self._main = fetch_vscode() / "out/server-main.js"
        # Said to come from a terminal it takes this environment as it is, and asks no login shell for another.
        self._environment = {**environment, "VSCODE_CLI": "1"}
        folders = {name: folder / name for name in ("server-data-dir", "user-data-dir", "extensions-dir")}
        self._where = [part for name, path in folders.items() for part in (f"--{name}", str(path))]
        self._settings_file = folders["user-data-dir"] / "User/settings.json"
        self._settings_file.parent.mkdir(parents=True)
        self.configure(QUIET_SETTINGS)
        if vsix is not None:
            self.install_extension(vsix)
        serving = ["--host", "127.0.0.1", "--port", "0", "--without-connection-token"]
        quiet = ["--telemetry-level", "off", *([] if ask_for_trust else ["--disable-workspace-trust"])]
        self._process = subprocess.Popen(
            self._command(*serving, *quiet),
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.address = self._await_address()

    def close(self) -> None:
        """End the server and all it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    @property
    def settings(self) -> dict[str, Any]:
        """The user's settings as they are."""
        return json.loads(self._settings_file.read_text()) if self._settings_file.exists() else {}

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Set these of the user's settings, and leave the others as they are."""
        self._settings_file.write_text(json.dumps({**self.settings, **settings}))

    def install_extension(self, extension: Path) -> None:
        """Install an extension, a package or a folder, for the windows that are opened from now on."""
        package = extension
        if extension.is_dir():
            package = self._settings_file.with_name(f"{extension.name}.vsix")
            with ZipFile(package, "w") as archive:
                for file in extension.rglob("*"):
                    archive.write(file, Path("extension", file.relative_to(extension)))
        subprocess.run(self._command("--install-extension", str(package)), env=self._environment, check=True, capture_output=True)

    def list_processes(self) -> list[psutil.Process]:
        """All that it has started."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def list_connections(self) -> list[str]:
        """The addresses that the extensions and all that they have started are connected to."""
        connections = [connection for process in self.list_processes() for connection in process.net_connections("inet")]
        return [connection.raddr.ip for connection in connections if connection.raddr]

    def open_window(self, page: Page, workspace: Path, **payload: str) -> "Window":
        """A window on a workspace; the payload is for the editor's own options of an address."""
        page.set_default_timeout(self.wait * 1000)
        page.set_viewport_size({"width": 1280, "height": 800})
        extra = f"&payload={quote(json.dumps(list(payload.items())))}" if payload else ""
        page.goto(f"{self.address}/?folder={quote(str(workspace))}{extra}")
        page.wait_for_selector(".monaco-workbench")
        return Window(page, workspace, self.wait)

    @contextmanager
    def launch_window(self, workspace: Path, **payload: str) -> Iterator["Window"]:
        """A window in a browser of its own."""
        with launch_chromium() as browser:
            yield self.open_window(browser.new_page(), workspace, **payload)

    def locate_remote(self, path: Path) -> str:
        """The address under which a window finds a file of this machine."""
        return f"vscode-remote://{self.address.removeprefix('http://')}{path}"

    def _command(self, *arguments: str) -> list[str]:
        return [self._node, str(self._main), "--accept-server-license-terms", *self._where, *arguments]

    def _await_address(self) -> str:
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if match := re.search(r"Extension host agent listening on (\d+)", line):
                return f"http://127.0.0.1:{match[1]}"
        raise AssertionError("Visual Studio Code did not start:\n" + "".join(lines))


def _find_node() -> str:
    """The node on the PATH, or Playwright's where that lacks what 1.139 needs: hooks of modules (Node 22.15)."""
    node, newer = require_tool("node", "Visual Studio Code cannot be run"), Path(playwright.__file__).parent / "driver/node"
    if os.environ.get("TEST_VSCODE", "1.100") == "1.100" or not newer.exists():
        return node
    asked = subprocess.run([node, "-p", "typeof require('module').registerHooks"], capture_output=True, text=True)
    return node if asked.stdout.strip() == "function" else str(newer)


@contextmanager
def open_vscode(
    folder: Path, environment: Mapping[str, str], vsix: Path | None = None, *, ask_for_trust: bool = False
) -> Iterator[VSCode]:
    """An editor (`VSCode`) that ends with the block."""
    code = VSCode(folder, environment, vsix, ask_for_trust=ask_for_trust)
    try:
        yield code
    finally:
        code.close()


class Window:
    """One window, as who sits before it sees it."""

    def __init__(self, page: Page, workspace: Path, wait: float) -> None:
        self.page = page
        self.workspace = workspace
        self._wait = wait

    def open(self, name: str, text: str) -> None:
        """Write a file of the workspace and open it with the cursor at the ‸."""
        before, after = text.split("‸")
        path = self.workspace / name
        path.write_text(before + after)
        self._ask(
            "Control+o",
            str(path),
            lambda: self._rows(path.name).first.click(timeout=_STEP_TIMEOUT_MS),
            lambda: self.read_active_tab() == path.name,
        )
        self._move_behind(before.count("\n") + 1, before.rsplit("\n", 1)[-1])

    def open_notebook(self, name: str) -> None:
        """Open a notebook that is in the workspace."""
        self._ask(
            "Control+o",
            str(self.workspace / name),
            lambda: self._rows(name).first.click(timeout=_STEP_TIMEOUT_MS),
            lambda: self.read_active_tab() == name,
        )

    def enter_cell(self, number: int) -> None:
        """Put the cursor into a notebook's cell of code; they count from 0."""
        row = self.page.locator(".notebook-editor .code-cell-row").nth(number)

        def is_inside() -> bool:
            return row.locator(".monaco-editor.focused").count() > 0

        def entered() -> bool:
            row.locator(".cell-editor-container .view-lines").click()
            if not self.poll(is_inside, 1.0):
                self.press_keys("Enter")  # the first click may only have chosen the cell
            return bool(self.poll(is_inside, 1.0))

        self.wait_until(entered, f"the cursor is in cell {number}")

    def move_cursor(self, line: int, column: int) -> None:
        """Move the cursor; both count from 1."""

        def confirm() -> None:
            self._rows(f"line {line}").first.wait_for(timeout=_STEP_TIMEOUT_MS)
            self._field.press("Enter", timeout=_STEP_TIMEOUT_MS)

        self._ask("Control+g", f":{line}:{column}", confirm, lambda: self.read_cursor() == (line, column))

    def _move_behind(self, line: int, text: str) -> None:
        """Move the cursor behind the text that a line, counted from 1, begins with.

        The status bar counts columns as drawn, a tab as up to four: only from key to key is it clear what a column means.
        """
        if "\t" not in text:
            self.move_cursor(line, len(text) + 1)
            return
        self.move_cursor(line, 1)
        self.press_keys(*["ArrowRight"] * len(text))
        drawn = len(text.expandtabs(TAB_WIDTH)) + 1
        self.wait_until(lambda: self.read_cursor() == (line, drawn), f"the cursor is behind {text!r}")

    def press_keys(self, *keys: str) -> None:
        """Press keys, one after another, in Playwright's notation."""
        for key in keys:
            self.page.keyboard.press(key)

    def type_text(self, text: str, delay_ms: float = 0) -> None:
        """Type a text."""
        self.page.keyboard.type(text, delay=delay_ms)

    def run_command(self, title: str) -> None:
        """Run a command of the palette, by its whole title."""
        entry = self.page.locator(".quick-input-list .label-name").get_by_text(title, exact=True).first
        self._ask("F1", f">{title}", lambda: entry.click(timeout=_STEP_TIMEOUT_MS), lambda: True)

    def pick_entry(self, label: str) -> None:
        """Take an entry of the list that is open."""
        self._rows(label).first.click()

    def run_code_action(self, action: str) -> None:
        """Take an action of the light bulb."""
        widget = self.page.locator(".action-widget:visible")
        rows = widget.locator(".monaco-list-row", has_text=action)

        def taken() -> bool:
            with suppress(TimeoutError):
                if not widget.count():
                    self.press_keys("Control+.")
                if "focused" in (rows.first.get_attribute("class", timeout=_STEP_TIMEOUT_MS) or ""):
                    self.press_keys("Enter")
                    widget.wait_for(state="hidden", timeout=_STEP_TIMEOUT_MS)
                    return True
                self.press_keys("ArrowDown")
            return False

        self.wait_until(taken, f"{action} is taken")

    def fill_input(self, words: str) -> None:
        """Type into the field that has been opened, and confirm it."""
        self.wait_until(lambda: not self._is_present(".quick-input-list:visible"), "a field is open")
        self._field.fill(words)
        self._field.press("Enter")
        self._field.wait_for(state="hidden")

    def click_button(self, label: str) -> None:
        """Press a button of a notification or dialog."""
        self.page.locator(".monaco-button", has_text=label).first.click()

    def read_active_tab(self) -> str:
        """What the tab in front is called; empty where there is none."""
        return "".join(self._read_labels(".editor-group-container.active .tab.active")[:1])

    def read_tabs(self) -> list[str]:
        """What all tabs are called, whichever column they are in."""
        return self._read_labels(".editor-group-container .tab")

    def _read_labels(self, tabs: str) -> list[str]:
        """What tabs are called; 1.139 draws a name's extension in an element of its own."""
        return [str(label) for label in self.page.locator(tabs).evaluate_all(_READ_LABELS_JS)]

    def read_cursor(self) -> tuple[int, int] | None:
        """Where the status bar says that the cursor is."""
        position = re.search(r"Ln (\d+), Col (\d+)", self.page.locator(".part.statusbar").inner_text())
        return (int(position[1]), int(position[2])) if position else None

    def read_text(self) -> str:
        """What is in the file in front, which is saved for it where it must be: the editor would empty and rewrite it."""
        self.page.evaluate(_AWAIT_PAINT_JS)

        def clean() -> bool:
            return not self._is_present(".editor-group-container.active .tab.active.dirty")

        def saved() -> bool:
            if clean():
                return True
            self.press_keys("Control+s")
            return bool(self.poll(clean, _STEP_TIMEOUT_MS / 1000))

        self.wait_until(saved, "the file is saved")
        return (self.workspace / self.read_active_tab()).read_text()

    def read_ghost(self) -> str:
        """The suggestion on the screen; empty where there is none."""
        return self.read_suggestion()[1]

    def read_suggestion(self) -> tuple[str, str]:
        """What stands before a suggestion on its line, and the suggestion, as they are at one moment; empty where there is none."""
        before, ghost = self.page.evaluate(_READ_SUGGESTION_JS)
        return str(before), str(ghost)

    def read_drawn(self) -> list[str]:
        """What extensions have drawn behind text, from top to bottom."""
        return [str(text) for text in self.page.evaluate(_READ_DECORATIONS_JS)]

    def read_struck(self) -> list[str]:
        """The text that is struck through."""
        return [str(text) for text in self.page.evaluate(_READ_STRUCK_JS)]

    def read_selected_completion(self) -> str:
        """The entry of the completion list that is selected; empty where the list is closed."""
        rows = self.page.locator(".suggest-widget.visible .monaco-list-row.focused .label-name")
        return "".join(rows.all_text_contents()[:1])

    def read_status(self) -> str:
        """What the item in the status bar says: the name of its icon, and its text."""
        item = self.page.locator(STATUS_ITEM)
        if not item.count():
            return ""
        icons = item.locator(".codicon").evaluate_all("all => all.map(one => one.className.match(/codicon-([a-z-]+)/)[1])")
        return " ".join([*icons, item.inner_text().strip()])

    def read_notifications(self) -> str:
        """What is said in the corner, and the buttons there."""
        return "\n".join(self.page.locator(".notifications-toasts .notification-list-item").all_inner_texts())

    def read_entries(self) -> str:
        """What the list that is open offers."""
        return "\n".join(self._rows("").all_inner_texts())

    def read_rendered_page(self) -> str:
        """The text of the rendered page beside the code; empty where there is none."""
        texts = []
        for frame in self.page.frames:
            with suppress(Error):
                texts += frame.locator("body.vscode-body").all_inner_texts()
        return "\n".join(texts)

    def start_recording(self) -> None:
        """Begin to note what each frame shows."""
        self.page.evaluate(_RECORD_FRAMES_JS)

    def stop_recording(self) -> Recording:
        """What was shown since; ends the noting."""
        return msgspec.convert(self.page.evaluate("window.recorded()"), Recording)

    def wait_until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait for the condition and return its value; an AssertionError tells what never came about."""
        if value := self.poll(condition, self._wait):
            return value
        self.take_screenshot("failure")
        raise AssertionError(
            f"never came about: {what}; the status is {self.read_status()!r}; see {SCREENSHOTS_DIR / 'failure.png'}"
        )

    def await_ghost(self, what: str = "ghost text") -> str:
        """Wait for a suggestion and return it; an AssertionError tells the server's verdict where none came."""
        if not self.poll(self.read_ghost, self._wait):
            self.take_screenshot("failure")
            with suppress(AssertionError, Error):  # the verdict is more than can be had where the window itself hangs
                self.run_command("Interfix: Why This Suggestion")
                self.poll(self.read_rendered_page, _STEP_TIMEOUT_MS / 1000)
            raise AssertionError(f"never came about: {what}; the verdict: {self.read_rendered_page()!r}")
        return self.read_ghost()

    def poll(self, condition: Callable[[], Any], seconds: float) -> Any:
        """The value of a condition once it has one, or after so many seconds."""
        end = time.monotonic() + seconds
        while not (value := condition()) and time.monotonic() < end:
            self.page.wait_for_timeout(20)
        return value

    def take_screenshot(self, name: str) -> None:
        """Keep a picture of the window."""
        SCREENSHOTS_DIR.mkdir(parents=True, exist_ok=True)
        self.page.mouse.move(400, 400)
        self.page.wait_for_timeout(500)  # what moves or fades has come to rest
        self.page.screenshot(path=SCREENSHOTS_DIR / f"{name}.png")

    def _ask(self, key: str, words: str, confirm: Callable[[], None], done: Callable[[], bool]) -> None:
        """Open a field with a key, fill it, confirm it; from the start where the editor did not listen yet, or turned elsewhere."""

        def taken() -> bool:
            return words not in self._read_fields() and done()

        def asked() -> bool:
            with suppress(TimeoutError):
                if self._field.count():
                    self._field.press("Escape", timeout=_STEP_TIMEOUT_MS)
                self.press_keys(key)
                # A field begins with a sign or a folder: what is typed before that is there is lost.
                self._field.wait_for(timeout=_STEP_TIMEOUT_MS)
                self.poll(lambda: any(self._read_fields()), _STEP_TIMEOUT_MS / 1000)
                self._field.fill(words, timeout=_STEP_TIMEOUT_MS)
                confirm()
                return bool(self.poll(taken, _STEP_TIMEOUT_MS / 1000))
            return False

        self.wait_until(asked, f"{key} takes {words}")

    def _read_fields(self) -> list[str]:
        """What is in the field that is open; nothing where none is."""
        return [str(text) for text in self._field.evaluate_all("all => all.map(one => one.value)")]

    @property
    def _field(self) -> Locator:
        return self.page.locator(".quick-input-widget:visible input")

    def _rows(self, text: str) -> Locator:
        return self.page.locator(".quick-input-list .monaco-list-row", has_text=text)

    def _is_present(self, selector: str) -> bool:
        return self.page.locator(selector).count() > 0


SCREENSHOTS_DIR = Path(__file__).parents[2] / "build/screenshots"
"""Where pictures are kept."""


@contextmanager
def launch_chromium() -> Iterator[Browser]:
    """A browser without a display."""
    path = require_tool("chromium", "there is no browser to run Visual Studio Code in")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_CHROMIUM)
        yield browser
        browser.close()
