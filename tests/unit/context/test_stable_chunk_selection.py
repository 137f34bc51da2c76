"""Chunks of several sources in, those worth showing out, in an order that typing leaves alone."""

import msgspec

from interfix.context.context_source import Chunk
from interfix.context.stable_chunk_selection import MAX_CHUNKS, SelectedChunk, select_chunks, sort_by_score


def make_chunk(path: str, score: float = 1.0, text: str = "") -> Chunk:
    return Chunk(path, path, 0, text or f"def {path.removesuffix('.py')}(value):\n    return value\n", score)


def list_paths(chosen: tuple[SelectedChunk, ...]) -> list[str]:
    return [each.chunk.path for each in chosen]


def test_what_several_sources_find_is_worth_more() -> None:
    chosen, _ = select_chunks(
        {"imported": [make_chunk("a.py", 9), make_chunk("b.py", 8)], "similar": [make_chunk("b.py"), make_chunk("c.py", 0.5)]}, ""
    )
    scores = {each.chunk.path: each.score for each in chosen}
    assert scores["b.py"] > scores["a.py"] > scores["c.py"]
    assert next(each.source for each in chosen if each.chunk.path == "b.py") == "imported"


def test_what_says_what_the_object_at_the_cursor_is_comes_first_and_stays() -> None:
    sure = Chunk("sure.py", "sure.py", 0, "class Sure:\n    size: int\n", 1.0, defines_receiver=True)
    others = {"symbols": [make_chunk("a.py", 2), make_chunk("b.py")], "similar": [make_chunk("a.py"), make_chunk("b.py", 0.5)]}
    chosen, _ = select_chunks({"imported": [sure], **others}, "")
    assert sort_by_score(chosen)[0].chunk is sure
    assert sort_by_score(select_chunks(others, "", chosen)[0])[0].chunk is sure


def test_what_repeats_the_code_at_the_cursor_is_left_out() -> None:
    around = "total = price * amount\nreturn total + shipping\n"
    chosen, left = select_chunks({"similar": [make_chunk("a.py", text=f"x = 1234567\n{around}"), make_chunk("b.py")]}, around)
    assert list_paths(chosen) == ["b.py"]
    assert [(each.source, each.path, each.why) for each in left] == [("similar", "a.py", "repeats the code at the cursor")]


def test_only_so_many_are_kept() -> None:
    chosen, left = select_chunks({"imported": [make_chunk(f"f{i}.py", -i) for i in range(20)]}, "")
    assert list_paths(chosen) == [f"f{i}.py" for i in range(MAX_CHUNKS)]
    assert {each.why for each in left} == {"others are worth more"}


def test_what_is_in_the_prompt_stays_where_it_is() -> None:
    held, _ = select_chunks({"imported": [make_chunk("a.py", 2), make_chunk("b.py", 1)]}, "")
    chosen, _ = select_chunks({"imported": [make_chunk("b.py", 3), make_chunk("c.py", 2), make_chunk("a.py", 1)]}, "", held)
    assert list_paths(chosen) == ["a.py", "b.py", "c.py"]


def test_what_is_clearly_worse_goes() -> None:
    held, _ = select_chunks({"similar": [make_chunk("old.py")]}, "")
    better = [make_chunk(f"f{i}.py", -i) for i in range(MAX_CHUNKS)]
    for _ in range(3):
        chosen, left = select_chunks({"imported": better, "similar": []}, "", held)
        held = chosen
    assert "old.py" not in list_paths(chosen)
    assert "old.py" in [each.path for each in left] or len(chosen) == MAX_CHUNKS


def test_a_chunk_that_already_shows_it_is_not_swapped_for_a_part_of_it() -> None:
    large, small = make_chunk("a.py", text="one = 1111\ntwo = 2222\n"), make_chunk("a.py", text="two = 2222\n")
    held, _ = select_chunks({"imported": [large]}, "")
    assert select_chunks({"imported": [small]}, "", held)[0][0].chunk is large
    other = make_chunk("a.py", text="three = 3333\n")
    assert select_chunks({"imported": [other]}, "", held)[0][0].chunk is other


def test_other_members_of_the_same_definition_are_no_reason_to_change_the_prompt() -> None:
    shop = frozenset(["class Shop:\n..."])
    first = Chunk("a.py", "a.py", 0, "class Shop:\n    def one(): ...\n", 1.0, definitions=shop)
    second = Chunk("a.py", "a.py", 0, "class Shop:\n    def two(): ...\n", 1.0, definitions=shop)
    held, _ = select_chunks({"imported": [first]}, "")
    assert select_chunks({"imported": [second]}, "", held)[0][0].chunk is first
    sure = msgspec.structs.replace(second, defines_receiver=True)
    assert select_chunks({"imported": [sure]}, "", held)[0][0].chunk is sure
    whole = msgspec.structs.replace(first, text=first.text + second.text, brief=first.text)
    held, _ = select_chunks({"imported": [whole]}, "")
    assert select_chunks({"imported": [sure]}, "", held)[0][0].chunk is sure
    edited = msgspec.structs.replace(second, definitions=frozenset(["class Shop:\n    new = 1\n..."]))
    assert select_chunks({"imported": [edited]}, "", held)[0][0].chunk is edited
