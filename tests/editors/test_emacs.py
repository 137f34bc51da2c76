"""Interfix in a real Emacs in a terminal, with Eglot, the overlay of editors/emacs, the real server and the real small model."""

import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.editors.editor_binaries import EditorUnavailable, find_emacs
from tests.editors.terminal_driver import Terminal
from tests.isolated_home import ALWAYS_SHOWN, INTERFIX_COMMAND

PACKAGE = Path(__file__).parents[2] / "editors/emacs/interfix.el"
TEXT = '''def evens(numbers: list[int]) -> list[int]:
    """The even ones of the numbers."""
    found = []

'''
HEAD = "    "
"""What is typed; the rest of the line is suggested."""
INIT = """
(setq inhibit-startup-screen t make-backup-files nil auto-save-default nil create-lockfiles nil ring-bell-function #'ignore
      native-comp-jit-compilation nil eglot-autoshutdown t eglot-sync-connect nil eglot-stay-out-of '(flymake eldoc))
(menu-bar-mode -1)
(load "{package}")
(interfix-setup 'python-mode)
"""
TAB, META_F, UNDO, PREVIOUS_LINE = "\t", "\033f", "\037", "\020"

_TOLD = count(1)


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Terminal]:
    """Emacs with a file open, point where the loop is to begin."""
    try:
        program = find_emacs()
    except EditorUnavailable as missing:
        pytest.skip(str(missing))
    folder = tmp_path_factory.mktemp("emacs")
    init, file = folder / "init.el", folder / "evens.py"
    init.write_text(INIT.format(package=str(PACKAGE)))
    file.write_text(TEXT)
    path = os.pathsep.join([str(Path(INTERFIX_COMMAND).parent), environment["PATH"]])
    settings = {**ALWAYS_SHOWN, "PATH": path, "HOME": str(folder)}
    screen = Terminal(
        program, ("-nw", "-Q", "-l", str(init), "+4:1", str(file)), {**environment, **settings}, timeout_seconds=250.0
    )
    screen.wait_for_text("Interfix")
    yield screen
    screen.close()


def read_line(screen: str) -> str:
    """The line that is typed on, with its ghost text."""
    lines = screen.splitlines()
    return lines[3] if len(lines) > 3 else ""


def type_and_read(screen: Terminal) -> str:
    """Type, and return the first line of what is suggested."""
    screen.press_keys(HEAD)
    seen = str(screen.wait_until(lambda now: read_line(now).strip() and read_line(now), "ghost text"))
    return seen.removeprefix(HEAD)


def read_buffer_line(screen: Terminal) -> str:
    """The line as it is in the buffer, without what is only drawn."""
    mark = next(_TOLD)
    line = "(save-excursion (goto-line 4) (buffer-substring-no-properties (pos-bol) (pos-eol)))"
    screen.press_keys(f'\033:(message "{mark}<%s>" {line})\r')
    return str(screen.wait_until(lambda now: re.search(rf"^\"{mark}<(.*)>\"$", now, re.MULTILINE), "the line")[1])


def clear_line(screen: Terminal) -> None:
    """Take everything away again that was typed and accepted."""
    screen.press_keys("\033:(progn (goto-line 4) (delete-region (pos-bol) (point-max)) (interfix-dismiss))\r")
    assert read_buffer_line(screen) == ""


def test_ghost_text_appears_and_tab_accepts_it_as_one_step(screen: Terminal) -> None:
    ghost = type_and_read(screen)
    screen.capture("emacs-ghost-text")
    screen.press_keys(TAB)
    assert read_buffer_line(screen) == HEAD + ghost
    screen.press_keys(UNDO)
    assert read_buffer_line(screen) == HEAD
    clear_line(screen)


def test_a_word_is_accepted_and_typing_goes_on(screen: Terminal) -> None:
    ghost = type_and_read(screen)
    screen.press_keys(META_F)
    word = read_buffer_line(screen).removeprefix(HEAD)
    assert ghost.startswith(word)
    assert 0 < len(word) < len(ghost)
    screen.press_keys(ghost[len(word)])
    assert read_buffer_line(screen) == HEAD + ghost[: len(word) + 1]
    assert read_line(screen.read_screen()) == HEAD + ghost
    clear_line(screen)


def test_leaving_the_place_takes_the_suggestion_away(screen: Terminal) -> None:
    type_and_read(screen)
    screen.press_keys(PREVIOUS_LINE)
    screen.wait_until(lambda now: not read_line(now).strip(), "nothing is shown")
