"""Parses a document's newest text in the background, while nobody types."""

import time
from collections.abc import Callable
from threading import Lock, Thread

from interfix.syntax.grammar import StopCheck
from interfix.syntax.snapshot import Snapshot

IDLE_SECONDS = 0.2
"""How long a text must not have changed: what is parsed between two keystrokes is out of date before it is done."""
_YIELD_SECONDS = 0.001
"""How long other threads wait at most for the interpreter, which a parse holds."""


class BackgroundParser:
    """One document's. There is a thread only while there is something to do."""

    def __init__(self, get_newest: Callable[[], Snapshot]) -> None:
        self._get_newest = get_newest
        self._lock = Lock()
        self._running = False

    def __call__(self) -> None:
        """See to it that the trees of the newest text are made if they are wanted; returns at once."""
        with self._lock:
            if not self._running:
                self._running = True
                Thread(target=self._run, name="chase", daemon=True).start()

    def _run(self) -> None:
        while self._has_work():
            snapshot = self._get_newest()
            time.sleep(IDLE_SECONDS)
            if self._get_newest() is snapshot:
                snapshot.parse_pending(self._build_stop_check(snapshot))

    def _has_work(self) -> bool:
        # Under the lock, so that whoever finds this going may rely on it to look once more.
        with self._lock:
            self._running = self._get_newest().needs_parse
            return self._running

    def _build_stop_check(self, snapshot: Snapshot) -> StopCheck:
        """Whether there is a newer text; asked often, it lets the other threads in."""
        turn = time.perf_counter()

        def newer() -> bool:
            nonlocal turn
            if time.perf_counter() > turn + _YIELD_SECONDS:
                time.sleep(0)
                turn = time.perf_counter()
            return self._get_newest() is not snapshot

        return newer
