"""What somebody who types needs of an editor: keys in; text, cursor and what is suggested on the screen out."""

from pathlib import Path
from typing import Protocol

from interfix.bench.acceptance_policy import AcceptGranularity


class TypingSurface(Protocol):
    """One editor with one file in front."""

    @property
    def name(self) -> str:
        """The editor and its version."""

    def open_file(self, path: Path, before: str, after: str) -> None:
        """Open a file of the workspace with the cursor between two texts, ready to be typed into."""

    def close_file(self) -> None:
        """Close the file in front, and leave it on the disk as it was."""

    def type_character(self, character: str) -> None:
        """Press the key of a character, Enter for `\\n`; the editor does with it what it does."""

    def press_key(self, key: str) -> None:
        """Press one of: Backspace, Delete, Down, Home, Right."""

    def insert_verbatim(self, text: str) -> None:
        """Put a text in as it is, as a paste does."""

    def take_suggestion(self, granularity: AcceptGranularity) -> None:
        """Press the key that takes a suggestion."""

    def close_list(self) -> bool:
        """Close an open completion list; whether one was open."""

    def read_text(self) -> tuple[str, str]:
        """The text before the cursor and after it."""

    def read_ghost(self, line: str) -> str:
        """The suggestion on the screen behind `line`, which is what stands before the cursor on its line; empty where none is."""

    def take_screenshot(self, path: Path) -> None:
        """Keep what is on the screen, as the kind of file that suits it."""
