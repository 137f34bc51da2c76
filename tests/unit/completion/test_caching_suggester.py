"""Typing: what is at hand or under way is not computed again, what comes next is there before it is asked for."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Prefix

from interfix.completion.caching_suggester import LIST_ENTRY_DIFFERS, PREFETCH_DELAY_SECONDS, Suggester
from interfix.completion.completer import Completer
from interfix.completion.decision_record import DisplayDecision
from interfix.completion.feedback_listener import ShownSuggestion
from interfix.completion.pending_suggestion import GRACE_SECONDS
from interfix.completion.selected_list_entry import ListEntry
from interfix.completion.suggestion import Suggestion
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.completion.text_anchor import TextAnchor
from interfix.config.settings import CompletionSettings
from interfix.engine.protocol import InfillRequest
from interfix.inference_types import GenerationStart, SegmentKind
from interfix.models.role_check import BaseModel
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding
from tests.effort import scale_examples
from tests.fake_engine import FakeAnswer, FakeEngine

MODEL = BaseModel("prepared", "/models/prepared.gguf")
NOW = CompletionSettings(debounce_ms=0, threshold=0, ahead=False)
PREFETCH_TEXT = CompletionSettings(debounce_ms=0, threshold=0)


class RecordingFeedback:
    """Feedback, as a list of what was said."""

    def __init__(self) -> None:
        self.said: list[tuple[object, ...]] = []
        self.all_shown: list[ShownSuggestion] = []
        self.cached: list[bool] = []

    def record_shown(self, suggestion: ShownSuggestion) -> None:
        self.all_shown.append(suggestion)

    def record_accepted(self, id: str, characters: int) -> None:  # noqa: ARG002
        self.said.append(("accepted", characters))

    def record_partial(self, id: str, characters: int) -> None:  # noqa: ARG002
        self.said.append(("partly", characters))

    def record_dismissed(self, id: str) -> None:  # noqa: ARG002
        self.said.append(("dismissed",))

    def record_ignored(self, id: str) -> None:  # noqa: ARG002
        self.said.append(("ignored",))

    def record_request(self, language: str, model: str, latency_ms: float, *, cached: bool, has_suggestion: bool) -> None:  # noqa: ARG002
        self.cached.append(cached)

    def get_threshold(self, language: str, default: float) -> float:  # noqa: ARG002
        return default


class FakePauses:
    """Pauses that take no time, but those of a length that a test wants to see pending."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self.held: set[float] = set()

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if seconds in self.held:
            await asyncio.Event().wait()


class TypingDesk:
    """A document with a cursor, somebody who types in it, and the suggester."""

    def __init__(self, text: str, *outputs: str, settings: CompletionSettings = NOW) -> None:
        prefix, suffix = text.split("‸")
        self.document = Document("file:///project/a.py", prefix + suffix)
        self.cursor = len(prefix)
        self.engine = FakeEngine(*outputs)
        self.heard = RecordingFeedback()
        self.pauses = FakePauses()
        self.suggester = Suggester(Completer(self.engine, settings, self.heard), settings, self.heard, sleep=self.pauses)

    def edit(self, removed: int, text: str) -> None:
        before = self.document.snapshot()
        start, end = (before.to_position(at, PositionEncoding.UTF8) for at in (self.cursor - removed, self.cursor))
        edits = self.document.apply([DocumentEdit(start, end, text)], before.version + 1, PositionEncoding.UTF8)
        self.cursor += len(text) - removed
        self.suggester.handle_edit(self.document.snapshot(), edits)

    def type(self, text: str) -> None:
        for character in text:
            self.edit(0, character)

    def backspace(self) -> None:
        self.edit(1, "")

    async def request_beside_list(self, entry: str, typed: int) -> tuple[str, int]:
        """The text beside a list whose selected entry replaces what was `typed`, and how many bytes it replaces."""
        snapshot = self.document.snapshot()
        selected = ListEntry.from_range(snapshot, self.cursor - typed, self.cursor, entry)
        request = SuggestionRequest(MODEL, snapshot, self.cursor, automatic=True)
        return next(((each.text, each.replaced_bytes) for each in await self.suggester.suggest(request, selected)), ("", 0))

    async def request_suggestions(self, *, automatic: bool = True) -> tuple[Suggestion, ...]:
        return await self.suggester.suggest(SuggestionRequest(MODEL, self.document.snapshot(), self.cursor, automatic=automatic))

    async def request_suggestion(self, *, automatic: bool = True) -> str:
        return next((offer.text for offer in await self.request_suggestions(automatic=automatic)), "")

    async def wait_for_prefetch(self) -> None:
        """Until what is computed ahead is kept."""
        assert await self.engine.endings.get() == "closed"
        if (pending := self.suggester._get_activity(self.document.snapshot().key).pending) is not None:
            await pending.wait_for_result()

    @property
    def engine_requests(self) -> int:
        return len(self.engine.requests)


def make_suggestion(desk: TypingDesk, text: str) -> Suggestion:
    """A suggestion at the cursor, as if the engine had made it."""
    snapshot = desk.document.snapshot()
    anchor = TextAnchor.from_cursor(snapshot, desk.cursor, desk.suggester._spans.track(snapshot, desk.cursor))
    return Suggestion(id="1", anchor=anchor, whole_text=text, offset=desk.cursor, text=text, model="m", decision=DisplayDecision())


async def test_typing_what_is_suggested_asks_nothing() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    assert await desk.request_suggestion() == "sum(values)"
    for typed, rest in (("s", "um(values)"), ("um", "(values)"), ("(v", "alues)")):
        desk.type(typed)
        assert await desk.request_suggestion() == rest
    assert desk.engine_requests == 1
    assert desk.heard.cached == [False, True, True, True]
    assert len(desk.heard.all_shown) == 1


async def test_nor_does_taking_it_back() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    await desk.request_suggestion()
    desk.type("sum")
    desk.backspace()
    desk.backspace()
    assert await desk.request_suggestion() == "um(values)"
    assert desk.engine_requests == 1


async def test_a_bracket_the_editor_closes_by_itself_is_no_obstacle() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    await desk.request_suggestion()
    desk.type("sum")
    desk.edit(0, "()")
    desk.cursor -= 1
    assert await desk.request_suggestion() == "values"
    assert desk.engine_requests == 1


async def test_another_word_is_another_question() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n", "max(values)\n")
    await desk.request_suggestion()
    desk.type("m")
    assert await desk.request_suggestion() == "max(values)"
    assert desk.engine_requests == 2


async def test_an_edit_elsewhere_leaves_it_at_hand() -> None:
    above = "".join(f"value_{i} = {i}\n" for i in range(100))
    desk = TypingDesk(f"{above}total = ‸\n", "sum(values)\n")
    await desk.request_suggestion()
    snapshot = desk.document.snapshot()
    desk.document.apply([DocumentEdit((0, 0), (0, 0), "import os\n")], snapshot.version + 1, PositionEncoding.UTF8)
    desk.cursor += len("import os\n")
    desk.type("s")
    assert await desk.request_suggestion() == "um(values)"
    assert desk.engine_requests == 1


async def test_an_edit_near_it_does_not() -> None:
    desk = TypingDesk("values = [1]\ntotal = ‸\n", "sum(values)\n", "max(values)\n")
    await desk.request_suggestion()
    snapshot = desk.document.snapshot()
    desk.document.apply([DocumentEdit((0, 0), (0, 6), "widths")], snapshot.version + 1, PositionEncoding.UTF8)
    assert await desk.request_suggestion() == "max(values)"


async def test_silence_is_remembered_too() -> None:
    desk = TypingDesk("total = ‸\n", "")
    assert await desk.request_suggestion() == ""
    assert await desk.request_suggestion() == ""
    assert desk.engine_requests == 1


async def test_but_not_for_who_asks() -> None:
    desk = TypingDesk("total = ‸\n", "", "sum(values)\n")
    assert await desk.request_suggestion() == ""
    assert await desk.request_suggestion(automatic=False) == "sum(values)"


async def test_without_type_through_every_keystroke_asks() -> None:
    settings = CompletionSettings(debounce_ms=0, threshold=0, ahead=False, type_through=False)
    desk = TypingDesk("total = ‸\n", "sum(values)\n", "um(values)\n", settings=settings)
    await desk.request_suggestion()
    desk.type("s")
    assert await desk.request_suggestion() == "um(values)"
    assert desk.engine_requests == 2


async def test_a_request_under_way_is_taken_over_by_the_next_keystroke() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    desk.engine.token_gate = asyncio.Event()
    first = asyncio.create_task(desk.request_suggestion())
    await desk.engine.has_written.wait()
    first.cancel()
    desk.type("su")
    second = asyncio.create_task(desk.request_suggestion())
    await asyncio.sleep(0)
    desk.engine.token_gate.set()
    assert await second == "m(values)"
    assert desk.engine_requests == 1


async def test_a_request_under_way_ends_when_the_keystroke_disagrees() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n", "max(values)\n")
    desk.engine.token_gate = asyncio.Event()
    first = asyncio.create_task(desk.request_suggestion())
    await desk.engine.has_written.wait()
    first.cancel()
    desk.type("m")
    desk.engine.token_gate.set()
    assert await desk.request_suggestion() == "max(values)"
    assert await desk.engine.endings.get() == "closed"


async def test_nothing_is_made_for_a_text_that_is_another_one_now() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n", "max(values)\n")
    desk.engine.token_gate = asyncio.Event()
    first = asyncio.create_task(desk.request_suggestion())
    await desk.engine.has_written.wait()
    second = asyncio.create_task(desk.request_suggestion())  # it waits for what is under way
    assert await first == ""
    desk.type("m")
    desk.engine.token_gate.set()
    assert await second == ""
    assert desk.engine_requests == 1


async def test_nobody_waits_for_a_request_that_was_cancelled() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    desk.engine.token_gate = asyncio.Event()
    first = asyncio.create_task(desk.request_suggestion())
    await desk.engine.has_written.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await desk.engine.endings.get() == "closed"


class LoopClock:
    """The time of the running event loop, which stands still but where a test moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.now = loop.time()
        monkeypatch.setattr(loop, "time", lambda: self.now)

    async def advance(self, seconds: float) -> None:
        """Let so much time pass at once, and do what is due then."""
        self.now += seconds
        for _ in range(5):
            await asyncio.sleep(0)


async def cancel_request_under_way(desk: TypingDesk) -> None:
    """A request whose suggestion is being written is cancelled by the editor."""
    desk.engine.token_gate = asyncio.Event()
    first = asyncio.create_task(desk.request_suggestion())
    await desk.engine.has_written.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first


async def take_over(desk: TypingDesk) -> str:
    """What the next request brings once the engine goes on writing."""
    assert desk.engine.token_gate is not None
    desk.engine.token_gate.set()
    return await desk.request_suggestion()


async def test_a_busy_server_takes_over_what_was_cancelled_before_it_read_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    clock = LoopClock(monkeypatch)
    await cancel_request_under_way(desk)
    await clock.advance(GRACE_SECONDS * 5)
    desk.type("su")
    assert await take_over(desk) == "m(values)"
    assert desk.engine_requests == 1


async def test_a_keystroke_that_agrees_is_given_time_for_its_own_request(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    clock = LoopClock(monkeypatch)
    await cancel_request_under_way(desk)
    for character in "su":
        await clock.advance(GRACE_SECONDS * 0.75)
        desk.type(character)
    await clock.advance(GRACE_SECONDS * 0.75)
    assert await take_over(desk) == "m(values)"
    assert desk.engine_requests == 1


async def test_what_nobody_takes_over_ends_once_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    clock = LoopClock(monkeypatch)
    await cancel_request_under_way(desk)
    await clock.advance(GRACE_SECONDS * 5)
    await clock.advance(GRACE_SECONDS * 1.25)
    assert desk.engine.endings.get_nowait() == "closed"


async def test_the_next_one_is_there_when_the_first_is_accepted() -> None:
    desk = TypingDesk(
        "def f(values):\n    ‸\n", "total = sum(values)\n    return total\n", "\n    print(total)\n", settings=PREFETCH_TEXT
    )
    first = await desk.request_suggestion()
    assert await desk.engine.endings.get() == "closed"
    await desk.wait_for_prefetch()
    desk.edit(0, first)
    assert await desk.request_suggestion() == "\n    print(total)"
    assert desk.engine_requests == 2
    assert desk.heard.cached == [False, True]
    assert desk.heard.all_shown[-1].ahead


async def test_what_is_computed_ahead_goes_on_while_the_suggestion_is_typed() -> None:
    desk = TypingDesk("def f(values):\n    x = 1\n    ‸\n", "x = sum(values)\n", "\n    print(x)\n", settings=PREFETCH_TEXT)
    await desk.request_suggestion()
    assert await desk.engine.endings.get() == "closed"
    desk.engine.token_gate = asyncio.Event()
    desk.engine.has_written.clear()
    await desk.engine.has_written.wait()
    desk.type("x = ")
    assert await desk.request_suggestion() == "sum(values)"
    for _ in range(5):
        await asyncio.sleep(0)
    desk.engine.token_gate.set()
    await desk.engine.endings.get()
    desk.edit(0, "sum(values)")
    assert await desk.request_suggestion() == "\n    print(x)"
    assert desk.engine_requests == 2


async def test_what_is_computed_ahead_ends_when_the_user_goes_another_way() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n", "\nprint(total)\n", settings=PREFETCH_TEXT)
    await desk.request_suggestion()
    assert await desk.engine.endings.get() == "closed"
    desk.engine.token_gate = asyncio.Event()
    desk.engine.has_written.clear()
    await desk.engine.has_written.wait()
    desk.type("m")
    assert await desk.engine.endings.get() == "closed"


async def test_nothing_is_computed_ahead_for_who_types_on() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n", settings=PREFETCH_TEXT)
    desk.pauses.held.add(PREFETCH_DELAY_SECONDS)
    await desk.request_suggestion()
    desk.type("s")
    await desk.request_suggestion()
    await asyncio.sleep(0)
    assert desk.engine_requests == 1


async def test_after_an_accepted_line_many_may_follow() -> None:
    desk = TypingDesk(
        "def f(values):\n    x = 1\n    ‸\n", "total = sum(values)\n", "\n    mean = total / 2\n    print(mean)\n\n\nx = 1\n"
    )
    desk.edit(0, await desk.request_suggestion())
    assert await desk.request_suggestion() == "\n    mean = total / 2\n    print(mean)"


async def test_asked_for_again_there_are_several_to_choose_from() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n", "sum(values)\n", "max(values)\n", "max(values)\n", "min(values)\n")
    assert len(await desk.request_suggestions(automatic=False)) == 1
    offers = await desk.request_suggestions(automatic=False)
    assert [offer.text for offer in offers] == ["sum(values)", "max(values)", "min(values)"]
    assert [request.seed for request in desk.engine.requests] == [0, 0, 1, 2, 3]
    assert all(request.sampling.temperature > 0 for request in desk.engine.requests[2:])


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        (["sum(values)"], [("accepted", 11)]),
        (["s", "u", "m(values)"], [("accepted", 9)]),
        (list("sum(values)"), [("accepted", 0)]),
        (["sum", "x"], [("partly", 3)]),
        (["x"], [("dismissed",)]),
        (["s", "x"], [("dismissed",)]),
        (["s"], []),
    ],
)
async def test_what_became_of_it_is_read_off_the_edits(edits: list[str], said: list[tuple[object, ...]]) -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    await desk.request_suggestion()
    for text in edits:
        desk.edit(0, text)
    assert desk.heard.said == said


@pytest.mark.parametrize("spelling", ["as it was", "as a comparison finds it", "the whole text"])
@given(st.text("ab \n", min_size=1, max_size=4), st.integers(200, 400), st.integers(0, 400), st.integers(1, 3))
@settings(max_examples=scale_examples(15), deadline=None)
def test_what_is_accepted_among_copies_of_itself_was_accepted(spelling: str, unit: str, count: int, place: int, take: int) -> None:
    async def check() -> None:
        at = min(place, count) * len(unit)
        text = unit * count
        desk = TypingDesk(f"{text[:at]}‸{text[at:]}", "unused")
        offer = make_suggestion(desk, unit * take)
        desk.suggester._tracker.track_suggestion(offer, "", 0, cached=False)
        if spelling == "as it was":
            desk.edit(0, unit * take)
        else:
            before, after = text, text[:at] + unit * take + text[at:]
            start = 0 if spelling == "the whole text" else Prefix.similarity(before, after)
            end = len(before) if spelling == "the whole text" else start
            desk.cursor = end
            desk.edit(end - start, after[start : len(after) - len(before) + end])
        [(said, characters)] = desk.heard.said
        assert said == "accepted"
        assert characters == (take * len(unit) if unit.strip() and take * len(unit) > 1 else 0)

    asyncio.run(check())


async def test_text_that_repeats_is_typed_through_once() -> None:
    unit = "row()\n"
    desk = TypingDesk(unit * 200 + "‸" + unit * 100, "unused")
    desk.suggester._cache.add(make_suggestion(desk, "row()\nrow()\nend()"))
    for typed, rest in (("row()\n", "row()\nend()"), ("row()\n", "end()"), ("e", "nd()")):
        desk.type(typed)
        assert await desk.request_suggestion() == rest
    assert desk.engine_requests == 0


async def test_the_editor_may_say_so_before_or_after_the_edit() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    (offer,) = await desk.request_suggestions()
    desk.suggester.handle_acceptance(offer.id)
    desk.edit(0, offer.text)
    desk.suggester.handle_acceptance(offer.id)
    assert desk.heard.said == [("accepted", 11)]


async def test_a_suggestion_that_another_one_replaces_was_not_taken() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    await desk.request_suggestion()
    desk.cursor = 0
    desk.document = Document("file:///project/a.py", "y\ntotal = \n")
    await desk.request_suggestion()
    assert desk.heard.said == [("ignored",)]


async def test_closing_a_document_ends_what_is_under_way() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n")
    desk.engine.token_gate = asyncio.Event()
    asked = asyncio.create_task(desk.request_suggestion())
    await desk.engine.has_written.wait()
    desk.suggester.close_document("file:///project/a.py")
    assert await asked == ""
    assert await desk.engine.endings.get() == "closed"


async def test_an_unsure_suggestion_is_only_for_who_asks() -> None:
    desk = TypingDesk("total = ‸\n", "sum(values)\n", settings=CompletionSettings(debounce_ms=0, threshold=1.0))
    assert await desk.request_suggestion() == ""
    assert await desk.request_suggestion(automatic=False) == "sum(values)"


async def test_beside_a_list_a_suggestion_goes_on_from_its_entry() -> None:
    desk = TypingDesk("total = su‸\n", "(values)\n")
    assert await desk.request_beside_list("summed", 2) == ("summed(values)", 2)
    prefix = "".join(each.text for each in desk.engine.requests[0].segments if each.kind is SegmentKind.PREFIX)
    assert prefix.endswith("total = summed")


async def test_what_the_model_says_by_itself_serves_every_list_that_agrees() -> None:
    desk = TypingDesk("total = s‸\n", "um(values)\n")
    assert await desk.request_suggestion() == "um(values)"
    assert await desk.request_beside_list("sum", 1) == ("sum(values)", 1)
    assert desk.engine_requests == 1


async def test_an_entry_that_was_chosen_or_typed_out_leaves_the_rest_at_hand() -> None:
    for keys in ("ummed", None):
        desk = TypingDesk("total = s‸\n", "(values)\n")
        await desk.request_beside_list("summed", 1)
        if keys:
            desk.type(keys)
        else:
            desk.edit(1, "summed")
        assert await desk.request_suggestion() == "(values)"
        assert desk.engine_requests == 1
        assert len(desk.heard.all_shown) == 1
        desk.edit(0, "(values)")
        assert desk.heard.said == [("accepted", len("(values)"))], "the list's own characters are not ours"


async def test_going_back_to_an_entry_asks_nothing() -> None:
    desk = TypingDesk("total = s‸\n", "(values)\n", "(rows)\n")
    shown = [await desk.request_beside_list(entry, 1) for entry in ("summed", "sorted_by", "summed", "sorted_by")]
    assert shown == [("summed(values)", 1), ("sorted_by(rows)", 1)] * 2
    assert desk.engine_requests == 2


async def test_typing_towards_the_entry_does_not_end_what_is_made_behind_it() -> None:
    desk = TypingDesk("total = s‸\n", "(values)\n", "never\n")
    desk.engine.token_gate = asyncio.Event()
    first = asyncio.create_task(desk.request_beside_list("summed", 1))
    await desk.engine.has_written.wait()
    desk.type("um")
    second = asyncio.create_task(desk.request_beside_list("summed", 3))
    await asyncio.sleep(0)
    desk.engine.token_gate.set()
    assert await second == ("summed(values)", 3)
    assert await first == ("", 0)
    assert desk.engine_requests == 1


async def test_a_mere_word_of_the_file_does_not_outdo_the_model() -> None:
    desk = TypingDesk("from os import path\nreturn f‸\n", "ound\n", " x import y\n")
    assert await desk.request_beside_list("from", 1) == ("", 0)
    assert desk.suggester.decisions[desk.document.snapshot().key].silent == LIST_ENTRY_DIFFERS
    assert await desk.request_suggestion() == "ound"
    assert desk.engine_requests == 1


async def test_a_mere_word_is_gone_on_from_where_the_model_has_nothing_else() -> None:
    desk = TypingDesk("width = 1\narea = w‸\n", "", " * height\n")
    assert await desk.request_beside_list("width", 1) == ("width * height", 1)


def answer_by_speed(*texts: str) -> tuple[list[bool], FakeEngine]:
    """An engine that has read the whole prompt or not, as the list says at each request, and says another text each time."""
    is_brief = [True]
    said = list(texts)

    def respond(_request: InfillRequest) -> FakeAnswer:
        text = said.pop(0) if len(said) > 1 else said[0]
        return FakeAnswer(text, start=GenerationStart("prepared", 96, 0, is_brief=is_brief[0]))

    return is_brief, FakeEngine(respond=respond)


@pytest.mark.parametrize("logprob", [-0.1, -9.0], ids=["shown", "held back"])
async def test_who_asks_again_gets_what_the_whole_prompt_says_before_what_the_brief_one_said(logprob: float) -> None:
    settings = CompletionSettings(debounce_ms=0, threshold=0 if logprob > -1 else 1, ahead=False)
    desk = TypingDesk("total = ‸\n", settings=settings)
    is_brief, desk.engine = answer_by_speed("sum(values)\n", "max(values)\n")
    desk.suggester = Suggester(Completer(desk.engine, settings, desk.heard), settings, desk.heard, sleep=desk.pauses)
    assert await desk.request_suggestion() == ("sum(values)" if logprob > -1 else "")
    is_brief[0] = False
    offered = await desk.request_suggestions(automatic=False)
    assert [offer.text for offer in offered] == ["max(values)", "sum(values)"]
    assert not offered[0].is_brief
    assert await desk.request_suggestion() == "max(values)", "who types on goes on with it"


async def test_what_the_whole_prompt_says_alike_is_offered_once() -> None:
    desk = TypingDesk("total = ‸\n")
    is_brief, desk.engine = answer_by_speed("sum(values)\n")
    desk.suggester = Suggester(Completer(desk.engine, NOW, desk.heard), NOW, desk.heard, sleep=desk.pauses)
    await desk.request_suggestion(automatic=False)
    is_brief[0] = False
    assert [offer.text for offer in await desk.request_suggestions(automatic=False)] == ["sum(values)"]


async def test_what_the_whole_prompt_has_nothing_to_say_about_stays() -> None:
    desk = TypingDesk("total = ‸\n")
    is_brief, desk.engine = answer_by_speed("sum(values)\n", "")
    desk.suggester = Suggester(Completer(desk.engine, NOW, desk.heard), NOW, desk.heard, sleep=desk.pauses)
    await desk.request_suggestion(automatic=False)
    is_brief[0] = False
    assert [offer.text for offer in await desk.request_suggestions(automatic=False)] == ["sum(values)"]
