"""Chunks of several sources in, those worth showing out, in an order that typing leaves alone."""

import msgspec

from interfix.context.place import Chunk
from interfix.context.selection import MOST_CHUNKS, Chosen, by_worth, select


def chunk(path: str, score: float = 1.0, text: str = "") -> Chunk:
    return Chunk(path, 0, text or f"def {path.removesuffix('.py')}(value):\n    return value\n", score)


def paths(chosen: tuple[Chosen, ...]) -> list[str]:
    return [each.chunk.path for each in chosen]


def test_what_several_sources_find_is_worth_more() -> None:
    chosen, _ = select({"imported": [chunk("a.py", 9), chunk("b.py", 8)], "similar": [chunk("b.py"), chunk("c.py", 0.5)]}, "")
    scores = {each.chunk.path: each.score for each in chosen}
    assert scores["b.py"] > scores["a.py"] > scores["c.py"]
    assert next(each.source for each in chosen if each.chunk.path == "b.py") == "imported"


def test_what_says_what_the_object_at_the_cursor_is_comes_first_and_stays() -> None:
    sure = Chunk("sure.py", 0, "class Sure:\n    size: int\n", 1.0, sure=True)
    others = {"symbols": [chunk("a.py", 2), chunk("b.py")], "similar": [chunk("a.py"), chunk("b.py", 0.5)]}
    chosen, _ = select({"imported": [sure], **others}, "")
    assert by_worth(chosen)[0].chunk is sure
    assert by_worth(select(others, "", chosen)[0])[0].chunk is sure


def test_what_repeats_the_code_at_the_cursor_is_left_out() -> None:
    around = "total = price * amount\nreturn total + shipping\n"
    chosen, left = select({"similar": [chunk("a.py", text=f"x = 1234567\n{around}"), chunk("b.py")]}, around)
    assert paths(chosen) == ["b.py"]
    assert [(each.source, each.path, each.why) for each in left] == [("similar", "a.py", "repeats the code at the cursor")]


def test_only_so_many_are_kept() -> None:
    chosen, left = select({"imported": [chunk(f"f{i}.py", -i) for i in range(20)]}, "")
    assert paths(chosen) == [f"f{i}.py" for i in range(MOST_CHUNKS)]
    assert {each.why for each in left} == {"others are worth more"}


def test_what_is_in_the_prompt_stays_where_it_is() -> None:
    held, _ = select({"imported": [chunk("a.py", 2), chunk("b.py", 1)]}, "")
    chosen, _ = select({"imported": [chunk("b.py", 3), chunk("c.py", 2), chunk("a.py", 1)]}, "", held)
    assert paths(chosen) == ["a.py", "b.py", "c.py"]


def test_what_is_clearly_worse_goes() -> None:
    held, _ = select({"similar": [chunk("old.py")]}, "")
    better = [chunk(f"f{i}.py", -i) for i in range(MOST_CHUNKS)]
    for _ in range(3):
        chosen, left = select({"imported": better, "similar": []}, "", held)
        held = chosen
    assert "old.py" not in paths(chosen)
    assert "old.py" in [each.path for each in left] or len(chosen) == MOST_CHUNKS


def test_a_chunk_that_already_shows_it_is_not_swapped_for_a_part_of_it() -> None:
    large, small = chunk("a.py", text="one = 1111\ntwo = 2222\n"), chunk("a.py", text="two = 2222\n")
    held, _ = select({"imported": [large]}, "")
    assert select({"imported": [small]}, "", held)[0][0].chunk is large
    other = chunk("a.py", text="three = 3333\n")
    assert select({"imported": [other]}, "", held)[0][0].chunk is other


def test_other_members_of_the_same_definition_are_no_reason_to_change_the_prompt() -> None:
    shop = frozenset(["class Shop:\n..."])
    first = Chunk("a.py", 0, "class Shop:\n    def one(): ...\n", 1.0, shows=shop)
    second = Chunk("a.py", 0, "class Shop:\n    def two(): ...\n", 1.0, shows=shop)
    held, _ = select({"imported": [first]}, "")
    assert select({"imported": [second]}, "", held)[0][0].chunk is first
    sure = msgspec.structs.replace(second, sure=True)
    assert select({"imported": [sure]}, "", held)[0][0].chunk is sure
    whole = msgspec.structs.replace(first, text=first.text + second.text, brief=first.text)
    held, _ = select({"imported": [whole]}, "")
    assert select({"imported": [sure]}, "", held)[0][0].chunk is sure
    edited = msgspec.structs.replace(second, shows=frozenset(["class Shop:\n    new = 1\n..."]))
    assert select({"imported": [edited]}, "", held)[0][0].chunk is edited
