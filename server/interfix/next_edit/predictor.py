"""The next edit for one client: what was edited goes in, at most one edit comes out."""

import asyncio
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from interfix.config.settings import NextEditSettings
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.certainty import load_certainty
from interfix.next_edit.decision_explanation import MAX_CONSIDERED, EditDecision, EditSilence, describe_edit
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import Edit, EditLog
from interfix.next_edit.feedback_listener import NextEditFeedback, ShownNextEdit
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders import collect_candidates, signature
from interfix.next_edit.finders.rename_in_other_file import find_use
from interfix.next_edit.gate import Obstacle, RefusedEdits, is_admissible, judge_edit
from interfix.next_edit.model_rewrite import ModelRewrite, weigh_rewrite
from interfix.next_edit.next_edit_types import NextEdit
from interfix.next_edit.ranking import RankedEdit, Weighed, rank_edits
from interfix.syntax.document import AppliedEdit, Snapshot

MAX_OFFERED = 16
"""Offered edits whose outcome is waited for."""
MAX_DOCUMENT_BYTES = 1_000_000
"""In larger documents no next edit is looked for."""
MAX_LABEL_CHARACTERS = 80
"""Longest label of an edit."""


RewriteFunction = Callable[[EditContext], Awaitable[ModelRewrite | None]]
"""Asks a model for what rules do not know."""


class _Offer(msgspec.Struct):
    """A next edit that an editor was given."""

    edit: NextEdit
    shown: ShownNextEdit
    number: int
    """The newest edit that it follows from."""
    is_drawn: bool = False


class NextEditPredictor:
    """Keeps the log, asks the finders, remembers what was refused. For one thread."""

    def __init__(
        self, settings: NextEditSettings, feedback: NextEditFeedback, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._logs: dict[Path | None, EditLog] = {}
        """By workspace folder; None: of documents outside of all."""
        self._settings = settings
        self._feedback = feedback
        self._clock = clock
        self._snoozed_until = 0.0
        self._offers: OrderedDict[str, _Offer] = OrderedDict()
        self._refused = RefusedEdits()
        self.decisions: dict[str, EditDecision] = {}
        """What became of the last request, by the document's URI."""

    def configure(self, settings: NextEditSettings) -> None:
        """Suggest as these settings say from now on."""
        self._settings = settings

    def record_change(self, root: Path | None, before: Snapshot, applied: Sequence[AppliedEdit]) -> None:
        """A document of a workspace folder, which was `before`, was changed so."""
        log = self._logs.setdefault(root, EditLog())
        log.record(before, applied, suggested=self._accept_from_change(before.uri, applied))

    def list_edits(self, root: Path | None) -> Sequence[Edit]:
        """What was edited lately in a workspace folder, oldest first."""
        return self._logs[root].list_edits() if root in self._logs else ()

    def close_document(self, snapshot: Snapshot) -> None:
        """A document was closed."""
        self.decisions.pop(snapshot.uri, None)
        for log in self._logs.values():
            log.close_document(snapshot)

    def keep_folders(self, folders: Sequence[Path]) -> None:
        """These are the workspace folders now; what was edited in others is forgotten."""
        self._logs = {root: log for root, log in self._logs.items() if root is None or root in folders}

    def snooze(self, seconds: float) -> None:
        """Suggest nothing unasked for so long; 0: go on."""
        self._snoozed_until = self._clock() + seconds

    async def suggest(self, context: EditContext, rewrite: RewriteFunction | None = None) -> NextEdit | None:
        """The next edit, if one is certain enough. Where rules find none, `rewrite` asks a model, if there is one."""
        began, uri = self._clock(), context.snapshot.uri
        if silence := self._find_silence(context, began):
            self.decisions[uri] = EditDecision(0.0, silence=silence)
            return None
        threshold = self._choose_threshold(context)
        snapshot, weighed = context.snapshot, await asyncio.to_thread(weigh_edits, context, threshold, self._refused)
        ranked = next((each for each, obstacle in weighed if not obstacle), None)
        if ranked is None and self._settings.other_files and context.find_others is not None:
            elsewhere = await asyncio.to_thread(find_edit_elsewhere, context, threshold, self._refused)
            snapshot, ranked = elsewhere or (snapshot, None)
        model = ""
        if ranked is None and rewrite is not None and (rewritten := await rewrite(context)) is not None:
            snapshot, model = context.snapshot, rewritten.model
            if rewritten.threshold is not None and (context.explicit or self._settings.threshold is None):
                threshold = rewritten.threshold
            judged = await asyncio.to_thread(weigh_rewrite, context, rewritten, threshold, self._refused)
            weighed.insert(0, judged)
            ranked = None if judged[1] else judged[0]
        if ranked is not None and all(each is not ranked for each, _ in weighed):
            weighed = [(ranked, Obstacle.NONE)]
        considered = [describe_edit(snapshot, *each) for each in weighed[:MAX_CONSIDERED]]
        self.decisions[uri] = EditDecision(threshold, tuple(considered))
        return None if ranked is None else self._offer(context, snapshot, ranked, (self._clock() - began) * 1000, model)

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
        if self._offers.pop(id, None) is None:
            return False
        self._feedback.record_next_edit_outcome(id, accepted=True)
        return True

    def record_dismissal(self, id: str) -> bool:
        """The user refused an edit; whether there is one of this id."""
        self.record_shown(id)
        if (offer := self._offers.pop(id, None)) is None:
            return False
        edit = offer.edit
        old, new = edit.snapshot.data[edit.start : edit.end], edit.text.encode("utf-8", "surrogatepass")
        self._refused.add(edit.snapshot.uri, old, new, offer.number)
        self._feedback.record_next_edit_outcome(id, accepted=False)
        return True

    def _accept_from_change(self, uri: str, applied: Sequence[AppliedEdit]) -> bool:
        """Whether a change is a next edit that was offered; not every editor tells that it was taken."""
        for id, offer in self._offers.items():
            edit = offer.edit
            offered_change = (edit.start, edit.end, edit.text.encode("utf-8", "surrogatepass"))
            if edit.snapshot.uri == uri and [(each.start, each.end, each.new) for each in applied] == [offered_change]:
                return self.record_acceptance(id)
        return False

    def _find_silence(self, context: EditContext, now: float) -> EditSilence:
        """Why nothing is looked for at all."""
        language = context.snapshot.language.id if context.snapshot.language else ""
        if not context.explicit:
            if not self._settings.enabled:
                return EditSilence.SWITCHED_OFF
            if language in self._settings.not_in:
                return EditSilence.LANGUAGE_OFF
            if now < self._snoozed_until:
                return EditSilence.SNOOZED
        if not context.edits:
            return EditSilence.NO_EDITS
        return EditSilence.TOO_LARGE if len(context.snapshot.data) > MAX_DOCUMENT_BYTES else EditSilence.NONE

    def _choose_threshold(self, context: EditContext) -> float:
        model = load_certainty()
        if context.explicit:
            return model.explicit_threshold
        return model.threshold if self._settings.threshold is None else self._settings.threshold

    def _offer(self, context: EditContext, snapshot: Snapshot, ranked: RankedEdit, latency_ms: float, model: str) -> NextEdit:
        replacement, first = ranked.replacement, ranked.parts[0].candidate
        text, label = replacement.text.decode("utf-8", "surrogatepass"), " ".join(first.label.split())[:MAX_LABEL_CHARACTERS]
        certainty = round(ranked.certainty, 3)
        edit = NextEdit(uuid.uuid4().hex, snapshot, replacement.start, replacement.end, text, first.finder, label, certainty)
        away = -1
        if snapshot is context.snapshot:
            away = abs(snapshot.lines.find_line(edit.start) - snapshot.lines.find_line(context.offset))
        language = snapshot.language.id if snapshot.language else ""
        removed = len(snapshot.data[edit.start : edit.end].decode("utf-8", "replace"))
        shown_edit = ShownNextEdit(edit.id, language, edit.finder, model, len(text), removed, away, certainty, latency_ms)
        self._offers[edit.id] = _Offer(edit, shown_edit, first.number)
        while len(self._offers) > MAX_OFFERED:
            self._offers.popitem(last=False)
        return edit


def find_next_edit(context: EditContext, threshold: float, refused: RefusedEdits) -> RankedEdit | None:
    """The most certain edit that the gate lets through; None where none is certain enough."""
    return next((each for each, obstacle in weigh_edits(context, threshold, refused) if not obstacle), None)


def weigh_edits(context: EditContext, threshold: float, refused: RefusedEdits) -> list[tuple[RankedEdit, Obstacle]]:
    """The likeliest edits with what stands against each, up to the first that may be offered; the gate judges only certain ones."""
    search, snapshot = EditSearch(context), context.snapshot
    weighed: list[tuple[RankedEdit, Obstacle]] = []
    for ranked in rank_edits(snapshot, collect_candidates(search), load_certainty(), context.offset):
        replacement, number = ranked.replacement, ranked.parts[0].candidate.number
        if ranked.certainty < threshold:
            obstacle = Obstacle.UNSURE
        elif refused.holds(snapshot.uri, snapshot.data[replacement.start : replacement.end], replacement.text, number):
            obstacle = Obstacle.REFUSED
        else:
            obstacle = judge_edit(context, snapshot, ranked, search.history)
        weighed.append((ranked, obstacle))
        if not obstacle:
            break
    return weighed


def find_edit_elsewhere(context: EditContext, threshold: float, refused: RefusedEdits) -> tuple[Snapshot, RankedEdit] | None:
    """What follows in another file: the import of a name that is another one now, or a call of a function that takes others now."""
    search, model = EditSearch(context), load_certainty()
    for snapshot, candidate in _list_elsewhere(search):
        replacement, certainty = candidate.replacements[0], model.estimate(candidate.kind, candidate.evidence)
        edit = RankedEdit((Weighed(candidate, certainty),), replacement, candidate.evidence, certainty)
        held = refused.holds(
            snapshot.uri,
            snapshot.data[replacement.start : replacement.end],
            replacement.text,
            candidate.number or search.history.newest,
        )
        if certainty >= threshold and not held and is_admissible(context, snapshot, edit, search.history):
            return snapshot, edit
    return None


def _list_elsewhere(search: EditSearch) -> Iterator[tuple[Snapshot, Candidate]]:
    find_others = search.context.find_others
    if find_others is None:
        return
    # The user may have come from another document, by taking an edit that followed from one there.
    for origin in (search, *search.others):
        defining = origin.context.snapshot
        uri = defining.uri
        for moved in origin.moved_names:
            for snapshot in find_others(moved.old):
                if snapshot.uri != uri and (candidate := find_use(search, snapshot, moved, defining)) is not None:
                    yield snapshot, candidate
        for change in signature.list_changes_for_others(origin):
            for snapshot in find_others(change.name):
                if snapshot.uri != uri:
                    yield from ((snapshot, each) for each in signature.find_elsewhere(origin, change, snapshot))
