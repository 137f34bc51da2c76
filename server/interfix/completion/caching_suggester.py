"""Suggestions for one client while it types: what is at hand or under way is not computed again."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from interfix.completion.acceptance_tracker import AcceptanceTracker
from interfix.completion.branch_points import Branch
from interfix.completion.completer import Completer
from interfix.completion.debounce import Debouncer
from interfix.completion.decision_record import DisplayDecision, SilenceReason
from interfix.completion.feedback_listener import Feedback, NullFeedback
from interfix.completion.pending_suggestion import PendingSuggestion
from interfix.completion.selected_list_entry import ListEntry
from interfix.completion.suggestion import Suggestion
from interfix.completion.suggestion_cache import SuggestionCache
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.completion.supersession import DocumentActivity
from interfix.config.settings import CompletionSettings
from interfix.errors import InterfixError
from interfix.syntax.document import AppliedEdit, Snapshot
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.tracked_span import SpanTracker

log = logging.getLogger(__name__)

PREFETCH_DELAY_SECONDS = 0.15
"""So long after a suggestion was shown, if no other request came, the one after it is computed."""
LIST_ENTRY_DIFFERS = "the completion list's entry is another text; it is shown once the list is closed"
"""Why a suggestion is not shown that the model is sure of."""
ALTERNATIVES_SECONDS = 1.0
"""A first explicit request waits so many seconds for alternatives; a second one until they are there."""
_TRIGGER_CHARACTERS = (b"(", b"[", b"{", b",", b"=", b".", b":", b" ", b"\t", b"\n")
"""Behind these a suggestion is likely to be wanted."""


class Suggester:
    """Suggests, remembers what it suggested, and works ahead. What becomes of suggestions goes to the feedback."""

    def __init__(
        self,
        completer: Completer,
        settings: CompletionSettings,
        feedback: Feedback | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._feedback = feedback or NullFeedback()
        self._completer = completer
        self._clock = clock
        self._sleep = sleep
        self._cache = SuggestionCache()
        self._debouncer = Debouncer(clock)
        self._spans = SpanTracker()
        self._tracker = AcceptanceTracker(self._feedback, self._spans)
        self.decisions: dict[DocumentKey, DisplayDecision] = {}
        """By document: what became of its last request."""
        self.last_requests: dict[DocumentKey, SuggestionRequest] = {}
        """By document: the request itself, of which something became."""
        self._activities: dict[DocumentKey, DocumentActivity] = {}

    async def suggest(self, request: SuggestionRequest, entry: ListEntry | None = None) -> tuple[Suggestion, ...]:
        """What to show, best first: one suggestion or none; several where one is asked for that is shown already.

        While an `entry` of the editor's completion list is selected, a suggestion begins with it.

        An automatic one waits until the user seems to pause, unless it is at hand or under way. None where a newer request for the
        document comes meanwhile. Raises what the engine raises.
        """
        answering = self._answer(request) if entry is None else self._answer_beside_list(request, entry)
        return await self._get_activity(request.snapshot.key).run_request(answering)

    def record_decision(self, request: SuggestionRequest, decision: DisplayDecision) -> None:
        """What became of the last request of a document."""
        self.decisions[request.snapshot.key], self.last_requests[request.snapshot.key] = decision, request

    def handle_edit(self, snapshot: Snapshot, edits: Sequence[AppliedEdit]) -> None:
        """The user has edited a document, one edit after another, and it is now `snapshot`."""
        self._debouncer.record_keystroke()
        self._spans.apply(snapshot, edits)
        self._tracker.handle_edit(snapshot)
        activity = self._get_activity(snapshot.key)
        activity.version = snapshot.version
        if (pending := activity.pending) is None:
            return
        if not pending.request.is_prefetch:
            pending.handle_edit(snapshot)
        elif not self._tracker.may_be_accepted(snapshot.key):
            pending.cancel()

    def handle_acceptance(self, id: str) -> None:
        """The editor says that the user has accepted a suggestion."""
        self._tracker.handle_acceptance(id)

    def close_document(self, key: DocumentKey) -> None:
        """A document was closed."""
        if activity := self._activities.pop(key, None):
            activity.close()
        self._tracker.close_document(key)
        self._spans.close_document(key)
        self.decisions.pop(key, None)
        self.last_requests.pop(key, None)
        self._cache.remove_document(key)

    def close(self) -> None:
        """The client has gone, or its settings are others now: nothing goes on."""
        for key in list(self._activities):
            self.close_document(key)

    async def _answer_beside_list(self, request: SuggestionRequest, entry: ListEntry) -> tuple[Suggestion, ...]:
        """What the model says by itself where it begins with the entry; else what it says behind the entry.

        A mere word of the documents is only a hint: where the model is sure of another text, nothing is built on that word.
        """
        behind_entry = request.insert_entry(entry, self._spans.track(request.snapshot, entry.start, entry.end))
        if entry.is_document_word and request.automatic and self._find_cached(behind_entry) is None:
            own = self._find_cached(request) or await self._wait_or_generate(request)
            typed = request.snapshot.data[entry.start : request.offset].decode(errors="replace")
            if own is not None and own.text and not (typed + own.text).startswith(entry.text):
                decision = msgspec.structs.replace(own.decision, silent=LIST_ENTRY_DIFFERS, reason=SilenceReason.LIST_ENTRY)
                self.record_decision(request, decision)
                self._feedback.record_request(request.language_id, request.model.name, 0.0, cached=True, has_suggestion=False)
                return ()
        return await self._answer(behind_entry)

    async def _answer(self, request: SuggestionRequest) -> tuple[Suggestion, ...]:
        began = self._clock()
        activity = self._get_activity(request.snapshot.key)
        candidate = self._find_cached(request)
        activity.cancel_prefetch()
        if candidate is not None and await self._completer.may_differ(request, candidate):
            candidate = None
        more: list[Suggestion] = []
        cached = candidate is not None and request.automatic
        if candidate and candidate.is_brief and not request.automatic:
            candidate, more = await self._improve(request, candidate)
        elif candidate and candidate.decision.held_back and not request.automatic:
            # Who asks gets what was kept back a moment ago.
            candidate, cached = self._reveal(candidate), True
        elif candidate and candidate.text and not request.automatic:
            more = await self._generate_alternatives(request, candidate)
        elif not cached:
            candidate = await self._wait_or_generate(request)
            if candidate and candidate.text and candidate.branches and not request.automatic:
                more = await self._generate_alternatives(request, candidate, ALTERNATIVES_SECONDS)
        ms = (self._clock() - began) * 1000
        if candidate is not None:
            self.record_decision(request, candidate.decision)
        suggestion = candidate if candidate is not None and candidate.text else None
        self._feedback.record_request(
            request.language_id, request.model.name, ms, cached=cached, has_suggestion=suggestion is not None
        )
        if suggestion is None:
            return ()
        offered = tuple(each.include_entry(request) for each in (suggestion, *more))
        self._tracker.track_suggestion(offered[0], request.language_id, ms, cached=cached)
        if self._settings.ahead:
            activity.schedule_prefetch(self._prefetch_next(request, suggestion.text))
        return offered

    def _get_activity(self, key: DocumentKey) -> DocumentActivity:
        return self._activities.setdefault(key, DocumentActivity())

    def _find_cached(self, request: SuggestionRequest) -> Suggestion | None:
        cached_suggestion = self._cache.find(request.snapshot, request.offset)
        usable = cached_suggestion and (
            self._settings.type_through or (cached_suggestion.is_prefetched and not cached_suggestion.is_partly_typed)
        )
        return cached_suggestion if usable else None

    def _reveal(self, suggestion: Suggestion) -> Suggestion:
        """The suggestion that was kept back, to be shown from now on."""
        text = suggestion.decision.held_back
        decision = msgspec.structs.replace(suggestion.decision, silent="", reason=SilenceReason.NONE, threshold=0.0, held_back="")
        whole = msgspec.structs.replace(suggestion, whole_text=text, text=text, decision=decision)
        self._cache.add(whole)
        return whole

    async def _wait_or_generate(self, request: SuggestionRequest) -> Suggestion | None:
        """What is under way, if it agrees with the text; else what is made now."""
        pending = self._get_activity(request.snapshot.key).pending
        if pending and pending.serves(request):
            await pending.wait_for_result()
            if cached_suggestion := self._find_cached(request):
                return cached_suggestion
            if self._get_activity(request.snapshot.key).version not in (None, request.snapshot.version):
                return None  # it was ended by an edit that came after this request, for which there is nothing to make
        if request.automatic:
            self._completer.prepare(request)
            eager = request.snapshot.data[: request.offset].endswith(_TRIGGER_CHARACTERS)
            await self._sleep(self._debouncer.compute_delay(self._settings.debounce_ms / 1000, eager=eager))
        return await self._begin(request).wait_for_result()

    async def _improve(self, request: SuggestionRequest, shown: Suggestion) -> tuple[Suggestion, list[Suggestion]]:
        """What is made of what the engine has read by now, and what was made of a brief prompt behind it, if that is another."""
        shown = self._reveal(shown) if shown.decision.held_back else shown
        try:
            better = await self._begin(request).wait_for_result()
        except InterfixError as error:
            log.info("the first suggestion stays: %s", error)
            better = None
        except Exception:
            log.exception("the first suggestion stays")
            better = None
        if better is None or not better.text:
            return shown, []
        if shown.text and shown.text.strip() != better.text.strip():
            return better, [msgspec.structs.replace(shown, id=better.id)]
        return better, await self._generate_alternatives(request, better, ALTERNATIVES_SECONDS)

    async def _generate_alternatives(
        self, request: SuggestionRequest, first: Suggestion, seconds: float | None = None
    ) -> list[Suggestion]:
        """Other suggestions for the place of `first`, computed within so many seconds; the statistics count them under its id.

        Branches of the first answer need no prefill; where none are known, other answers are sampled. What was made unasked has
        none: it is made again, by an engine that has read its prompt. What is there is shown though the engine fails at others.
        """
        alternatives = [first]
        fresh = first.offset == request.offset and not first.is_partly_typed
        branches = first.branches if fresh else ()
        deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(deadline):
                if fresh and not first.is_asked:
                    if (made := await self._add_alternative(request, {}, alternatives)) is None:
                        return []
                    branches = made
                others: list[dict[str, Any]] = [{"start": branch} for branch in branches]
                for changes in others or [{"attempt": i} for i in range(self._settings.candidates + 1)]:
                    is_enough = len(alternatives) >= self._settings.candidates
                    if is_enough or await self._add_alternative(request, changes, alternatives) is None:
                        break
        except TimeoutError:
            if (late := self._get_activity(request.snapshot.key).pending) is not None:
                late.cancel()
        except InterfixError as error:
            log.info("no more suggestions: %s", error)
        except Exception:
            log.exception("no more suggestions")
        return alternatives[1:]

    async def _add_alternative(
        self, request: SuggestionRequest, changes: Mapping[str, Any], alternatives: list[Suggestion]
    ) -> tuple[Branch, ...] | None:
        """Make a suggestion and add it where it is another one; how others may begin. None where an edit ended it."""
        other = await self._begin(msgspec.structs.replace(request, **changes)).wait_for_result()
        if other is None:
            return None
        if other.text and other.text.strip() not in [each.text.strip() for each in alternatives]:
            alternatives.append(msgspec.structs.replace(other, id=alternatives[0].id))
        return other.branches

    async def _prefetch_next(self, request: SuggestionRequest, text: str) -> None:
        """Compute what comes behind a suggestion while the user reads it."""
        await self._sleep(PREFETCH_DELAY_SECONDS)
        there = request.offset + len(text.encode())
        snapshot = request.snapshot.replace_range(request.offset, request.offset, text)
        rest_of_line = snapshot.data[there : snapshot.lines.find_end(snapshot.data, snapshot.lines.find_line(there))]
        under_way = self._get_activity(snapshot.key).pending
        is_computed = self._cache.find(snapshot, there) or (under_way and under_way.matches_text(snapshot, there))
        if not rest_of_line.strip() and not is_computed:
            span = request.span or self._spans.track(request.snapshot, request.offset)
            ahead_bytes = request.ahead_bytes + there - request.offset
            ahead = msgspec.structs.replace(request, snapshot=snapshot, offset=there, span=span, ahead_bytes=ahead_bytes)
            self._begin(msgspec.structs.replace(ahead, automatic=True, is_prefetch=True))

    def _begin(self, request: SuggestionRequest) -> PendingSuggestion:
        """Begin to make a suggestion; whatever was under way in the document ends."""
        snapshot, offset = request.snapshot, request.offset
        after_accepted = request.automatic and (request.is_prefetch or self._tracker.is_after_accepted(snapshot, offset))
        span = request.span or self._spans.track(snapshot, offset)
        request = msgspec.structs.replace(request, after_accepted=after_accepted, span=span)

        async def make(on_text: Callable[[str], None]) -> Suggestion:
            began = self._clock()
            suggestion = await self._completer.suggest(request, on_text)
            self._debouncer.record_latency(self._clock() - began)
            if not (request.attempt or request.start):
                self._cache.add(suggestion)
            return suggestion

        return self._get_activity(snapshot.key).begin(request, make)
