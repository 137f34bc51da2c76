"""Sources that answer, are late or fail in; the segments of a prompt out."""

import asyncio
import logging
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from interfix.config.settings import ContextSettings
from interfix.context import prompt_segment_ranks
from interfix.context.context_source import Chunk, ContextQuery, ContextSource
from interfix.context.gatherer import EXPLICIT_WAIT_FACTOR, Gatherer
from interfix.context.prompt_file_segments import TOP_FILES
from interfix.context.workspace_reader import Workspace
from interfix.inference_types import GenerationStart, PartState, PromptPart, SegmentKind
from interfix.syntax.document import Document, Snapshot
from tests.unit.context.workspace_builder import build_workspace

SETTINGS = ContextSettings(limit_ms=10_000)


class FakeSource:
    """A source that finds one chunk, when it may."""

    def __init__(self, name: str, *, path: str = "", failing: bool = False, held: bool = False) -> None:
        self.name = name
        self.asked = 0
        self.free = threading.Event()
        self._path, self._failing = path or f"{name}.py", failing
        if not held:
            self.free.set()

    def find(self, _query: ContextQuery) -> list[Chunk]:
        self.asked += 1
        assert self.free.wait(10)
        if self._failing:
            raise RuntimeError("secret source text")
        return [Chunk(self._path, self._path, 3, f"def {self.name}(value):\n    return value\n", 1.0)]


@pytest.fixture
def shop_workspace(tmp_path: Path) -> Workspace:
    return build_workspace(tmp_path, {})


def make_gatherer(space: Workspace, *sources: ContextSource, settings: ContextSettings = SETTINGS, budget: int = 1024) -> Gatherer:
    return Gatherer(settings, budget, lambda _: space, sources)


def make_document(space: Workspace, text: str = "x = \ny = 1\n") -> Snapshot:
    return Document((space.root / "here.py").as_uri(), text).snapshot()


async def test_files_stand_between_the_repository_and_the_window(shop_workspace: Workspace) -> None:
    found = await make_gatherer(shop_workspace, FakeSource("one"), FakeSource("two")).gather(
        make_document(shop_workspace), 4, shop_workspace.root
    )
    kinds = [segment.kind for segment in found.segments]
    assert kinds[:4] == [SegmentKind.REPOSITORY, SegmentKind.FILE, SegmentKind.FILE, SegmentKind.PREFIX]
    assert [(segment.path, segment.source, segment.line) for segment in found.segments[1:3]] == [
        ("one.py", "one", 3),
        ("two.py", "two", 3),
    ]
    assert [(cost.source, cost.found, cost.note) for cost in found.costs[1:]] == [("one", 1, ""), ("two", 1, "")]


async def test_typing_on_within_a_line_asks_nobody(shop_workspace: Workspace) -> None:
    source = FakeSource("one")
    gathering = make_gatherer(shop_workspace, source)
    first = await gathering.gather(make_document(shop_workspace, "x = \n"), 4, shop_workspace.root)
    second = await gathering.gather(make_document(shop_workspace, "x = 12\n"), 6, shop_workspace.root)
    assert source.asked == 1
    assert first.segments[:2] == second.segments[:2]
    await gathering.gather(make_document(shop_workspace, "x = 12\ny = \n"), 11, shop_workspace.root)
    assert source.asked == 2


async def test_a_search_that_began_before_the_request_serves_it(shop_workspace: Workspace) -> None:
    source = FakeSource("one")
    gathering = make_gatherer(shop_workspace, source)
    for offset in (4, 4, 3):
        gathering.begin_search(make_document(shop_workspace), offset, shop_workspace.root)
    found = await gathering.gather(make_document(shop_workspace), 4, shop_workspace.root)
    assert [segment.path for segment in found.segments if segment.kind is SegmentKind.FILE] == ["one.py"]
    assert source.asked == 1


async def test_a_search_without_a_request_leaves_what_the_prompt_has(shop_workspace: Workspace) -> None:
    source = FakeSource("one")
    gathering = make_gatherer(shop_workspace, source, settings=ContextSettings(limit_ms=10_000))
    document = make_document(shop_workspace, "x = \ny = 1\nz = 2\n")
    await gathering.gather(document, 4, shop_workspace.root)
    selected = gathering._searches[document.key].selected
    for offset in (8, 14):
        gathering.begin_search(document, offset, shop_workspace.root)
    assert gathering._searches[document.key].previous == selected != ()


async def test_who_asks_behind_another_object_has_the_sources_asked_again(shop_workspace: Workspace) -> None:
    source = FakeSource("one")
    gathering = make_gatherer(shop_workspace, source)
    await gathering.gather(make_document(shop_workspace, "x = \n"), 4, shop_workspace.root)
    await gathering.gather(make_document(shop_workspace, "x = shop.\n"), 9, shop_workspace.root)
    assert source.asked == 1
    await gathering.gather(make_document(shop_workspace, "x = shop.\n"), 9, shop_workspace.root, explicit=True)
    await gathering.gather(make_document(shop_workspace, "x = shop.na\n"), 11, shop_workspace.root, explicit=True)
    assert source.asked == 2


async def test_who_asks_waits_longer_for_a_source(shop_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float | None] = []
    wait = asyncio.wait

    async def noted(tasks: Iterable[asyncio.Future[object]], *, timeout: float | None) -> object:  # noqa: ASYNC109 as of asyncio
        waited.append(timeout)
        return await wait(tasks, timeout=0)

    monkeypatch.setattr(asyncio, "wait", noted)
    late = FakeSource("late", held=True)
    gathering = make_gatherer(shop_workspace, late, settings=ContextSettings(limit_ms=10_000))
    await gathering.gather(make_document(shop_workspace), 4, shop_workspace.root)
    await gathering.gather(make_document(shop_workspace), 4, shop_workspace.root)
    await gathering.gather(make_document(shop_workspace), 4, shop_workspace.root, explicit=True)
    late.free.set()
    assert waited == [10.0, pytest.approx(10.0 * EXPLICIT_WAIT_FACTOR, abs=5)]  # less what has passed since the sources were asked


async def test_files_that_say_what_the_object_is_are_needed_more_than_imports(shop_workspace: Workspace) -> None:
    class Sure:
        name = "sure"

        def find(self, _place: ContextQuery) -> list[Chunk]:
            return [
                Chunk("shop.py", "shop.py", 0, "class Shop:\n    size: int\n", 2.0, defines_receiver=True),
                Chunk("tax.py", "tax.py", 0, "def add_tax(price): ...\n", 1.5, is_named=True),
            ]

    found = await make_gatherer(shop_workspace, FakeSource("one"), Sure()).gather(
        make_document(shop_workspace), 4, shop_workspace.root
    )
    assert {segment.path: segment.rank for segment in found.segments if segment.kind is SegmentKind.FILE} == {
        "shop.py": prompt_segment_ranks.RECEIVER_FILES,
        "one.py": prompt_segment_ranks.FILES + 1,
        "tax.py": prompt_segment_ranks.NAMED_FILES + 2,
    }
    assert prompt_segment_ranks.NAMED_FILES + TOP_FILES <= prompt_segment_ranks.ADJACENT_CODE
    assert prompt_segment_ranks.RECEIVER_FILES + TOP_FILES <= prompt_segment_ranks.IMPORTS


async def test_a_source_that_fails_is_named_and_left_out(shop_workspace: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = await make_gatherer(shop_workspace, FakeSource("bad", failing=True), FakeSource("good")).gather(
            make_document(shop_workspace), 4, shop_workspace.root
        )
    assert [segment.source for segment in found.segments if segment.kind is SegmentKind.FILE] == ["good"]
    assert {cost.source: cost.note for cost in found.costs}["bad"] == "failed"
    assert "bad failed" in caplog.text
    assert "secret" not in caplog.text


async def test_a_source_that_is_late_is_used_at_the_next_keystroke(shop_workspace: Workspace) -> None:
    late = FakeSource("late", held=True)
    gathering = make_gatherer(shop_workspace, late, settings=ContextSettings(limit_ms=0))
    first = await gathering.gather(make_document(shop_workspace), 4, shop_workspace.root)
    assert [segment.kind for segment in first.segments].count(SegmentKind.FILE) == 0
    assert first.costs[1].note == "late"
    late.free.set()
    await asyncio.gather(*gathering._searches[make_document(shop_workspace).key].tasks.values())
    second = await gathering.gather(make_document(shop_workspace), 4, shop_workspace.root)
    assert [segment.path for segment in second.segments if segment.kind is SegmentKind.FILE] == ["late.py"]
    assert late.asked == 1


async def test_going_elsewhere_ends_the_search(shop_workspace: Workspace) -> None:
    gathering = make_gatherer(shop_workspace, FakeSource("one"))
    await gathering.gather(make_document(shop_workspace), 4, shop_workspace.root)
    older = gathering._searches[make_document(shop_workspace).key].query
    await gathering.gather(make_document(shop_workspace), 8, shop_workspace.root)
    assert older.cancel_event.is_set()


@pytest.mark.parametrize(
    ("settings", "budget"),
    [(ContextSettings(without=("one",)), 1024), (ContextSettings(window="plain"), 1024), (SETTINGS, 128)],
)
async def test_without_need_or_room_nobody_is_asked(shop_workspace: Workspace, settings: ContextSettings, budget: int) -> None:
    source = FakeSource("one")
    found = await make_gatherer(shop_workspace, source, settings=settings, budget=budget).gather(
        make_document(shop_workspace), 4, shop_workspace.root
    )
    assert source.asked == 0
    assert [segment.kind for segment in found.segments].count(SegmentKind.FILE) == 0


async def test_a_model_that_knows_no_other_files_costs_one_question(shop_workspace: Workspace) -> None:
    source = FakeSource("one")
    gathering = make_gatherer(shop_workspace, source)
    await gathering.gather(make_document(shop_workspace), 4, shop_workspace.root, "blind")
    dropped = PromptPart(SegmentKind.FILE, "one", "one.py", 0, kept=False, state=PartState.NO_OTHER_FILES)
    gathering.record_layout(make_document(shop_workspace).key, GenerationStart("blind", 10, 0, (dropped,)))
    await gathering.gather(make_document(shop_workspace), 8, shop_workspace.root, "blind")
    assert source.asked == 1
    await gathering.gather(make_document(shop_workspace), 8, shop_workspace.root, "another")
    assert source.asked == 2


async def test_a_secret_of_the_file_is_masked_and_nothing_moves(shop_workspace: Workspace) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6" * 3
    text = f'token = "{secret}"\nname = "shop"\n'
    found = await make_gatherer(shop_workspace).gather(make_document(shop_workspace, text + text), len(text), shop_workspace.root)
    shown = "".join(segment.text for segment in found.segments if segment.kind is not SegmentKind.REPOSITORY)
    assert secret not in shown
    assert len(shown) == 2 * len(text)
    assert shown.count('name = "shop"\n') == 2


async def test_who_gathers_while_the_settings_change_is_cancelled(shop_workspace: Workspace) -> None:
    def close_and_find(_root: Path) -> Workspace:
        gatherer.close()
        return shop_workspace

    source = FakeSource("one")
    gatherer = Gatherer(SETTINGS, 1024, close_and_find, [source])
    with pytest.raises(asyncio.CancelledError):
        await gatherer.gather(make_document(shop_workspace), 4, shop_workspace.root)
    assert source.asked == 0
