"""The workspace folders of a session, each with its exclusion filter and its index. Knows no documents and no method."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion
from interfix.context.index import Index
from interfix.context.workspace import Workspace
from interfix.syntax.snapshot import Snapshot


class Workspaces:
    """Follows the session's folders and settings; `spawn` runs what takes a while, `opened` has the text of open documents."""

    def __init__(
        self, spawn: Callable[[Coroutine[Any, Any, None]], None], opened: Callable[[Path], Snapshot | None] = lambda _: None
    ) -> None:
        self._spawn = spawn
        self._opened = opened
        self._known: dict[Path, Workspace] = {}

    def follow(self, folders: Iterable[Path], settings: ContextSettings) -> None:
        """Keep these folders from now on, by these settings."""
        wanted = set(folders)
        for folder, known in list(self._known.items()):
            if folder not in wanted or known.exclusion.settings != settings:
                del self._known[folder]
                if known.index is not None:
                    self._spawn(known.index.close())
        for folder in wanted - set(self._known):
            exclusion = Exclusion(folder, settings)
            index = Index(folder, exclusion) if settings.index and exclusion.trusted else None
            self._known[folder] = Workspace(folder, exclusion, index, self._opened)
            if index is not None:
                self._spawn(index.start())

    def of(self, root: Path | None) -> Workspace | None:
        """The workspace of a folder of the session."""
        return self._known.get(root) if root is not None else None

    def changed(self, paths: Sequence[Path]) -> None:
        """Something happened to these files."""
        for folder, known in self._known.items():
            inside = [path for path in paths if path.is_relative_to(folder)]
            if known.index is not None and inside:
                known.index.changed(inside)

    def indexes(self) -> dict[str, dict[str, Any]]:
        """How far the index of each folder is, for `interfix.status`."""
        indexes = {str(folder): known.index for folder, known in self._known.items() if known.index is not None}
        return {folder: msgspec.to_builtins(index.status) for folder, index in indexes.items()}

    async def close(self) -> None:
        """Let go of every index."""
        for known in self._known.values():
            if known.index is not None:
                await known.index.close()
        self._known.clear()
