"""What a command is asked about, as an editor or the command line hands it over."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from interfix.context.exclusion import Exclusion
from interfix.context.index import WorkspaceIndex
from interfix.syntax.document import Snapshot, open_file


class Diagnostic(msgspec.Struct, frozen=True):
    """Something that is wrong with the code, whoever says so."""

    start: int
    """Byte offset at which the place it is about begins."""
    end: int
    """Byte offset at which it ends."""
    message: str
    """What is wrong."""
    source: str = ""
    """Who says so, such as the name of a compiler or a linter; empty where it is not told."""


def read_snapshot(path: Path) -> Snapshot:
    """The file as it is on the disk. Raises `UsageError` where it cannot be read."""
    return open_file(path).snapshot()


class CommandRequest(msgspec.Struct, frozen=True):
    """A place in a document, and what is known around it."""

    snapshot: Snapshot
    """The document."""
    start: int
    """Byte offset at which the selection begins."""
    end: int
    """Byte offset at which it ends; the same for a cursor."""
    instruction: str = ""
    """What the user asks for in words: an instruction or a question."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is known to be wrong here."""
    root: Path | None = None
    """The workspace's folder; None where there is none or it is not to be read."""
    index: WorkspaceIndex | None = None
    """Where to look up what the rest of the workspace defines."""
    exclusion: Exclusion | None = None
    """What of the workspace may be shown; None: no other file."""
    read_file: Callable[[Path], Snapshot] = read_snapshot
    """The text of another file of the workspace, as it stands in the editor where it is open there."""
