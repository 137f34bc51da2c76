"""The next edit for one client: what was edited goes in, at most one edit comes out."""

import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence

import msgspec

from interfix.config.settings import NextEditSettings
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditLog
from interfix.next_edit.feedback import NextEditFeedback, ShownNextEdit
from interfix.next_edit.finders import FINDERS
from interfix.next_edit.next_edit import NextEdit, Proposal
from interfix.syntax.document import AppliedEdit, Snapshot

MAX_REFUSED = 64
"""Refused edits that are remembered, the latest."""
MAX_OFFERED = 16
"""Offered edits whose outcome is waited for."""
DEFAULT_THRESHOLD = 0.5
EXPLICIT_THRESHOLD = 0.3
"""Least certainty of a next edit that the user asked for."""


class _Offer(msgspec.Struct):
    """A next edit that an editor was given."""

    edit: NextEdit
    shown: ShownNextEdit
    is_drawn: bool = False


class NextEditPredictor:
    """Keeps the log, asks the finders, remembers what was refused. For one thread, but for `find`."""

    def __init__(
        self, settings: NextEditSettings, feedback: NextEditFeedback, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.log = EditLog()
        self._settings = settings
        self._feedback = feedback
        self._clock = clock
        self._snoozed_until = 0.0
        self._offers: OrderedDict[str, _Offer] = OrderedDict()
        self._refused: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._accepted = ""
        """The text of a next edit that was accepted and whose change is still to come."""

    def configure(self, settings: NextEditSettings) -> None:
        """Suggest as these settings say from now on."""
        self._settings = settings

    def record_change(self, before: Snapshot, applied: Sequence[AppliedEdit]) -> None:
        """A document, which was `before`, was changed so."""
        self.log.record(before, applied, suggested=self._accept_from_change(before.uri, applied))

    def close_document(self, snapshot: Snapshot) -> None:
        """A document was closed."""
        self.log.close_document(snapshot)

    def is_quiet(self, language: str) -> bool:
        """Whether nothing is suggested unasked now."""
        return not self._settings.enabled or language in self._settings.not_in or self._clock() < self._snoozed_until

    def snooze(self, seconds: float) -> None:
        """Suggest nothing unasked for so long; 0: go on."""
        self._snoozed_until = self._clock() + seconds

    async def suggest(self, context: EditContext) -> NextEdit | None:
        """The next edit, if one is certain enough."""
        began = self._clock()
        language = context.snapshot.language.id if context.snapshot.language else ""
        if not context.explicit and self.is_quiet(language):
            return None
        threshold = EXPLICIT_THRESHOLD if context.explicit else self._get_threshold()
        for find in FINDERS.values():
            for proposal in find(context):
                if proposal.certainty >= threshold and (edit := self._admit(context, proposal)) is not None:
                    self._offer(context, edit, began)
                    return edit
        return None

    def record_focus(self, uri: str) -> None:
        """The user has gone to a document: what was offered elsewhere is not waited for any more."""
        for id, offer in list(self._offers.items()):
            if offer.edit.snapshot.uri != uri:
                del self._offers[id]

    def record_shown(self, id: str) -> None:
        """The editor has drawn an edit."""
        if (offer := self._offers.get(id)) is not None and not offer.is_drawn:
            offer.is_drawn = True
            self._feedback.record_next_edit(offer.shown)

    def record_acceptance(self, id: str) -> bool:
        """The user took an edit; whether there is one of this id."""
        self.record_shown(id)
        if (offer := self._offers.pop(id, None)) is None:
            return False
        self._feedback.record_next_edit_outcome(id, accepted=True)
        return offer is not None

    def record_dismissal(self, id: str) -> bool:
        """The user refused an edit; whether there is one of this id."""
        self.record_shown(id)
        if (offer := self._offers.pop(id, None)) is None:
            return False
        self._refused[(offer.edit.snapshot.uri, offer.edit.old, offer.edit.text)] = None
        while len(self._refused) > MAX_REFUSED:
            self._refused.popitem(last=False)
        self._feedback.record_next_edit_outcome(id, accepted=False)
        return True

    def _accept_from_change(self, uri: str, applied: Sequence[AppliedEdit]) -> bool:
        """Whether a change is a next edit that was offered; not every editor tells that it was taken."""
        for id, offer in self._offers.items():
            wanted = (offer.edit.start, offer.edit.end, offer.edit.text.encode())
            if offer.edit.snapshot.uri == uri and [(each.start, each.end, each.new) for each in applied] == [wanted]:
                return self.record_acceptance(id)
        return False

    def _get_threshold(self) -> float:
        return DEFAULT_THRESHOLD if self._settings.threshold is None else self._settings.threshold

    def _admit(self, context: EditContext, proposal: Proposal) -> NextEdit | None:
        """The edit as it is offered; None where the gate holds it back."""
        snapshot = next(each for each in (context.snapshot, *context.others) if each.uri == proposal.uri)
        place = proposal.replacement
        old, text = snapshot.data[place.start : place.end].decode("utf-8", "replace"), place.text.decode("utf-8", "replace")
        if (snapshot.uri, old, text) in self._refused:
            return None
        return NextEdit(
            uuid.uuid4().hex,
            snapshot,
            place.start,
            place.end,
            old,
            text,
            proposal.finder,
            f"{old.strip()} → {text.strip()}",
            round(proposal.certainty, 3),
        )

    def _offer(self, context: EditContext, edit: NextEdit, began: float) -> None:
        snapshot = context.snapshot
        away = -1
        if edit.snapshot.uri == snapshot.uri:
            away = abs(snapshot.lines.find_line(edit.start) - snapshot.lines.find_line(context.offset))
        language = snapshot.language.id if snapshot.language else ""
        latency_ms = (self._clock() - began) * 1000
        shown = ShownNextEdit(edit.id, language, edit.finder, "", len(edit.text), len(edit.old), away, edit.certainty, latency_ms)
        self._offers[edit.id] = _Offer(edit, shown)
        while len(self._offers) > MAX_OFFERED:
            self._offers.popitem(last=False)
