"""Takes the news of suggestions, keeps it in the store and learns from it; never in the way, never a reason to fail.

The store is written by a thread of its own. Where statistics are switched off nothing is kept, learnt or followed.
"""

import logging
import queue
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from interfix.completion.feedback import Shown
from interfix.config.settings import Statistics
from interfix.stats.learning import MOST_VERDICTS, Learner
from interfix.stats.news import Computed, News, Outcome, Requested, Settled, Survived, Typed
from interfix.stats.store import Store, Verdict, file_of, taken
from interfix.stats.survival import Later, Survival
from interfix.syntax.document import Replaced

log = logging.getLogger(__name__)

TYPED_MOST = 2
"""An edit that brings more characters was not typed: a typist brings one, an editor that closes brackets two."""
_MOST_OPEN = 256
_LEAVE_SECONDS = 2.0


class Counts:
    """A `Feedback` for one session; counts nothing before `configure`. For one thread."""

    def __init__(self, later: Later) -> None:
        self._open: OrderedDict[str, Shown] = OrderedDict()
        self._survival = Survival(lambda id, seconds, share: self._tell(Survived(id, seconds, share)), later)
        self._settings = Statistics(enabled=False)
        self._writer: _Writer | None = None

    def configure(self, settings: Statistics) -> None:
        """Count as these settings say from now on."""
        if settings != self._settings:
            self.close()
            self._settings = settings
            self._writer = _Writer(file_of(settings)) if settings.enabled else None

    def shown(self, shown: Shown) -> None:
        """See `Feedback`."""
        self._tell(shown)
        self._open[shown.id] = shown
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)

    def placed(self, id: str, uri: str, offset: int, text: str, data: Callable[[], bytes]) -> None:
        """Where a suggestion was shown, to see later what is left of it; see `Survival.shown`. Its text is not kept."""
        if self._writer is not None:
            self._survival.shown(id, uri, offset, text, data)

    def accepted(self, id: str, characters: int) -> None:
        """See `Feedback`."""
        self._settle(id, Outcome.ACCEPTED, characters)

    def partly(self, id: str, characters: int) -> None:
        """See `Feedback`."""
        self._settle(id, Outcome.PARTLY, characters)

    def dismissed(self, id: str) -> None:
        """See `Feedback`."""
        self._settle(id, Outcome.DISMISSED, 0)

    def requested(self, language: str, model: str, latency_ms: float, *, cached: bool, shown: bool) -> None:
        """See `Feedback`."""
        self._tell(Requested(language, model, latency_ms, cached, shown))

    def computed(self, computed: Computed) -> None:
        """The engine worked."""
        self._tell(computed)

    def threshold(self, language: str, default: float) -> float:
        """See `Feedback`."""
        return self._writer.learner.threshold(language, default) if self._writer is not None else default

    def changed(self, uri: str, language: str, edits: Sequence[Replaced]) -> None:
        """A document was edited; to be told before what comes of it."""
        self._survival.changed(uri, edits)
        typed = sum(edit.characters for edit in edits if edit.start == edit.end and edit.characters <= TYPED_MOST)
        if typed:
            self._tell(Typed(language, typed))

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self._survival.closed(uri)

    def loaded(self) -> None:
        """Wait until what was learnt in earlier sessions is known; nothing has to, it takes milliseconds."""
        if self._writer is not None:
            self._writer.ready.wait()

    def close(self) -> None:
        """Count no more, and write what is waiting to be written, within two seconds."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _settle(self, id: str, outcome: Outcome, characters: int) -> None:
        if self._writer is None or (shown := self._open.pop(id, None)) is None:
            return
        self._tell(Settled(id, outcome, characters))
        share = taken(outcome, characters, shown.characters)
        self._writer.learner.add(Verdict(shown.language, shown.confidence, share, date.today()))
        if outcome is not Outcome.DISMISSED:
            self._survival.accepted(id, characters if outcome is Outcome.PARTLY else None)

    def _tell(self, news: News) -> None:
        if self._writer is not None:
            self._writer.put(news)


class _Writer:
    """A thread that reads what was learnt before, then writes news as it comes."""

    def __init__(self, path: Path) -> None:
        self.learner = Learner()
        self._path = path
        self.ready = threading.Event()
        self._news: queue.SimpleQueue[News | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="statistics", daemon=True)
        self._thread.start()

    def put(self, news: News) -> None:
        if self._thread.is_alive():
            self._news.put(news)

    def close(self) -> None:
        self._news.put(None)
        self._thread.join(_LEAVE_SECONDS)

    def _run(self) -> None:
        try:
            store = Store(self._path)
        except (sqlite3.Error, OSError) as error:
            log.warning("no statistics are kept: %s: %s", self._path, error)
            self.ready.set()
            return
        try:
            self.learner = Learner(store.verdicts(MOST_VERDICTS))
            self.ready.set()
            while self._write(store):
                pass
        finally:
            store.close()

    def _write(self, store: Store) -> bool:
        """Write all that is there, waiting for the first; whether more may come."""
        batch = [self._news.get()]
        while not self._news.empty():
            batch.append(self._news.get())
        try:
            store.write([news for news in batch if news is not None], date.today())
        except sqlite3.Error as error:
            log.warning("%d counts were lost: %s", len(batch), error)
        return None not in batch
