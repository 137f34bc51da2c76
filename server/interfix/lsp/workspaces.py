"""The workspace folders of a session, each with its exclusion filter and its index."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion
from interfix.context.index import WorkspaceIndex
from interfix.context.name_visibility import NameVisibility, find_visibility
from interfix.context.workspace_reader import Workspace
from interfix.next_edit.edit_context import EditContext
from interfix.syntax.document_key import is_part_of_file, locate_in_folder
from interfix.syntax.notebook_file import NOTEBOOK_SUFFIX
from interfix.syntax.snapshot import Snapshot


class Workspaces:
    """Follows the session's folders and settings; `spawn` runs what takes a while, `find_open_document` has the text of open
    documents."""

    def __init__(
        self,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        find_open_document: Callable[[Path], Snapshot | None] = lambda _: None,
    ) -> None:
        self._spawn = spawn
        self._find_open_document = find_open_document
        self._workspaces: dict[Path, Workspace] = {}

    def sync_folders(self, folders: Iterable[Path], settings: ContextSettings) -> None:
        """Keep these folders from now on, by these settings."""
        kept_folders = set(folders)
        for folder, workspace in list(self._workspaces.items()):
            if folder not in kept_folders or workspace.exclusion.settings != settings:
                del self._workspaces[folder]
                if workspace.index is not None:
                    self._spawn(workspace.index.close())
        for folder in kept_folders - set(self._workspaces):
            exclusion = Exclusion(folder, settings)
            index = WorkspaceIndex(folder, exclusion) if settings.index and exclusion.trusted else None
            self._workspaces[folder] = Workspace(folder, exclusion, index, self._find_open_document)
            if index is not None:
                self._spawn(index.start())

    def find(self, root: Path | None) -> Workspace | None:
        """The workspace of a folder of the session."""
        return self._workspaces.get(root) if root is not None else None

    def update_files(self, paths: Sequence[Path]) -> None:
        """Something happened to these files."""
        for folder, workspace in self._workspaces.items():
            inside = [path for path in paths if path.is_relative_to(folder)]
            if workspace.index is not None and inside:
                workspace.index.refresh_paths(inside)

    def report_indexes(self) -> dict[str, dict[str, Any]]:
        """How far the index of each folder is, for `interfix.status`."""
        indexes = {str(folder): workspace.index for folder, workspace in self._workspaces.items() if workspace.index is not None}
        return {folder: msgspec.to_builtins(index.status) for folder, index in indexes.items()}

    async def close(self) -> None:
        """Let go of every index."""
        for workspace in self._workspaces.values():
            if workspace.index is not None:
                await workspace.index.close()
        self._workspaces.clear()


def extend_to_workspace(context: EditContext, workspace: Workspace) -> EditContext:
    """The same request for a next edit with the other files of a workspace folder."""
    others, visibility = partial(_find_other_files, context, workspace), partial(_find_visibility, workspace)
    return msgspec.structs.replace(context, find_others=others, find_visibility=visibility)


def _find_other_files(context: EditContext, workspace: Workspace, name: str) -> Sequence[Snapshot]:
    """The other files of a workspace folder that may use a name: those that are open, then those that the index knows.

    No notebooks: an editor can go to a file, not to a cell.
    """
    snapshot = context.snapshot
    others = {each.uri: each for each in context.opened if each.uri != snapshot.uri and not is_part_of_file(each.uri)}
    for passage in workspace.index.find_similar(name) if workspace.index is not None else ():
        each = workspace.read(passage.path) if not passage.path.endswith(NOTEBOOK_SUFFIX) else None
        if each is not None and each.path != snapshot.path:
            others.setdefault(each.uri, each)
    return tuple(others.values())


def _find_visibility(workspace: Workspace, snapshot: Snapshot, origin: Snapshot) -> NameVisibility | None:
    paths = [Path(locate_in_folder(each.path, [workspace.root])) for each in (snapshot, origin)]
    if not all(path.is_relative_to(workspace.root) for path in paths):
        return None
    path, origin_path = (path.relative_to(workspace.root).as_posix() for path in paths)
    return find_visibility(snapshot, path, origin, origin_path, workspace)
