"""Measures whether typing stalls in Visual Studio Code: `uv run --no-sync python -m tests.editors.vscode_smoothness`.

A file of 50,000 lines is typed into for a minute: where nobody suggests anything, with all well, and with what is behind the editor
killed or stopped meanwhile. Prints a table and one JSON line; times depend on what else the machine does.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import psutil

from tests.editors import editor_processes, lsp_proxy
from tests.editors.ghost_oracle import find_stale
from tests.editors.vscode_measurement import BOX_CODE, Measurement, open_measurement

LINES = 9
"""Lines that are typed in each state."""
KEY_MS = 40
"""From key to key."""
REST_SECONDS = 2
"""How long one waits for a suggestion before a line, s."""
LONG_FILE = "".join(f"def step_{n}(value):\n    return value * {n} + {n % 7}\n\n\n" for n in range(12_500))


@contextmanager
def _undisturbed(_on: Measurement) -> Iterator[None]:
    yield


@contextmanager
def _engine_killed(on: Measurement) -> Iterator[None]:
    editor_processes.find_engine_host(on.environment).kill()
    yield


@contextmanager
def _engine_stopped(on: Measurement) -> Iterator[None]:
    engine = editor_processes.find_engine_host(on.environment)
    engine.suspend()
    try:
        yield
    finally:
        with suppress(psutil.NoSuchProcess):
            engine.resume()


@contextmanager
def _server_killed(on: Measurement) -> Iterator[None]:
    editor_processes.find_language_server(on.editor.list_processes()).kill()
    yield


Disturbance = Callable[[Measurement], AbstractContextManager[None]]
SCENARIOS: dict[str, tuple[str, Disturbance]] = {
    "nobody suggests": ("long.log", _undisturbed),
    "all is well": ("long.py", _undisturbed),
    "engine killed": ("long.py", _engine_killed),
    "engine stopped": ("long.py", _engine_stopped),
    "server killed": ("long.py", _server_killed),
}


def main() -> None:
    """Measure and print."""
    report = {}
    with open_measurement() as on:
        for state, (name, amiss) in SCENARIOS.items():
            report[state] = _type_lines(on, name, amiss)
            figures = "  ".join(f"{key.replace('_', ' ')} {value:.0f}" for key, value in report[state].items())
            print(f"{state:16} {figures}", flush=True)
    print(json.dumps(report))


def _type_lines(on: Measurement, name: str, disturbance: Disturbance) -> dict[str, float]:
    """Type lines into a file while something is amiss."""
    window = on.window
    window.open(name, LONG_FILE + BOX_CODE.format("left", "right", "top", "bottom"))
    head, _ = window.read_cursor() or (0, 0)
    window.press_keys("Enter")
    window.wait_until(lambda: (window.read_cursor() or (0, 0))[0] > head, "a line is begun")
    indent = (window.read_cursor() or (0, 1))[1] - 1
    lines = [f"value_{n} = left - right * {n} + top" for n in range(LINES)]
    began, recordings = time.time() * 1000, []
    with disturbance(on):
        for number, line in enumerate(lines):
            end = (head + 1 + number, indent + len(line) + 1)
            window.start_recording()
            if number:
                window.press_keys("Enter")
            window.poll(window.read_ghost, REST_SECONDS)
            window.type_text(line, delay_ms=KEY_MS)
            window.wait_until(lambda end=end: window.read_cursor() == end, "all of the line is there")
            recordings.append(window.stop_recording())
    messages, ended = lsp_proxy.read_messages(on.log), time.time() * 1000
    wrong = 0
    for number, (line, recording) in enumerate(zip(lines, recordings, strict=True)):
        old = find_stale(recording.frames, " " * indent + line, head + number, messages)
        wrong += len(find_stale(old, " " * indent + lines[number - 1], head + number - 1, messages))
    text = window.read_text()
    window.run_command("View: Close All Editors")
    return {
        "keys": sum(len(recording.keys) for recording in recordings),
        "lines_lost": sum(line not in text for line in lines),
        "suggestions_shown": sum(bool(frame.ghost) for recording in recordings for frame in recording.frames),
        "stale": wrong,
        "longest_frame_ms": max(recording.longest_frame_ms for recording in recordings),
        "longest_of_a_line_ms": statistics.median(recording.longest_frame_ms for recording in recordings),
        "host_lag_ms": max(note["ms"] for note in on.read_notes("lag", began, ended)),
    }


if __name__ == "__main__":
    main()
