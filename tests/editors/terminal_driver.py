"""A real program in a terminal that nobody sees: keys in, what stands on the screen out."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

import pyte

from tests.editors.editor_binaries import EditorBinary

CAPTURES_DIR = Path(__file__).parents[2] / "build/captures"
"""Where what was seen is kept, to be looked at."""
COLUMNS, LINES = 96, 28

_UNSUPPORTED = re.compile(
    rb"\x1b(?:\[[>=<][\d;]*[a-zA-Z]|\[\?[\d;]*(?:\$p|[a-gi-km-zA-Z])|\[[\d;]* q|[P_\]][^\x1b\x07]*(?:\x1b\\|\x07))"
)
"""Questions to the terminal and wishes that change nothing on the screen; pyte would show some of them as text."""
_COMPLETE_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[^\[P_\]])")
_COLOURS = {"black": "1e2127", "red": "e06c75", "green": "98c379", "brown": "d19a66", "blue": "61afef", "magenta": "c678dd"}
_COLOURS |= {"cyan": "56b6c2", "white": "abb2bf", "brightblack": "7f848e", "default": ""}
_CELL = 8.4, 18
"""Width and height of a character in a picture, pixels."""


class Terminal:
    """One program; it is ended with `close`."""

    def __init__(
        self, program: EditorBinary, arguments: tuple[str, ...], environment: Mapping[str, str], timeout_seconds: float = 20.0
    ) -> None:
        """`wait`: seconds after which an awaited state counts as never reached."""
        self._wait = timeout_seconds
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            [*program.command, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, **program.environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        """End the program."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._process.kill()
        self._process.wait()
        self._reader.join(5)
        os.close(self._ours)

    def press_keys(self, keys: str) -> None:
        """Press keys, as a terminal sends them."""
        os.write(self._ours, keys.encode())

    def read_screen(self) -> str:
        """The screen's lines."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def wait_until(self, condition: Callable[[str], Any], what: str) -> Any:
        """Wait for a condition of the screen and return its value; an AssertionError tells what never came about."""
        end = time.monotonic() + self._wait
        while time.monotonic() < end:
            if value := condition(self.read_screen()):
                return value
            if self._process.poll() is not None:
                what = f"{what}, for the program has ended with code {self._process.returncode}"
                break
            time.sleep(0.02)
        raise AssertionError(f"never came about: {what}\n{self.read_screen()}")

    def wait_for_text(self, text: str) -> None:
        """Wait until the text stands on the screen."""
        self.wait_until(lambda screen: text in screen, repr(text))

    def capture(self, name: str) -> None:
        """Keep what is seen now as text and as a picture."""
        CAPTURES_DIR.mkdir(parents=True, exist_ok=True)
        (CAPTURES_DIR / f"{name}.txt").write_text(self.read_screen() + "\n")
        with self._lock:
            (CAPTURES_DIR / f"{name}.svg").write_text(_render_svg(self._screen))

    def _read(self) -> None:
        held = b""
        while True:
            try:
                data = os.read(self._ours, 1 << 16)
            except OSError:  # how the end of the program shows
                return
            data = _UNSUPPORTED.sub(b"", held + data)
            # A sequence that is not all there yet waits for its rest.
            cut = data.rfind(b"\x1b")
            held = data[cut:] if cut >= 0 and not _COMPLETE_SEQUENCE.match(data, cut) else b""
            with self._lock:
                self._stream.feed(data[: len(data) - len(held)])


def _render_svg(screen: pyte.Screen) -> str:
    """The screen as SVG, one text element for each run of characters that look alike."""
    width, height = _CELL
    shapes = []
    for y in range(screen.lines):
        row = [screen.buffer[y][x] for x in range(screen.columns)]
        start = 0
        for x in range(1, screen.columns + 1):
            if x < screen.columns and row[x]._replace(data="") == row[start]._replace(data=""):
                continue
            look, text = row[start], "".join(cell.data for cell in row[start:x])
            ink, paper = (look.bg, look.fg) if look.reverse else (look.fg, look.bg)
            at = f'x="{start * width:.1f}" y="{y * height}"'
            if paper != "default" or look.reverse:
                fill = _to_css_colour(paper) or "#abb2bf"
                shapes.append(f'<rect {at} width="{(x - start) * width:.1f}" height="{height}" fill="{fill}"/>')
            if text.strip():
                fill = _to_css_colour(ink) or ("#1e2127" if look.reverse else "#abb2bf")
                style = (' font-weight="bold"' if look.bold else "") + (' font-style="italic"' if look.italics else "")
                place = f'x="{start * width:.1f}" y="{y * height + 14}" textLength="{(x - start) * width:.1f}"'
                shapes.append(f'<text {place} fill="{fill}"{style} xml:space="preserve">{escape(text)}</text>')
            start = x
    size = f'width="{screen.columns * width:.0f}" height="{screen.lines * height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="monospace" font-size="14">'
        f'<rect width="100%" height="100%" fill="#1e2127"/>{"".join(shapes)}</svg>\n'
    )


def _to_css_colour(name: str) -> str:
    """A colour of pyte's as CSS; empty for the terminal's own."""
    code = _COLOURS.get(name, name)
    return f"#{code}" if re.fullmatch("[0-9a-fA-F]{6}", code) else ""
