"""Brings a database up to date with a folder: all of it, or some paths. Knows no process and nobody who asks."""

import hashlib
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from interfix.context.exclusion import IGNORE_FILES, Exclusion
from interfix.context.index.entries import Entry, Stamp
from interfix.context.index.reading import read
from interfix.context.index.store import Store
from interfix.syntax.languages import languages

_log = logging.getLogger(__name__)

MOST_FILES = 30_000
"""Files of one folder that are kept, the last changed: a whole disk may have been opened."""
MOST_ENTRIES = 500_000
"""Entries of folders that are looked at."""
_BATCH = 50
"""Files written in one transaction: what another writer waits for, and what is lost with the process."""

Progress = Callable[[int], None]
"""Told how many files are still to be read."""


class Refresh:
    """One folder and its database. Raises sqlite3.DatabaseError where that is damaged."""

    def __init__(self, root: Path, exclusion: Exclusion, store: Store) -> None:
        self._root = root
        self._exclusion = exclusion
        self._store = store

    def folders(self) -> list[Path]:
        """The folders in which a file may be shown."""
        return [folder for folder, _ in self._walk()]

    def all(self, progress: Progress) -> None:
        """Make the database true of the whole folder, the files that changed last first."""
        found = self._found()
        known = self._store.stamps()
        for batch in _batches([path for path in known if path not in found]):
            with self._store.writing():
                for path in batch:
                    self._store.drop(path)
        stale = [path for path, stamp in found.items() if path not in known or not _same(known[path], stamp)]
        for at, batch in enumerate(_batches(stale)):
            progress(len(stale) - at * _BATCH)
            self._look(batch, known)
        if stale or not self._store.complete:
            self._store.finish()

    def some(self, paths: Iterable[Path]) -> bool:
        """Make it true of these files. False where only a look at all will do: rules have changed, or there is a new folder."""
        inside = sorted({path.relative_to(self._root).as_posix() for path in paths if path.is_relative_to(self._root)})
        for batch in _batches(inside):
            if any(self._is_more_than_a_file(path) for path in batch):
                return False
            gone = [below for path in batch for below in self._store.below(path) if not (self._root / path).is_dir()]
            self._look([*batch, *gone], self._store.stamps_of([*batch, *gone]))
        return True

    def _is_more_than_a_file(self, path: str) -> bool:
        full = self._root / path
        return full.name in IGNORE_FILES or (
            full.is_dir() and not full.is_symlink() and not self._exclusion.refusal_of_folder(full)
        )

    def _look(self, paths: Iterable[str], known: dict[str, Stamp]) -> None:
        """Read files, and write what they hold now; those that are no more, or may no longer be shown, are forgotten."""
        entries = [(path, self._entry(path, known.get(path))) for path in paths]
        with self._store.writing():
            for path, entry in entries:
                match entry:
                    case None:
                        self._store.drop(path)
                    case Stamp():
                        self._store.touch(path, entry)
                    case Entry():
                        self._store.put(entry)

    def _entry(self, path: str, known: Stamp | None) -> Entry | Stamp | None:
        """The file as it is; its new stamp alone where its bytes are the known ones; None where there is nothing to show."""
        full = self._root / path
        if languages().for_path(path) is None or self._exclusion.refusal(full):
            return None
        try:
            stamp = _stamp(full.stat())
            data = full.read_bytes()
        except OSError:
            return None
        stamp = Stamp(stamp.size, stamp.changed, hashlib.blake2b(data, digest_size=16).digest())
        if known is not None and known.digest == stamp.digest:
            return stamp
        if self._exclusion.refusal_of_text(full, data):
            return Entry(path, stamp)  # kept empty, so that it is not read again at each start
        try:
            return read(path, data, stamp)
        except Exception as error:
            _log.warning("%s is left out of the index: %s", path, type(error).__name__)
            return Entry(path, stamp)

    def _found(self) -> dict[str, Stamp]:
        """The files to keep, the last changed first."""
        files: dict[str, Stamp] = {}
        for _, entries in self._walk():
            for entry in entries:
                path = Path(entry.path).relative_to(self._root).as_posix()
                if languages().for_path(path) is not None and not self._exclusion.refusal(Path(entry.path)):
                    try:
                        files[path] = _stamp(entry.stat())
                    except OSError:
                        continue
        if len(files) > MOST_FILES:
            _log.warning("%s has %d files; the index keeps the %d that changed last", self._root.name, len(files), MOST_FILES)
        return dict(sorted(files.items(), key=lambda item: -item[1].changed)[:MOST_FILES])

    def _walk(self) -> Iterator[tuple[Path, list[os.DirEntry[str]]]]:
        """Every folder in which something may be shown, with the files in it. Links to folders are not followed."""
        pending = [self._root]
        room = MOST_ENTRIES
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(folder) as scanned:
                    entries = list(islice(scanned, room))
            except OSError:
                continue
            room -= len(entries)
            folders = (Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
            pending += [path for path in folders if not self._exclusion.refusal_of_folder(path)]
            yield folder, [entry for entry in entries if entry.is_file()]
            if room <= 0:
                _log.warning("%s has more than %d entries; the rest is not in the index", self._root.name, MOST_ENTRIES)
                return


def _batches(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    return (paths[at : at + _BATCH] for at in range(0, len(paths), _BATCH))


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_mtime_ns)


def _same(known: Stamp, now: Stamp) -> bool:
    return (known.size, known.changed) == (now.size, now.changed)
