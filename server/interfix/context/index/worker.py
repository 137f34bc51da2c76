"""The process that keeps the index of one folder up to date: only it parses the folder's files.

Every server has one. The first holds a lock, reads the whole folder and watches it; the others only look at what their server tells
them of, until the lock is theirs. It ends with its input, at once: what is written is written, the rest is found again.
"""

import logging
import os
import sqlite3
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

import msgspec
import psutil
from filelock import Timeout
from watchfiles import watch
from watchfiles._rust_notify import WatchfilesRustInternalError

from interfix.config.log_files import log_to_file
from interfix.config.private_files import create_lock
from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion
from interfix.context.index.messages import IndexStatus, RefreshOrder
from interfix.context.index.updater import IndexUpdater
from interfix.context.index.writer import IndexStore, is_damage, remove_database, remove_older

_log = logging.getLogger("interfix.context.index.worker")

_LOCK_RETRY_SECONDS = 1.0
"""How often a worker without the lead asks for it, and looks what the others have written."""
_RESCAN_SECONDS = 60.0
"""How often a folder that cannot be watched is looked at."""
_DEBOUNCE_MS = 300
"""Changes are gathered for so long: a checkout writes many files."""
_WATCH_READY_MS = 500
"""After so long the watch of a folder surely stands, and whatever happened before can be looked for."""

REFRESH_ALL = RefreshOrder()


def main(root: Path, file: Path, settings: ContextSettings) -> None:
    """Work until the input ends."""
    inbox: SimpleQueue[RefreshOrder | None] = SimpleQueue()
    worker = _Worker(root, file, Exclusion(root, settings), inbox)
    for work in (lambda: _read_orders(inbox), worker.wait_for_lead):
        threading.Thread(target=work, daemon=True).start()
    worker.report_status()
    while True:
        order = inbox.get()
        if order is None:
            worker.report_changes()
        else:
            worker.handle(order)


def _read_orders(inbox: SimpleQueue[RefreshOrder | None]) -> None:
    for line in sys.stdin.buffer:
        inbox.put(msgspec.json.decode(line, type=RefreshOrder))
    os._exit(0)


class _Worker:
    """Handles one order after the other in the main thread; `lead` runs in another."""

    def __init__(self, root: Path, file: Path, exclusion: Exclusion, inbox: SimpleQueue[RefreshOrder | None]) -> None:
        self._root = root
        self._file = file
        self._exclusion = exclusion
        self._inbox = inbox
        self._is_leader = False
        self._has_scanned = False
        self._last_status = IndexStatus()
        self._folders_moved = threading.Event()
        self._store = self._open()

    def handle(self, order: RefreshOrder) -> None:
        """Do what was ordered; what fails is logged, and found again the next time."""
        try:
            self._refresh(order)
        except sqlite3.DatabaseError as error:
            if is_damage(error) and self._is_leader:
                self._rebuild(error)
            else:
                _log.warning("the index of %s was not written: %s", self._root.name, error)
        except Exception as error:  # one file must not end the index of all
            _log.warning("the index of %s was not written: %s", self._root.name, type(error).__name__)
        self.report_status()

    def report_status(self, pending: int = 0) -> None:
        """Say how far the index is."""
        self._last_status = self._status(pending)
        process = psutil.Process()
        times = process.cpu_times()
        costs = {"cpu_seconds": times.user + times.system, "memory_bytes": process.memory_info().rss}
        sys.stdout.buffer.write(msgspec.json.encode(msgspec.structs.replace(self._last_status, **costs)) + b"\n")
        sys.stdout.buffer.flush()

    def report_changes(self) -> None:
        """Say it where that has changed: another worker writes too."""
        if self._status() != self._last_status:
            self.report_status()

    def wait_for_lead(self) -> None:
        """Wait until no other worker has the lead; then order a look at everything, and at whatever changes from then on."""
        lock = create_lock(self._file.with_suffix(".lock"))
        while not lock.is_locked:
            try:
                lock.acquire(timeout=_LOCK_RETRY_SECONDS)
            except Timeout:
                self._inbox.put(None)
        self._is_leader = True
        while True:
            self._folders_moved.clear()
            try:
                self._watch()
            except FileNotFoundError:
                continue  # a folder went while the watch was set up
            except WatchfilesRustInternalError as error:  # a file whose name is no text has changed
                _log.warning("%s is watched again in a minute: %s", self._root.name, type(error).__name__)
                self._inbox.put(REFRESH_ALL)
                self._folders_moved.wait(_RESCAN_SECONDS)
            except OSError as error:
                _log.warning("%s cannot be watched, and is looked at every minute: %s", self._root.name, error)
                self._inbox.put(REFRESH_ALL)
                while not self._folders_moved.wait(_RESCAN_SECONDS):
                    self._inbox.put(REFRESH_ALL)

    def _status(self, pending: int = 0) -> IndexStatus:
        try:
            ready = self._store.is_complete
            current = self._has_scanned if self._is_leader else ready
            return IndexStatus(ready=ready, current=current, files=self._store.count_files(), pending=pending)
        except sqlite3.DatabaseError:
            return IndexStatus(pending=pending)

    def _watch(self) -> None:
        """Watch the folders in which something may be shown, and only them, until there is a new one."""
        folders = IndexUpdater(self._root, self._exclusion, self._store).list_folders()
        established = False
        for changes in watch(
            *folders,
            watch_filter=None,
            recursive=False,
            debounce=_DEBOUNCE_MS,
            rust_timeout=_WATCH_READY_MS,
            yield_on_timeout=True,
            stop_event=self._folders_moved,
            raise_interrupt=False,
        ):
            if not established:
                established = True
                self._inbox.put(REFRESH_ALL)
            elif changes:
                self._inbox.put(RefreshOrder(tuple({path for _, path in changes})))

    def _refresh(self, order: RefreshOrder) -> None:
        if order.paths:
            if not IndexUpdater(self._root, self._exclusion, self._store).update_paths(map(Path, order.paths)):
                self._folders_moved.set()  # the watch begins anew, and orders a look at everything
            return
        self._store.close()  # what it holds in memory is sound, whatever became of the file
        self._store = self._open()
        self._store.check_integrity()
        if self._is_leader:
            IndexUpdater(self._root, self._exclusion, self._store).update_all(self.report_status)
            self._has_scanned = True

    def _open(self) -> IndexStore:
        remove_older(self._file)
        try:
            return IndexStore(self._file)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            return self._recreate(error)

    def _rebuild(self, error: sqlite3.DatabaseError) -> None:
        self._store.close()
        self._store = self._recreate(error)
        self._inbox.put(REFRESH_ALL)

    def _recreate(self, error: sqlite3.DatabaseError) -> IndexStore:
        _log.warning("the index of %s is damaged and is built anew: %s", self._root.name, error)
        remove_database(self._file)
        return IndexStore(self._file)


def _lower_priority() -> None:
    """Whoever types comes first."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(15)


if __name__ == "__main__":
    root, file, settings, level = sys.argv[1:]
    log_to_file("index", level)
    _lower_priority()
    main(Path(root), Path(file), msgspec.json.decode(settings, type=ContextSettings))
