"""Sees what becomes of the suggestions that were shown, and tells it. Knows places and edits, no engine and no protocol."""

import msgspec

from interfix.completion.feedback import Feedback, Shown
from interfix.completion.memory import Kept
from interfix.completion.outcome import UNTOUCHED, Fate, Outcome, after_edit, given_up
from interfix.completion.place import Place
from interfix.syntax.document import Snapshot

_MOST_SPACE = 80
"""Bytes of white space, such as a new line and its indentation."""


class _Seen(msgspec.Struct):
    """The suggestion of a document that was shown last."""

    kept: Kept
    text: str
    stands: Outcome = UNTOUCHED
    end: Place | None = None
    """Behind it, once it was accepted."""


class Witness:
    """Follows one suggestion a document, from when it is shown until it is accepted or given up."""

    def __init__(self, feedback: Feedback) -> None:
        self._feedback = feedback
        self._seen: dict[str, _Seen] = {}

    def shown(self, kept: Kept, language: str, latency_ms: float, *, cached: bool) -> None:
        """The editor is given a suggestion; it is news only if it is not the one it has."""
        if kept.suggestion is None or ((seen := self._seen.get(kept.place.uri)) and seen.kept.id == kept.id):
            return
        self._give_up(kept.place.uri)
        suggestion = kept.suggestion
        self._seen[kept.place.uri] = _Seen(kept, suggestion.text)
        self._feedback.shown(
            Shown(
                id=kept.id,
                language=language,
                model=suggestion.model,
                characters=len(suggestion.text),
                lines=len(suggestion.text.splitlines()),
                confidence=suggestion.confidence,
                cached=cached,
                ahead=kept.ahead,
                latency_ms=latency_ms,
                tokens=0 if cached else suggestion.tokens,
            )
        )

    def changed(self, snapshot: Snapshot) -> None:
        """A document was edited and is now `snapshot`."""
        if (seen := self._seen.get(snapshot.uri)) is None:
            return
        if seen.stands.fate is Fate.OPEN:
            seen.stands = after_edit(seen.kept.place, seen.text, seen.stands, snapshot)
            self._tell(seen)
        if seen.stands.fate is Fate.ACCEPTED and seen.end is None:
            end = seen.kept.place.end(snapshot, seen.text)
            seen.end = None if end is None else Place.at(snapshot, end)

    def accepted(self, id: str) -> None:
        """The editor says that a suggestion was accepted, before or after the edit that shows it."""
        seen = next((seen for seen in self._seen.values() if seen.kept.id == id), None)
        if seen is not None and seen.stands.fate is Fate.OPEN:
            typed = seen.stands.have - seen.stands.taken
            seen.stands = Outcome(Fate.ACCEPTED, len(seen.text) - typed, len(seen.text))
            self._tell(seen)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self._give_up(uri)
        self._seen.pop(uri, None)

    def hopeful(self, uri: str) -> bool:
        """Whether what was shown last in a document may still be taken, or has been."""
        seen = self._seen.get(uri)
        return seen is not None and seen.stands.fate in (Fate.OPEN, Fate.ACCEPTED)

    def behind_accepted(self, snapshot: Snapshot, offset: int) -> bool:
        """Whether a cursor stands right behind a suggestion that was accepted, but for white space typed since."""
        seen = self._seen.get(snapshot.uri)
        since = seen.end.since(snapshot, offset, _MOST_SPACE) if seen and seen.end else None
        return since is not None and not since.typed.strip()

    def _give_up(self, uri: str) -> None:
        if (seen := self._seen.get(uri)) is not None and seen.stands.fate is Fate.OPEN:
            seen.stands = given_up(seen.stands)
            self._tell(seen)

    def _tell(self, seen: _Seen) -> None:
        match seen.stands.fate:
            case Fate.ACCEPTED:
                self._feedback.accepted(seen.kept.id, seen.stands.taken)
            case Fate.PARTLY:
                self._feedback.partly(seen.kept.id, seen.stands.taken)
            case Fate.DISMISSED:
                self._feedback.dismissed(seen.kept.id)
