"""The other files of one workspace folder, as the sources of context may read them.

A file that the exclusion filter refuses cannot be read here, whatever source asks; why is kept for `interfix why`.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

from interfix.context.document_masking import mask_document
from interfix.context.exclusion import Exclusion
from interfix.context.index import WorkspaceIndex
from interfix.context.recent_locations import RecentLocations
from interfix.errors import UsageError
from interfix.syntax.document import Snapshot, open_file
from interfix.system.file_reader import has_text_name, is_folder, is_regular, read_beginning

MAX_CACHED_FILES = 64
"""Parsed files that are kept; each is read again where its time or size has changed."""
MAX_REFUSALS = 32
"""Refused files that are remembered, the latest."""
MAX_FOLDER_ENTRIES = 200
"""Most entries of a folder that are looked at."""

MAX_LISTINGS = 256
"""Listings of folders that are kept until what is in them changes."""
_SETTLED_NS = 2_000_000_000
"""A folder that changed in the last two seconds may change again within one tick of its file system's clock."""
MAX_MANIFEST_BYTES = 20_000
"""More of a manifest is not read."""

_Stamp = tuple[int, int]


class Workspace:
    """One folder. Safe to use from several threads."""

    def __init__(
        self,
        root: Path,
        exclusion: Exclusion,
        index: WorkspaceIndex | None = None,
        get_open_document: Callable[[Path], Snapshot | None] = lambda _: None,
    ) -> None:
        """`get_open_document` gives the text that an editor has of a file, which may not be saved."""
        self.root = root
        self.index = index
        self.recent_locations = RecentLocations()
        """What the user did in it."""
        self.refusals: dict[str, str] = {}
        """The last files that a source asked for and that may not be shown, and by which rule."""
        self.exclusion = exclusion
        self._get_open_document = get_open_document
        self._files: OrderedDict[Path, tuple[_Stamp, Snapshot | None]] = OrderedDict()
        self._listings: dict[tuple[PurePosixPath, object], tuple[int, Sequence[str]]] = {}
        self._lock = threading.Lock()

    def read(self, path: str) -> Snapshot | None:
        """A file by its path relative to the root, its secrets masked; None where there is none or it may not be shown."""
        absolute = self.root / path
        if not is_regular(absolute) or self._note_refusal(path, self.exclusion.find_refusal(absolute)):
            return None
        if (snapshot := self._get_open_document(absolute)) is not None:
            return self._shown(path, absolute, snapshot)
        try:
            status = absolute.stat()
        except OSError:  # it has gone meanwhile
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        with self._lock:
            cached = self._files.get(absolute)
        if cached is None or cached[0] != stamp:
            cached = (stamp, self._load(path, absolute))
        with self._lock:
            self._files[absolute] = cached
            self._files.move_to_end(absolute)
            while len(self._files) > MAX_CACHED_FILES:
                self._files.popitem(last=False)
        return cached[1]

    def keeps_out(self, path: Path) -> bool:
        """Whether the rules keep an open file of this folder out of sight; one that was never saved has only its name yet."""
        return self.exclusion.trusted and is_regular(path) and bool(self.exclusion.find_refusal(path))

    def exists(self, path: str) -> bool:
        """Whether there is such a file below the root."""
        return ".." not in PurePosixPath(path).parts and is_regular(self.root / path)

    def list_files(self, path: PurePosixPath) -> Sequence[str]:
        """The files of a folder, relative to the root."""
        return self._list_entries(path, is_regular)

    def list_folders(self, path: PurePosixPath) -> Sequence[str]:
        """The folders in a folder, relative to the root."""
        return self._list_entries(path, is_folder)

    def read_manifest(self, path: str) -> str:
        """The text of a file that tells how code is laid out, such as `go.mod`; empty where it cannot be read. Never shown."""
        try:
            return read_beginning(self.root / path, MAX_MANIFEST_BYTES, root=self.root).decode("utf-8", "ignore")
        except OSError:
            return ""

    def _list_entries(self, path: PurePosixPath, is_wanted: Callable[[os.DirEntry[str]], bool]) -> Sequence[str]:
        try:
            changed = (self.root / path).stat().st_mtime_ns
            cached = self._listings.get((path, is_wanted))
            if cached is None or cached[0] != changed or time.time_ns() - changed < _SETTLED_NS:
                if len(self._listings) >= MAX_LISTINGS:
                    self._listings.clear()
                cached = self._listings[(path, is_wanted)] = changed, self._scan_folder(path, is_wanted)
            return cached[1]
        except OSError:
            return ()

    def _scan_folder(self, path: PurePosixPath, is_wanted: Callable[[os.DirEntry[str]], bool]) -> Sequence[str]:
        try:
            with os.scandir(self.root / path) as scanned:
                entries = [entry for entry in islice(scanned, MAX_FOLDER_ENTRIES) if has_text_name(entry.name)]
                return [(path / name).as_posix() for name in sorted(entry.name for entry in entries if is_wanted(entry))]
        except OSError:
            return ()

    def _load(self, path: str, absolute: Path) -> Snapshot | None:
        try:
            snapshot = open_file(absolute).snapshot()
        except UsageError:
            return None
        return self._shown(path, absolute, snapshot)

    def _shown(self, path: str, absolute: Path, snapshot: Snapshot) -> Snapshot | None:
        refused = self._note_refusal(path, self.exclusion.find_text_refusal(absolute, snapshot.data))
        if refused:
            return None
        return mask_document(snapshot, self.index.read_secrets(path, snapshot.data) if self.index is not None else None)

    def _note_refusal(self, path: str, why: str) -> bool:
        if why:
            self.refusals[path] = why
            if len(self.refusals) > MAX_REFUSALS:
                del self.refusals[next(iter(self.refusals))]
        return bool(why)
