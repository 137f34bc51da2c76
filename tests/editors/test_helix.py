"""Interfix in a real Helix in a terminal, configured as editors/README.md says: a suggestion is an entry of the menu."""

import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.editors.editor_binaries import EditorUnavailable, find_helix
from tests.editors.terminal_driver import Terminal
from tests.isolated_home import ALWAYS_SHOWN, INTERFIX_COMMAND

PAGE = (Path(__file__).parents[2] / "editors/README.md").read_text()
TEXT = '''def evens(numbers: list[int]) -> list[int]:
    """The even ones of the numbers."""
    found = []
    for number in numbers

'''
COMPLETE, ENTER = "\030", "\r"


@pytest.fixture
def screen(tmp_path: Path, environment: dict[str, str]) -> Iterator[Terminal]:
    """Helix with a file open and the server ready, the cursor at the end of the unfinished line, in Insert mode."""
    try:
        program = find_helix()
    except EditorUnavailable as missing:
        pytest.skip(str(missing))
    recipe = re.search(r"## Helix\n.*?```toml\n(.*?)```", PAGE, re.DOTALL)
    assert recipe
    configuration = tmp_path / "config/helix"
    configuration.mkdir(parents=True)
    (configuration / "languages.toml").write_text(recipe[1].replace('"pylsp", ', ""))
    (configuration / "config.toml").write_text("[editor.lsp]\ndisplay-messages = true\ndisplay-progress-messages = true\n")
    file = tmp_path / "evens.py"
    file.write_text(TEXT)
    own = {
        **environment,
        **ALWAYS_SHOWN,
        "PATH": os.pathsep.join([str(Path(INTERFIX_COMMAND).parent), environment["PATH"]]),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    screen = Terminal(program, (f"{file}:4:1",), own, timeout_seconds=250.0)
    screen.wait_for_text("for number in numbers")
    yield screen
    screen.close()


def read_menu_entry(screen: str) -> str:
    """The entry of the completion menu; empty while there is none."""
    entry = re.search(r"(\S+(?: \S+)*) text *$", screen, re.MULTILINE)
    return entry[1] if entry else ""


def test_a_suggestion_is_an_entry_of_the_menu_and_is_inserted(screen: Terminal) -> None:
    screen.press_keys("A")
    screen.wait_for_text("INS")
    polls = count()

    def offered(now: str) -> str:
        if next(polls) % 200 == 0:  # Helix does not ask a server that is still starting
            screen.press_keys(COMPLETE)
        return read_menu_entry(now)

    entry = str(screen.wait_until(offered, "an entry of the completion menu"))
    screen.capture("helix-menu")
    screen.press_keys("\t" + ENTER)
    screen.wait_until(lambda now: entry.removesuffix(" …") in now and not read_menu_entry(now), "the suggestion in the text")
