"""Brings a database up to date with a folder: all of it, or some paths."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from interfix.context.exclusion import IGNORE_FILES, Exclusion
from interfix.context.index.file_extraction import extract_record
from interfix.context.index.records import FileRecord, FileStamp
from interfix.context.index.writer import IndexStore, compute_digest
from interfix.syntax.languages import load_languages
from interfix.syntax.notebook_file import NOTEBOOK_SUFFIX, read_notebook
from interfix.system.file_reader import has_text_name, is_regular, read_file

_log = logging.getLogger(__name__)

MAX_FILES = 30_000
"""Files of one folder that are kept, the last changed: a whole disk may have been opened."""
MAX_ENTRIES = 500_000
"""Entries of folders that are looked at."""
_BATCH_FILES = 50
"""Files written in one transaction: what another writer waits for, and what is lost with the process."""

ProgressCallback = Callable[[int], None]
"""Told how many files are still to be read."""


class IndexUpdater:
    """One folder and its database. Raises sqlite3.DatabaseError where that is damaged."""

    def __init__(self, root: Path, exclusion: Exclusion, store: IndexStore) -> None:
        self._root = root
        self._exclusion = exclusion
        self._store = store

    def list_folders(self) -> list[Path]:
        """The folders in which a file may be shown."""
        return [folder for folder, _ in self._walk()]

    def update_all(self, progress: ProgressCallback) -> None:
        """Make the database true of the whole folder, the files that changed last first."""
        stamps = self._scan_files()
        stored_stamps = self._store.load_all_stamps()
        for batch in _batches([path for path in stored_stamps if path not in stamps]):
            with self._store.open_transaction():
                for path in batch:
                    self._store.drop_file(path)
        stale = [path for path, stamp in stamps.items() if path not in stored_stamps or not _is_same(stored_stamps[path], stamp)]
        for at, batch in enumerate(_batches(stale)):
            progress(len(stale) - at * _BATCH_FILES)
            self._update_files(batch, stored_stamps)
        if stale or not self._store.is_complete:
            self._store.update_statistics()

    def update_paths(self, paths: Iterable[Path]) -> bool:
        """Make it true of these files. False where only a look at all will do: rules have changed, or there is a new folder."""
        inside = sorted({path.relative_to(self._root).as_posix() for path in paths if path.is_relative_to(self._root)})
        inside = [path for path in inside if has_text_name(path)]
        for batch in _batches(inside):
            if any(self._needs_full_update(path) for path in batch):
                return False
            gone = [below for path in batch for below in self._store.list_files_below(path) if not (self._root / path).is_dir()]
            self._update_files([*batch, *gone], self._store.load_stamps([*batch, *gone]))
        return True

    def _needs_full_update(self, path: str) -> bool:
        full = self._root / path
        return full.name in IGNORE_FILES or (
            full.is_dir() and not full.is_symlink() and not self._exclusion.find_folder_refusal(full)
        )

    def _update_files(self, paths: Iterable[str], stored_stamps: dict[str, FileStamp]) -> None:
        """Read files, and write what they hold now; those that are no more, or may no longer be shown, are forgotten."""
        entries = [(path, self._read_file(path, stored_stamps.get(path))) for path in paths]
        with self._store.open_transaction():
            for path, entry in entries:
                match entry:
                    case None:
                        self._store.drop_file(path)
                    case FileStamp():
                        self._store.update_stamp(path, entry)
                    case FileRecord():
                        self._store.put_record(entry)

    def _read_file(self, path: str, stored_stamp: FileStamp | None) -> FileRecord | FileStamp | None:
        """The file as it is; its new stamp alone where its bytes are the known ones; None where there is nothing to show."""
        full = self._root / path
        if not _is_code(path) or self._exclusion.find_refusal(full):
            return None
        try:
            stamp = _make_stamp(full.stat())
            data = read_file(full, self._exclusion.settings.file_bytes, root=self._root)
        except OSError:
            return None
        stamp = FileStamp(stamp.size_bytes, stamp.modified_ns, compute_digest(data))
        if stored_stamp is not None and stored_stamp.digest == stamp.digest:
            return stamp
        try:
            language_id = ""
            if full.suffix == NOTEBOOK_SUFFIX:
                notebook = read_notebook(data)
                data, language_id = notebook.script, notebook.language_id
            if self._exclusion.find_text_refusal(full, data):
                return FileRecord(path, stamp)  # kept empty, so that it is not read again at each start
            return extract_record(path, data, stamp, language_id)
        except Exception as error:
            _log.warning("%s is left out of the index: %s", path, type(error).__name__)
            return FileRecord(path, stamp)

    def _scan_files(self) -> dict[str, FileStamp]:
        """The files to keep, the last changed first."""
        files: dict[str, FileStamp] = {}
        for _, entries in self._walk():
            for entry in entries:
                path = Path(entry.path).relative_to(self._root).as_posix()
                if _is_code(path) and not self._exclusion.find_refusal(Path(entry.path)):
                    try:
                        files[path] = _make_stamp(entry.stat())
                    except OSError:
                        continue
        if len(files) > MAX_FILES:
            _log.warning("%s has %d files; the index keeps the %d that changed last", self._root.name, len(files), MAX_FILES)
        return dict(sorted(files.items(), key=lambda item: -item[1].modified_ns)[:MAX_FILES])

    def _walk(self) -> Iterator[tuple[Path, list[os.DirEntry[str]]]]:
        """Every folder in which something may be shown, with the files in it. Links to folders are not followed."""
        pending = [self._root]
        room = MAX_ENTRIES
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(folder) as scanned:
                    entries = [entry for entry in islice(scanned, room) if has_text_name(entry.name)]
            except OSError:
                continue
            room -= len(entries)
            folders = (Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
            pending += [path for path in folders if not self._exclusion.find_folder_refusal(path)]
            yield folder, [entry for entry in entries if is_regular(entry)]
            if room <= 0:
                _log.warning("%s has more than %d entries; the rest is not in the index", self._root.name, MAX_ENTRIES)
                return


def _is_code(path: str) -> bool:
    return path.endswith(NOTEBOOK_SUFFIX) or load_languages().find_by_path(path) is not None


def _batches(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    return (paths[at : at + _BATCH_FILES] for at in range(0, len(paths), _BATCH_FILES))


def _make_stamp(status: os.stat_result) -> FileStamp:
    return FileStamp(status.st_size, status.st_mtime_ns)


def _is_same(stored: FileStamp, now: FileStamp) -> bool:
    return (stored.size_bytes, stored.modified_ns) == (now.size_bytes, now.modified_ns)
