"""An index of a workspace folder, read in milliseconds: where a name is defined, what a file defines, where similar code is.

A process of its own reads and parses the files, so that nothing here ever waits for a parser. This side only asks the database, and
says nothing where there is no answer yet.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from interfix.config.paths import cache_dir
from interfix.config.private_files import make_private_folder
from interfix.context.exclusion import Exclusion
from interfix.context.index.messages import IndexStatus, RefreshOrder
from interfix.context.index.reader import IndexReader
from interfix.context.index.records import Passage
from interfix.context.index.writer import locate_database
from interfix.context.skeletons import CodeStructure
from interfix.context.skeletons.definition import Definition
from interfix.masking import SecretSpan
from interfix.system.child_process import end_worker, start_worker
from interfix.system.file_reader import has_text_name

__all__ = ["Definition", "IndexStatus", "Passage", "WorkspaceIndex"]

_log = logging.getLogger(__name__)

_MAX_STARTS = 3
"""How often a worker that dies is started again: whatever kills it may do so each time."""


def _make_folder() -> Path:
    folder = cache_dir() / "index"
    with contextlib.suppress(OSError):  # then there is no index
        make_private_folder(folder)
    return folder


class WorkspaceIndex:
    """The index of one folder, shared through its database with every other server that works there."""

    def __init__(self, root: Path, exclusion: Exclusion, directory: Path | None = None) -> None:
        self.status = IndexStatus()
        """What the worker said last."""
        self._root = root
        self._exclusion = exclusion
        self._database = locate_database(root, directory or _make_folder())
        self._reader = IndexReader(self._database, self._repair)
        self._worker: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._status_changed = asyncio.Condition()

    async def start(self) -> None:
        """Bring the index up to date in the background, and keep it so; returns at once."""
        if self._exclusion.trusted and self._task is None:
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.create_task(self._run_worker())

    def find_definitions(self, names: Sequence[str], limit: int = 20) -> list[Definition]:
        """Who defines these names, no variables; a name with few definitions before one with many, else in the order asked."""
        return [definition for definition in self._reader.find_definitions(names, limit) if self._may_show(definition.path)]

    def find_in_file(self, name: str, path: str) -> list[Definition]:
        """What the file at a relative path defines under a name, variables among it."""
        return self._reader.find_in_file(name, path) if self._may_show(path) else []

    def read_skeleton(self, path: str) -> str:
        """The file at a relative path with the bodies of its functions left out; empty where it is not in the index."""
        return self._reader.read_skeleton(path) if self._may_show(path) else ""

    def read_secrets(self, path: str, data: bytes) -> list[SecretSpan] | None:
        """Where the secrets of the file at a relative path are, characters, if `data` is what was read of it; else None."""
        return self._reader.read_secrets(path, data)

    def read_structure(self, path: str, data: bytes) -> CodeStructure | None:
        """What the tree of the file at a relative path tells of its definitions, if `data` is what was read of it; else None."""
        return self._reader.read_structure(path, data)

    def read_version(self) -> object:
        """Another value once somebody has written to the index."""
        return self._reader.read_version()

    def read_member_names(self) -> str:
        """The names that are members of something anywhere in the folder, one a line, sorted."""
        return self._reader.read_member_names()

    def find_similar(self, text: str, limit: int = 8) -> list[Passage]:
        """The passages that share most of the rare words of `text` (BM25), the best first; those of its own file among them."""
        return [passage for passage in self._reader.find_similar(text, limit) if self._may_show(passage.path)]

    @property
    def disk_bytes(self) -> int:
        """Size of the database, what is still in its log included."""
        return sum(file.stat().st_size for file in self._database.parent.glob(f"{self._database.name}*"))

    def refresh_paths(self, paths: Sequence[Path]) -> None:
        """Look at these files or folders again: they were saved, created, renamed or deleted."""
        self._send_order(RefreshOrder(paths=tuple(path for path in map(str, paths) if has_text_name(path))))

    async def wait_for_status(self) -> IndexStatus:
        """Wait until the worker has something new to say."""
        async with self._status_changed:
            await self._status_changed.wait()
        return self.status

    async def close(self) -> None:
        """Let the worker go. What it has not written yet is found again the next time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._reader.close()

    def _may_show(self, path: str) -> bool:
        """The rules may have changed since the file was read."""
        return not self._exclusion.find_refusal(self._root / path)

    def _repair(self) -> None:
        """The worker looks at everything, finds the damage as well, and builds the database anew."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._send_order, RefreshOrder())

    def _send_order(self, order: RefreshOrder) -> None:
        if self._worker is not None and self._worker.stdin is not None and not self._worker.stdin.is_closing():
            self._worker.stdin.write(msgspec.json.encode(order) + b"\n")

    async def _run_worker(self) -> None:
        for _ in range(_MAX_STARTS):
            settings = msgspec.json.encode(self._exclusion.settings).decode()
            level = logging.getLevelName(_log.getEffectiveLevel())
            command = (
                sys.executable,
                "-P",
                "-m",
                "interfix.context.index.worker",
                str(self._root),
                str(self._database),
                settings,
                level,
            )
            self._worker = await start_worker(command)
            try:
                await self._read_statuses(self._worker)
                code = await self._worker.wait()
            finally:
                await end_worker(self._worker)
            _log.warning("the index worker of %s has died (%d)", self._root.name, code)
        _log.error("the index of %s is not kept up to date any more: its worker has died %d times", self._root.name, _MAX_STARTS)

    async def _read_statuses(self, worker: asyncio.subprocess.Process) -> None:
        assert worker.stdout is not None
        while line := await worker.stdout.readline():
            self.status = msgspec.json.decode(line, type=IndexStatus)
            async with self._status_changed:
                self._status_changed.notify_all()
