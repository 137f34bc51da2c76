"""Measures what Visual Studio Code adds to the server's time: `uv run --no-sync python -m tests.editors.vscode_latency`.

From the key that is pressed to the frame that shows the suggestion, beside the time from the server's request to its reply. What
the client adds has three parts: until the extension host hears of the key, until the request is on its way, and from the reply to
the frame. The first, and most of the last, are the editor's own: a control that answers at once with a constant has them too.
Prints a table and one JSON line; times depend on what else the machine does.
"""

import json
import re
import statistics
from pathlib import Path

from tests.editors import lsp_proxy
from tests.editors.vscode_driver import Window
from tests.editors.vscode_measurement import BOX_CODE, Measurement, open_measurement

_WORDS = (
    *("left", "right", "top", "bottom", "name", "age", "street", "city", "red", "green", "blue"),
    *("alpha", "first", "last", "start", "end", "width", "height", "depth", "weight"),
)

_SUGGESTION_SECONDS = 10
"""How long a suggestion is waited for, s."""


def main() -> None:
    """Measure and print."""
    with open_measurement() as on:
        texts = [BOX_CODE.format(*(_WORDS * 2)[first:]) for first in range(len(_WORDS))]
        samples = [sample for text in texts if (sample := _measure_suggestion(on, text))]
        started = _read_activation_ms(on.window)
    median = {name: round(statistics.median(sample[name] for sample in samples), 1) for name in samples[0]}
    print("median of", len(samples), "suggestions, ms")
    for name, value in median.items():
        print(f"  {name.replace('_', ' '):24} {value:8.1f}")
    print(f"  {'activation':24} {started:8.1f}")
    print(json.dumps({"samples": len(samples), **median, "activation": started}))


def _measure_suggestion(on: Measurement, text: str) -> dict[str, float]:
    """One suggestion that nobody could have at hand, and one of the control; empty where the model had none to make."""
    key, ghost = _type_key(on.window, "box.py", text)
    if not ghost:
        return {}
    request_ms, reply_ms = _find_reply(on.log, ghost)
    key_ms = on.read_notes("heard", key)[0]["at"]
    control_key, control_ghost = _type_key(on.window, "box.txt", text)
    control_heard, control_asked = (on.read_notes(what, control_key)[0]["at"] for what in ("heard", "asked"))
    return {
        "key_to_ghost": ghost - key,
        "server": reply_ms - request_ms,
        "client_adds": ghost - key - (reply_ms - request_ms),
        "key_to_heard": key_ms - key,
        "heard_to_request": request_ms - key_ms,
        "reply_to_ghost": ghost - reply_ms,
        "control_key_to_heard": control_heard - control_key,
        "control_key_to_asked": control_asked - control_key,
        "control_asked_to_ghost": control_ghost - control_asked,
        "control_adds": control_heard - control_key + control_ghost - control_asked,
    }


def _type_key(window: Window, name: str, text: str) -> tuple[float, float]:
    """When a key was pressed, and when the suggestion that it brought was on the screen; 0 where it brought none."""
    window.open(name, text)
    window.start_recording()
    window.press_keys("Enter")
    window.poll(window.read_ghost, _SUGGESTION_SECONDS)
    recording = window.stop_recording()
    window.press_keys("Escape")
    window.run_command("View: Revert and Close Editor")
    return recording.keys[0], next((frame.at for frame in recording.frames if frame.ghost), 0.0)


def _find_reply(log: Path, before: float) -> tuple[float, float]:
    """When the suggestion that is shown was asked for, and when it came."""
    request_times, pair = {}, (0.0, 0.0)
    for each in lsp_proxy.read_messages(log):
        message = each["message"]
        if message.get("method") == "textDocument/inlineCompletion":
            request_times[message["id"]] = each["at"] * 1000
        elif (
            each["server"]
            and message.get("id") in request_times
            and (message.get("result") or {}).get("items")
            and each["at"] * 1000 < before
        ):
            pair = (request_times[message["id"]], each["at"] * 1000)
    return pair


def _read_activation_ms(window: Window) -> float:
    """How long the extension took to be activated, as the editor tells it, ms."""
    window.run_command("Developer: Show Running Extensions")
    row = window.page.locator(".runtime-extensions-editor .monaco-list-row", has_text="Interfix")
    words = window.wait_until(lambda: row.count() and row.first.inner_text(), "the extension is listed")
    match = re.search(r"Activation:\s*(\d+)ms", words) or re.search(r"(\d+)ms", words)
    assert match, words
    return float(match[1])


if __name__ == "__main__":
    main()
