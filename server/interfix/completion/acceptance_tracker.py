"""Follows the suggestions that were shown, and reports whether they were accepted."""

import msgspec

from interfix.completion.acceptance_detection import UNDECIDED, Acceptance, AcceptanceState, abandon, update_acceptance
from interfix.completion.feedback_listener import Feedback, ShownSuggestion
from interfix.completion.suggestion import Suggestion
from interfix.completion.text_anchor import TextAnchor
from interfix.syntax.document import Snapshot
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.tracked_span import SpanTracker

_MAX_WHITESPACE_BYTES = 80
"""Bytes of white space, such as a new line and its indentation."""


class _TrackedSuggestion(msgspec.Struct):
    """The suggestion of a document that was shown last."""

    suggestion: Suggestion
    acceptance: Acceptance = UNDECIDED
    end_anchor: TextAnchor | None = None
    """Behind it, once it was accepted."""


class AcceptanceTracker:
    """Follows one suggestion a document, from when it is shown until it is accepted or given up."""

    def __init__(self, feedback: Feedback, spans: SpanTracker) -> None:
        self._feedback = feedback
        self._spans = spans
        self._tracked: dict[DocumentKey, _TrackedSuggestion] = {}

    def track_suggestion(self, suggestion: Suggestion, language: str, latency_ms: float, *, cached: bool) -> None:
        """The editor is given a suggestion; it is news only if it is not the one it has."""
        key = suggestion.anchor.key
        if (seen := self._tracked.get(key)) and seen.suggestion.id == suggestion.id:
            return
        self._abandon(key)
        self._tracked[key] = _TrackedSuggestion(suggestion)
        suggestion.anchor.expect_text(suggestion.whole_text)
        self._feedback.record_shown(
            ShownSuggestion(
                id=suggestion.id,
                language=language,
                model=suggestion.model,
                characters=len(suggestion.whole_text) - suggestion.entry_characters,
                lines=len(suggestion.whole_text.splitlines()),
                confidence=suggestion.decision.confidence,
                cached=cached,
                ahead=suggestion.is_prefetched,
                latency_ms=latency_ms,
                tokens=0 if cached else suggestion.tokens,
            )
        )

    def handle_edit(self, snapshot: Snapshot) -> None:
        """A document was edited and is now `snapshot`."""
        if (seen := self._tracked.get(snapshot.key)) is None:
            return
        if seen.acceptance.state is AcceptanceState.OPEN:
            suggestion = seen.suggestion
            seen.acceptance = update_acceptance(
                suggestion.anchor, suggestion.whole_text, seen.acceptance, snapshot, entry_characters=suggestion.entry_characters
            )
            self._report_outcome(seen)
        if seen.acceptance.state is AcceptanceState.ACCEPTED and seen.end_anchor is None:
            end = seen.suggestion.anchor.find_end(snapshot, seen.suggestion.whole_text)
            seen.end_anchor = None if end is None else TextAnchor.from_cursor(snapshot, end, self._spans.track(snapshot, end))

    def handle_acceptance(self, id: str) -> None:
        """The editor says that a suggestion was accepted, before or after the edit that shows it."""
        seen = next((seen for seen in self._tracked.values() if seen.suggestion.id == id), None)
        if seen is not None and seen.acceptance.state is AcceptanceState.OPEN:
            typed = seen.acceptance.present_characters - seen.acceptance.inserted_characters
            typed = max(typed, seen.suggestion.entry_characters)
            length = len(seen.suggestion.whole_text)
            seen.acceptance = Acceptance(AcceptanceState.ACCEPTED, length - typed, length)
            self._report_outcome(seen)

    def close_document(self, key: DocumentKey) -> None:
        """A document was closed."""
        self._abandon(key)
        self._tracked.pop(key, None)

    def may_be_accepted(self, key: DocumentKey) -> bool:
        """Whether what was shown last in a document may still be taken, or has been."""
        seen = self._tracked.get(key)
        return seen is not None and seen.acceptance.state in (AcceptanceState.OPEN, AcceptanceState.ACCEPTED)

    def is_after_accepted(self, snapshot: Snapshot, offset: int) -> bool:
        """Whether a cursor stands right behind a suggestion that was accepted, but for white space typed since."""
        seen = self._tracked.get(snapshot.key)
        since = seen.end_anchor.find_typed_text(snapshot, offset, _MAX_WHITESPACE_BYTES) if seen and seen.end_anchor else None
        return since is not None and not since.text.strip()

    def _abandon(self, key: DocumentKey) -> None:
        if (seen := self._tracked.get(key)) is not None and seen.acceptance.state is AcceptanceState.OPEN:
            seen.acceptance = abandon(seen.acceptance)
            self._report_outcome(seen)

    def _report_outcome(self, tracked: _TrackedSuggestion) -> None:
        match tracked.acceptance.state:
            case AcceptanceState.ACCEPTED:
                self._feedback.record_accepted(tracked.suggestion.id, tracked.acceptance.inserted_characters)
            case AcceptanceState.PARTIAL:
                self._feedback.record_partial(tracked.suggestion.id, tracked.acceptance.inserted_characters)
            case AcceptanceState.DISMISSED:
                self._feedback.record_dismissed(tracked.suggestion.id)
            case AcceptanceState.IGNORED:
                self._feedback.record_ignored(tracked.suggestion.id)
