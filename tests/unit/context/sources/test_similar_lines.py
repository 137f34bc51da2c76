"""A cursor in, lines out that stand elsewhere as its line does."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.config.settings import ContextSettings
from interfix.context.gatherer import Gatherer
from interfix.context.index import Passage
from interfix.context.line_likeness import NameRarity, describe_place, measure_likeness
from interfix.context.sources.similar_lines import NEAR_LINES, SimilarLinesSource
from interfix.inference_types import Segment
from interfix.syntax.document import Document
from tests.unit.context.workspace_builder import build_query, build_workspace

FILLER = "".join(f"value_{i} = compute_{i}(first_{i})\n" for i in range(NEAR_LINES[0] + 10))
SHOP = "def refund(order):\n    ledger.record_transaction(order.customer, REFUND)\n    order.close()\n"
LINES = st.lists(st.text(st.sampled_from("abcdef .(=\n"), max_size=20), min_size=1, max_size=12)


class PassageIndex:
    """An index that finds these passages."""

    def __init__(self, *passages: Passage) -> None:
        self._passages = list(passages)

    def find_similar(self, _text: str, limit: int = 8) -> list[Passage]:
        return self._passages[:limit]

    def read_secrets(self, _path: str, _data: bytes) -> None:
        return None


def test_a_line_of_this_file_that_begins_alike_is_found_out_of_sight(tmp_path: Path) -> None:
    workspace = build_workspace(tmp_path, {})
    (chunk,) = SimilarLinesSource().find(
        build_query(workspace, "shop.py", f"{SHOP}{FILLER}def sell(order):\n    ledger.record_tran‸\n    order.close()\n")
    )
    assert (chunk.path, chunk.prompt_path, chunk.line, chunk.text) == ("shop.py", "shop.py", 0, SHOP)


def test_what_the_window_shows_is_not_shown_again(tmp_path: Path) -> None:
    text = f"{FILLER}{SHOP}\ndef sell(order):\n    ledger.record_tran‸\n    order.close()\n"
    assert SimilarLinesSource().find(build_query(build_workspace(tmp_path, {}), "shop.py", text)) == []


def test_a_line_of_another_file_is_found_where_the_index_says(tmp_path: Path) -> None:
    other = f"{FILLER}\n{SHOP}"
    index = PassageIndex(
        Passage("bank.py", 0, FILLER), Passage("bank.py", FILLER.count("\n") + 1, SHOP), Passage("gone.py", 0, SHOP)
    )
    query = build_query(
        build_workspace(tmp_path, {"bank.py": other}, index), "shop.py", "def sell(order):\n    ledger.record_tran‸\n"
    )
    assert [(chunk.path, chunk.text) for chunk in SimilarLinesSource().find(query)] == [("bank.py", SHOP)]


def test_a_line_between_the_same_lines_is_found_though_nothing_is_typed(tmp_path: Path) -> None:
    block = "    connection.begin_transaction()\n{}    connection.commit_transaction()\n    connection.release_handle()\n"
    text = f"{block.format('    save_everything(connection)' + chr(10))}{FILLER}{block.format('    ‸' + chr(10))}"
    chunks = SimilarLinesSource().find(build_query(build_workspace(tmp_path, {}), "shop.py", text))
    assert "save_everything(connection)" in chunks[0].text


@pytest.mark.parametrize("typed", ["", "    ", "x = ", "(", "unheard_of.thing("])
def test_nothing_is_found_where_nothing_is_alike(tmp_path: Path, typed: str) -> None:
    query = build_query(build_workspace(tmp_path, {}), "shop.py", f"{SHOP}{FILLER}\n\n{typed}‸\n")
    assert not any("ledger" in chunk.text for chunk in SimilarLinesSource().find(query))


@given(LINES, st.data())
def test_no_line_is_more_alike_than_the_line_itself(texts: list[str], data: st.DataObject) -> None:
    lines = "\n".join(texts).split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    typed = lines[at][: data.draw(st.integers(0, len(lines[at])))]
    rarity = NameRarity(lines)
    place = describe_place(lines[:at], typed, lines[at + 1 :])
    alien = describe_place(["qqq"], "zzz yy", ["xxx"])
    for i in range(len(lines)):
        assert 0.0 <= measure_likeness(place, lines, i, rarity) <= 5.5
        assert measure_likeness(alien, lines, i, rarity) == 0.0


def test_lines_are_looked_for_where_somebody_asks_and_stay_below(tmp_path: Path) -> None:
    workspace = build_workspace(tmp_path, {})
    text = f"{SHOP}{FILLER}def sell(order):\n    ledger.record_tran\n    order.close()\n"
    snapshot = Document((tmp_path / "shop.py").as_uri(), text).snapshot()
    offset = text.index("tran\n") + 4

    def list_lines(segments: tuple[Segment, ...]) -> list[str]:
        return [segment.text for segment in segments if segment.source == "lines"]

    async def play() -> list[list[str]]:
        gatherer = Gatherer(ContextSettings(limit_ms=10_000), 1024, lambda _: workspace)
        try:
            steps = [(offset, False), (offset, True), (offset, False), (text.index("close()\n", offset), False)]
            return [
                list_lines((await gatherer.gather(snapshot, at, tmp_path, explicit=explicit)).segments) for at, explicit in steps
            ]
        finally:
            gatherer.close()

    assert asyncio.run(play()) == [[], [SHOP], [SHOP], [SHOP]]
