"""A workspace of a few files in a folder, and a place in one of them, for tests of the sources."""

from collections.abc import Callable
from pathlib import Path

from interfix.config.settings import ContextSettings
from interfix.context.context_source import ContextQuery
from interfix.context.exclusion import Exclusion
from interfix.context.name_visibility import NameVisibility, find_visibility
from interfix.context.workspace_reader import Workspace
from interfix.syntax.document import Document, Snapshot


def build_workspace(root: Path, files: dict[str, str], index: object = None) -> Workspace:
    """The folder with these files; a real filter, and the index that a test gives."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Workspace(root, Exclusion(root, ContextSettings()), index)  # type: ignore[arg-type]


def build_visibility_finder(root: Path, files: dict[str, str]) -> Callable[[Snapshot, Snapshot], NameVisibility | None]:
    """How the first of two files of the folder can use what the second one defines."""
    workspace = build_workspace(root, files)

    def see(snapshot: Snapshot, origin: Snapshot) -> NameVisibility | None:
        here, there = (Path(each.path).relative_to(root).as_posix() for each in (snapshot, origin))
        return find_visibility(snapshot, here, origin, there, workspace)

    return see


def build_query(workspace: Workspace, path: str, text: str) -> ContextQuery:
    """The cursor `‸` in the text of a file, which need not be saved like that."""
    before, after = text.split("‸")
    snapshot = Document((workspace.root / path).as_uri(), before + after).snapshot()
    return ContextQuery(snapshot, len(before.encode()), path, workspace)
