"""Measures what Visual Studio Code adds to the server's time: `uv run --no-sync python tests/editors/vscode_latency.py`.

From the key that is pressed to the frame that shows the suggestion, beside the time from the server's request to its reply. Prints
a table and one JSON line; times depend on what else the machine does.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import wiretap
from vscode_driver import VSCode, Window, chromium
from vscode_program import vsix

from home import INTERFIX, make_home, small_model

_WORDS = (
    *("left", "right", "top", "bottom", "name", "age", "street", "city", "red", "green", "blue"),
    *("alpha", "first", "last", "start", "end", "width", "height", "depth", "weight"),
)
_CODE = """class Box:
    def __init__(self, {0}, {1}, {2}, {3}):‸


box = Box(1, 2, 3, 4)
print(box.{0}, box.{1}, box.{2}, box.{3})
"""
_WATCH = """() => {
  const now = () => performance.timeOrigin + performance.now();
  window.seen = { key: 0, ghost: 0 };
  addEventListener('keydown', () => { window.seen = { key: now(), ghost: 0 }; }, true);
  new MutationObserver(() => {
    if (!window.seen.ghost && document.querySelector('.ghost-text-decoration')) {
      window.seen.ghost = 1;
      requestAnimationFrame(() => { window.seen.ghost = now(); });
    }
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def main() -> None:
    """Measure and print."""
    home, environment = make_home(small_model())
    log = wiretap.install(home / "bin")
    path = os.pathsep.join([str(home / "bin"), environment["PATH"]])
    code = VSCode(home / "code", {**environment, "PATH": path, "INTERFIX_COMPLETION_THRESHOLD": "0"}, vsix())
    try:
        with chromium() as browser:
            workspace = home / "workspace"
            workspace.mkdir()
            window = code.window(browser.new_page(), workspace)
            window.open("box.py", _CODE.format(*_WORDS))
            window.until(lambda: window.status() == "check Interfix", "the server is ready")
            window.page.evaluate(_WATCH)
            texts = [_CODE.format(*(_WORDS * 2)[first:]) for first in range(len(_WORDS))]
            samples = [_sample(window, text, log) for text in texts][1:]
            started = _activation(window)
    finally:
        code.close()
        subprocess.run([INTERFIX, "stop"], env=environment, check=True, capture_output=True)
        shutil.rmtree(home)
    median = {name: round(statistics.median(sample[name] for sample in samples), 1) for name in samples[0]}
    print("median of", len(samples), "suggestions, ms")
    for name, value in median.items():
        print(f"  {name.replace('_', ' '):24} {value:8.1f}")
    print(f"  {'activation':24} {started:8.1f}")
    print(json.dumps({"samples": len(samples), **median, "activation": started}))


def _sample(window: Window, text: str, log: Path) -> dict[str, float]:
    """One suggestion that nobody could have at hand; the first of a run loads the model."""
    window.open("box.py", text)
    window.keys("Enter")
    seen = window.until(lambda: (seen := window.page.evaluate("window.seen"))["ghost"] > 1 and seen, "ghost text")
    asked, replied = _last(log, seen["ghost"] / 1000)
    window.keys("Escape")
    window.command("View: Revert and Close Editor")
    return {
        "key_to_ghost": seen["ghost"] - seen["key"],
        "server": (replied - asked) * 1000,
        "client_adds": seen["ghost"] - seen["key"] - (replied - asked) * 1000,
        "key_to_request": asked * 1000 - seen["key"],
        "reply_to_ghost": seen["ghost"] - replied * 1000,
    }


def _last(log: Path, before: float) -> tuple[float, float]:
    """When the suggestion that is shown was asked for, and when it came."""
    asked, pair = {}, (0.0, 0.0)
    for each in wiretap.heard(log):
        message = each["message"]
        if message.get("method") == "textDocument/inlineCompletion":
            asked[message["id"]] = each["at"]
        elif each["server"] and message.get("id") in asked and (message.get("result") or {}).get("items") and each["at"] < before:
            pair = (asked[message["id"]], each["at"])
    return pair


def _activation(window: Window) -> float:
    """How long the extension took to be activated, as the editor tells it, ms."""
    window.command("Developer: Show Running Extensions")
    row = window.page.locator(".runtime-extensions-editor .monaco-list-row", has_text="Interfix")
    words = window.until(lambda: row.count() and row.first.inner_text(), "the extension is listed")
    found = re.search(r"Activation:\s*(\d+)ms", words) or re.search(r"(\d+)ms", words)
    assert found, words
    return float(found[1])


if __name__ == "__main__":
    main()
