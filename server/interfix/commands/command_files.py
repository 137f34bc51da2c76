"""Commands as files: an instruction in Markdown under a small header, ours and people's own.

The header stands between two lines of `---`, one `name: value` a line: `title` (needed), `result` (`edit`, the default; `comments`
for an edit that may change nothing else; `answer`), `languages` (ids with commas between them; none: all).
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from interfix.config import paths
from interfix.system.file_reader import read_beginning

_log = logging.getLogger(__name__)

COMMANDS_FOLDER = Path(".interfix", "commands")
"""Where a workspace has its commands."""
_MAX_FILES = 50
"""Files of one folder."""
_MAX_FILE_BYTES = 10_000
"""Of one file."""
_HEADER = re.compile(r"\A---[ \t]*\n(?P<header>.*?)^---[ \t]*\n(?P<words>.*)", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^(\w+)[ \t]*:[ \t]*(.*?)[ \t]*$", re.MULTILINE)


class CommandHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file says of itself."""

    title: str
    """As the menu shows it."""
    result: Literal["edit", "comments", "answer"] = "edit"
    """What comes of it."""
    languages: str = ""
    """Ids of the languages it is for, with commas between them; empty: all."""


class CustomCommand(msgspec.Struct, frozen=True):
    """A command from a file."""

    name: str
    """The file's name without its ending."""
    header: CommandHeader
    """What the file says of itself."""
    instruction: str
    """The instruction or question."""

    def supports_language(self, language: str) -> bool:
        """Whether it is for this language."""
        languages = [each.strip() for each in self.header.languages.split(",") if each.strip()]
        return not languages or language in languages


def load_builtin_commands() -> tuple[CustomCommand, ...]:
    """The common refactorings."""
    return tuple(_read_all(Path(__file__).with_name("menu")))


def load_custom_commands(root: Path | None) -> tuple[CustomCommand, ...]:
    """The user's commands and those of the workspace at `root`, of one name the user's; read anew each time.

    A file that is none is logged and left out.
    """
    folders = [paths.config_file().parent / "commands", *([root / COMMANDS_FOLDER] if root is not None else [])]
    commands: dict[str, CustomCommand] = {}
    for folder in folders:
        for command in _read_all(folder, within=root if root is not None and folder.is_relative_to(root) else None):
            commands.setdefault(command.name, command)
    return tuple(commands.values())


def _read_all(folder: Path, within: Path | None = None) -> Iterator[CustomCommand]:
    for file in sorted(folder.glob("*.md"))[:_MAX_FILES]:
        try:
            yield parse_command(file.stem, read_beginning(file, _MAX_FILE_BYTES, root=within).decode())
        except (OSError, ValueError) as error:
            _log.warning("the command %s is left out: %s", file.name, error)


def parse_command(name: str, text: str) -> CustomCommand:
    """A command from its file's text. Raises `ValueError` where that is not one."""
    match = _HEADER.match(text.replace("\r\n", "\n"))
    if match is None or not match["words"].strip():
        raise ValueError("it needs a header between two lines of --- and an instruction behind it")
    return CustomCommand(name, msgspec.convert(dict(_FIELD.findall(match["header"])), CommandHeader), match["words"].strip())
