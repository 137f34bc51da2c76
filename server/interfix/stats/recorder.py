"""Records the events of suggestions in the store and learns from them. Statistics never block a request or make it fail.

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

from interfix.completion.feedback_listener import ShownSuggestion
from interfix.config.settings import StatisticsSettings
from interfix.next_edit.feedback_listener import ShownNextEdit
from interfix.stats.accepted_text_retention import CallLater, RetentionTracker
from interfix.stats.events import (
    ComputeRecord,
    NextEditOutcome,
    OutcomeRecord,
    RequestRecord,
    RetentionRecord,
    StatisticsEvent,
    SuggestionOutcome,
    TypingRecord,
)
from interfix.stats.store import LearningSample, StatisticsStore, locate_statistics, score_outcome
from interfix.stats.threshold_learning import MAX_LEARNING_SAMPLES, ThresholdLearner
from interfix.syntax.document import AppliedEdit
from interfix.syntax.document_key import DocumentKey

log = logging.getLogger(__name__)

MAX_TYPED_CHARACTERS = 2
"""An edit that brings more characters was not typed: a typist brings one, an editor that closes brackets two."""
_MAX_UNDECIDED = 256
_JOIN_SECONDS = 2.0


class StatisticsRecorder:
    """A `Feedback` and `NextEditFeedback` for one session; counts nothing before `configure`. For one thread."""

    def __init__(self, call_later: CallLater) -> None:
        self._undecided: OrderedDict[str, ShownSuggestion] = OrderedDict()
        self._retention = RetentionTracker(
            lambda id, seconds, share: self._enqueue(RetentionRecord(id, seconds, share)), call_later
        )
        self._settings = StatisticsSettings(enabled=False)
        self._writer: _WriterThread | None = None

    def configure(self, settings: StatisticsSettings) -> None:
        """Count as these settings say from now on."""
        if settings != self._settings:
            self.close()
            self._settings = settings
            self._writer = _WriterThread(locate_statistics(settings)) if settings.enabled else None

    def record_shown(self, suggestion: ShownSuggestion) -> None:
        self._enqueue(suggestion)
        self._undecided[suggestion.id] = suggestion
        if len(self._undecided) > _MAX_UNDECIDED:
            self._undecided.popitem(last=False)

    def track_retention(self, id: str, key: DocumentKey, offset: int, text: str, data: Callable[[], bytes]) -> None:
        """Where a suggestion was shown, to see later what is left of it; see `RetentionTracker.shown`. Its text is not kept."""
        if self._writer is not None:
            self._retention.track_suggestion(id, key, offset, text, data)

    def record_accepted(self, id: str, characters: int) -> None:
        self._record_outcome(id, SuggestionOutcome.ACCEPTED, characters)

    def record_partial(self, id: str, characters: int) -> None:
        self._record_outcome(id, SuggestionOutcome.PARTIAL, characters)

    def record_dismissed(self, id: str) -> None:
        self._record_outcome(id, SuggestionOutcome.DISMISSED, 0)

    def record_ignored(self, id: str) -> None:
        self._record_outcome(id, SuggestionOutcome.IGNORED, 0)

    def record_request(self, language: str, model: str, latency_ms: float, *, cached: bool, has_suggestion: bool) -> None:
        self._enqueue(RequestRecord(language, model, latency_ms, cached, has_suggestion))

    def record_next_edit(self, next_edit: ShownNextEdit) -> None:
        self._enqueue(next_edit)

    def record_next_edit_outcome(self, id: str, *, accepted: bool) -> None:
        self._enqueue(NextEditOutcome(id, accepted))

    def record_compute(self, record: ComputeRecord) -> None:
        """The engine worked."""
        self._enqueue(record)

    def get_threshold(self, language: str, default: float) -> float:
        return self._writer.learner.get_threshold(language, default) if self._writer is not None else default

    def record_edit(self, key: DocumentKey, language: str, edits: Sequence[AppliedEdit]) -> None:
        """A document was edited; to be told before what comes of it."""
        self._retention.apply_edits(key, edits)
        typed = sum(edit.new_characters for edit in edits if edit.start == edit.end and edit.new_characters <= MAX_TYPED_CHARACTERS)
        if typed:
            self._enqueue(TypingRecord(language, typed))

    def close_document(self, key: DocumentKey) -> None:
        """A document was closed."""
        self._retention.close_document(key)

    def wait_until_loaded(self) -> None:
        """Wait until what was learnt in earlier sessions is known; nothing has to, it takes milliseconds."""
        if self._writer is not None:
            self._writer.ready.wait()

    def close(self) -> None:
        """Count no more, and write what is waiting to be written, within two seconds."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _record_outcome(self, id: str, outcome: SuggestionOutcome, characters: int) -> None:
        if self._writer is None or (suggestion := self._undecided.pop(id, None)) is None:
            return
        self._enqueue(OutcomeRecord(id, outcome, characters))
        share = score_outcome(outcome, characters, suggestion.characters)
        self._writer.learner.add(LearningSample(suggestion.language, suggestion.confidence, share, date.today()))
        if outcome in (SuggestionOutcome.ACCEPTED, SuggestionOutcome.PARTIAL) and characters:
            self._retention.mark_accepted(id, characters if outcome is SuggestionOutcome.PARTIAL else None)

    def _enqueue(self, event: StatisticsEvent) -> None:
        if self._writer is not None:
            self._writer.put(event)


class _WriterThread:
    """A thread that reads what was learnt before, then writes news as it comes."""

    def __init__(self, path: Path) -> None:
        self.learner = ThresholdLearner()
        self._path = path
        self.ready = threading.Event()
        self._events: queue.SimpleQueue[StatisticsEvent | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="statistics", daemon=True)
        self._thread.start()

    def put(self, event: StatisticsEvent) -> None:
        if self._thread.is_alive():
            self._events.put(event)

    def close(self) -> None:
        self._events.put(None)
        self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            store = StatisticsStore(self._path)
        except (sqlite3.Error, OSError) as error:
            log.warning("no statistics are kept: %s: %s", self._path, error)
            self.ready.set()
            return
        try:
            self.learner = ThresholdLearner(store.read_samples(MAX_LEARNING_SAMPLES))
            self.ready.set()
            while self._write(store):
                pass
        finally:
            store.close()

    def _write(self, store: StatisticsStore) -> bool:
        """Write all that is there, waiting for the first; whether more may come."""
        batch = [self._events.get()]
        while not self._events.empty():
            batch.append(self._events.get())
        try:
            store.write([news for news in batch if news is not None], date.today())
        except sqlite3.Error as error:
            log.warning("%d counts were lost: %s", len(batch), error)
        return None not in batch
