"""Makes the trees of a document's newest text in the background, while it rests. Knows no parser and no client."""

import time
from collections.abc import Callable
from threading import Lock, Thread

from interfix.syntax.grammar import Stop
from interfix.syntax.snapshot import Snapshot

REST_SECONDS = 0.2
"""How long a text must not have changed: what is parsed between two keystrokes is out of date before it is done."""
_TURN_SECONDS = 0.001
"""How long other threads wait at most for the interpreter, which a parse holds."""


class Chase:
    """One document's. There is a thread only while there is something to do."""

    def __init__(self, newest: Callable[[], Snapshot]) -> None:
        self._newest = newest
        self._lock = Lock()
        self._going = False

    def __call__(self) -> None:
        """See to it that the trees of the newest text are made if they are wanted; returns at once."""
        with self._lock:
            if not self._going:
                self._going = True
                Thread(target=self._run, name="chase", daemon=True).start()

    def _run(self) -> None:
        while self._behind():
            snapshot = self._newest()
            time.sleep(REST_SECONDS)
            if self._newest() is snapshot:
                snapshot.catch_up(self._interruption(snapshot))

    def _behind(self) -> bool:
        # Under the lock, so that whoever finds this going may rely on it to look once more.
        with self._lock:
            self._going = self._newest().wanted
            return self._going

    def _interruption(self, snapshot: Snapshot) -> Stop:
        """Whether there is a newer text; asked often, it lets the other threads in."""
        turn = time.perf_counter()

        def newer() -> bool:
            nonlocal turn
            if time.perf_counter() > turn + _TURN_SECONDS:
                time.sleep(0)
                turn = time.perf_counter()
            return self._newest() is not snapshot

        return newer
