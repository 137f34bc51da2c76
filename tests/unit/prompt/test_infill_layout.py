"""Segments in, prompt text out: order, budget, what is cut and what is dropped."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.inference_types import NEEDED_RANK_LIMIT, PartState, Segment, SegmentKind
from interfix.prompt.families import detect_family
from interfix.prompt.infill_layout import PREFIX_STEP_LINES, TYPING_RESERVE_TOKENS, PromptLayout, lay_out_infill
from tests.unit.prompt.fake_tokenizer import FakeTokenizer

PREFIX, SUFFIX, FILE, REPOSITORY = SegmentKind.PREFIX, SegmentKind.SUFFIX, SegmentKind.FILE, SegmentKind.REPOSITORY


def lay_out_text(segments: list[Segment], budget: int, words: FakeTokenizer | None = None) -> tuple[str, int]:
    words = words or FakeTokenizer()
    family = detect_family(words)
    prompt = lay_out_infill(segments, words, family, budget)
    return words.decode(prompt.tokens), len(prompt.tokens)


def test_a_bare_hole() -> None:
    text, _ = lay_out_text([Segment(PREFIX, "a = "), Segment(SUFFIX, "\nb")], 100)
    assert text == "<prefix>a = <suffix>\nb<middle>"


def test_the_models_first_token_comes_first() -> None:
    text, _ = lay_out_text([Segment(PREFIX, "a"), Segment(SUFFIX, "b")], 100, FakeTokenizer(bos=True))
    assert text == "<bos><prefix>a<suffix>b<middle>"


def test_other_files_come_before_the_hole_with_their_paths() -> None:
    segments = [
        Segment(REPOSITORY, "shop", rank=3),
        Segment(FILE, "x = 1\n", path="shop/x.py", rank=4),
        Segment(PREFIX, "a", path="shop/a.py"),
        Segment(SUFFIX, "b"),
    ]
    text, _ = lay_out_text(segments, 100)
    assert text == "<repo>shop\n<file>shop/x.py\nx = 1\n<file>shop/a.py\n<prefix>a<suffix>b<middle>"


def test_a_vocabulary_without_file_markers_shows_no_files() -> None:
    segments = [Segment(FILE, "x = 1\n", path="x.py", rank=4), Segment(PREFIX, "a", path="a.py"), Segment(SUFFIX, "b")]
    assert lay_out_text(segments, 100, FakeTokenizer(files=False))[0] == "<prefix>a<suffix>b<middle>"


def test_control_tokens_in_somebodys_text_stay_text() -> None:
    text, _ = lay_out_text([Segment(PREFIX, "s = <suffix> "), Segment(SUFFIX, "")], 100)
    assert text == "<prefix>s = '<suffix>' <suffix><middle>"


def test_a_long_prefix_is_cut_at_whole_lines_that_step() -> None:
    lines = [f"line{i}\n" for i in range(200)]
    text, size = lay_out_text([Segment(PREFIX, "".join(lines)), Segment(SUFFIX, "\n")], 120)
    first = int(text.removeprefix("<prefix>line").split("\n")[0])
    assert size <= 120
    assert first % PREFIX_STEP_LINES == 0
    assert text.endswith("line199\n<suffix>\n<middle>")


def test_typing_leaves_the_start_of_a_cut_prefix_where_it_is() -> None:
    before = "".join(f"line{i}\n" for i in range(200))
    typed = [" x" * count for count in range(40)]
    starts = [lay_out_text([Segment(PREFIX, before + text), Segment(SUFFIX, "\n")], 120)[0].split("\n")[0] for text in typed]
    moves = sum(one != other for one, other in pairwise(starts))
    assert moves <= 40 * 2 // (PREFIX_STEP_LINES * 2) + 1


def test_a_short_prefix_leaves_its_room_to_the_suffix() -> None:
    after = "".join(f"after{i}\n" for i in range(100))
    text, size = lay_out_text([Segment(PREFIX, "a"), Segment(SUFFIX, after)], 104)
    assert 104 - 104 // 8 <= size <= 104, "all of the room but what is left for typing"
    assert "after40\n" in text


def test_scopes_are_kept_before_imports_when_room_is_short() -> None:
    near = "".join(f"near{i}\n" for i in range(100))
    segments = [
        Segment(PREFIX, "import os\n" * 5, rank=2, source="imports"),
        Segment(PREFIX, "class A:\n" * 3, rank=1, source="scope"),
        Segment(PREFIX, near, source="near"),
        Segment(SUFFIX, "\n"),
    ]
    text, _ = lay_out_text(segments, 60)
    assert "class A:" in text
    assert "import os" not in text
    assert lay_out_text(segments, 160)[0].startswith("<prefix>import os\n")


def make_outlined_segments(bodies: int = 3) -> list[Segment]:
    """A near piece of 60 tokens, and definitions before it of 40 tokens, each with a brief form of 6; the last is the nearest."""
    far = [
        Segment(PREFIX, f"def {i} {'b ' * 18}\n", 200 + bodies - i, f"def {i} .\n", 4, line=i, source="outline")
        for i in range(bodies)
    ]
    return [*far, Segment(PREFIX, "n\n" * 30, source="near"), Segment(SUFFIX, "\n")]


def test_what_is_needed_may_take_more_from_the_near_code_than_what_is_only_of_use() -> None:
    near, other = Segment(PREFIX, "near\n" * 300), "word\n" * 30
    for rank, shown in ((NEEDED_RANK_LIMIT - 1, True), (NEEDED_RANK_LIMIT, False)):
        text, size = lay_out_text([Segment(FILE, other, path="x.py", rank=rank), near], 200)
        assert ("word" in text, size <= 200) == (shown, True)


def test_signatures_stand_for_bodies_without_room_the_nearest_body_first() -> None:
    roomy, _ = lay_out_text(make_outlined_segments(), 400)
    assert "." not in roomy
    text, size = lay_out_text(make_outlined_segments(), 64 + 60 + 3 + 40)
    assert [text.count(f"def {i} .") for i in range(3)] == [1, 1, 0]
    assert size <= 64 + 60 + 3 + 40
    assert text.endswith("n\n" * 30 + "<suffix>\n<middle>")


def test_far_bodies_collapse_before_anything_near_is_cut() -> None:
    text, _ = lay_out_text(make_outlined_segments(), 90)
    assert text.count(".") == 3
    assert "n\n" * 30 in text


def test_parts_tell_of_brief_forms() -> None:
    words = FakeTokenizer()
    family = detect_family(words)
    assert family is not None
    part = lay_out_infill(make_outlined_segments(), words, family, 90).parts[0]
    assert (part.kept, part.rank, part.tokens) == (True, 4, 6)
    assert "signatures" in part.why


def lay_out_typed(count: int, budget: int) -> list[PromptLayout]:
    """The prompts of a document while `count` tokens are typed, each laid out with what the last one decided."""
    words = FakeTokenizer()
    family = detect_family(words)
    segments = make_outlined_segments(20)
    prompts: list[PromptLayout] = []
    for each in range(count):
        near = Segment(PREFIX, "n\n" * 30 + "x " * each, source="near")
        held = prompts[-1].choice if prompts else None
        prompts.append(lay_out_infill([*segments[:-2], near, segments[-1]], words, family, budget, held))
    return prompts


def test_typing_seldom_changes_what_stands_before_the_near_code() -> None:
    parts = [[part.tokens for part in prompt.parts[:-2]] for prompt in lay_out_typed(200, 400)]
    moves = [i for i, (one, other) in enumerate(pairwise(parts), start=1) if one != other]
    assert moves
    assert min(other - one for one, other in pairwise([0, *moves])) > TYPING_RESERVE_TOKENS // 2


def test_what_was_decided_never_exceeds_the_budget() -> None:
    assert max(len(prompt.tokens) for prompt in lay_out_typed(200, 400)) <= 400


def make_place(lines: list[str], first: int, cursor: int) -> list[Segment]:
    """A file's lines around a cursor, as a window has them."""
    return [
        Segment(PREFIX, "".join(lines[first:cursor]), line=first, path="a.py"),
        Segment(SUFFIX, "".join(lines[cursor : cursor + 200]), line=cursor),
    ]


@pytest.mark.parametrize("cursor", [1, 150, 210, 260, 290, 299, 310, 420])
def test_after_a_jump_the_prompt_shows_as_much_as_at_a_first_look(cursor: int) -> None:
    """A choice that was made for one place of a file says nothing of another, though it fits there."""
    words, lines = FakeTokenizer(), [f"line{i}\n" for i in range(500)]
    family = detect_family(words)
    before = lay_out_infill(make_place(lines, 60, 300), words, family, 200)
    fresh = lay_out_infill(make_place(lines, max(0, cursor - 240), cursor), words, family, 200)
    jumped = lay_out_infill(make_place(lines, max(0, cursor - 240), cursor), words, family, 200, before.choice)
    assert len(jumped.tokens) >= 0.8 * len(fresh.tokens)
    shown, wanted = (words.decode(prompt.tokens).partition("<suffix>")[0] for prompt in (jumped, fresh))
    assert len(shown) >= 0.6 * len(wanted)


def test_nothing_is_shown_from_behind_a_cut_through_the_code_at_the_cursor() -> None:
    """What follows a cut could close a bracket that was opened elsewhere."""
    scope, behind = "".join(f"  step{i};\n" for i in range(100)), Segment(SUFFIX, "} other {\n", rank=8, line=101)
    segments = [Segment(PREFIX, "near\n" * 20), Segment(SUFFIX, scope), behind]
    cut, _ = lay_out_text(segments, 120)
    assert "other" not in cut
    assert "step10;" in cut
    whole, _ = lay_out_text(segments, 1000)
    assert "step99;\n} other {" in whole


def test_a_new_file_is_chosen_for_and_a_piece_that_is_gone_is_not_waited_for() -> None:
    words = FakeTokenizer()
    family = detect_family(words)
    segments = make_outlined_segments()
    first = lay_out_infill(segments, words, family, 90)
    file = Segment(FILE, "f = 1\n", path="f.py", rank=1)
    assert "f.py" in words.decode(lay_out_infill([file, *segments], words, family, 90, first.choice).tokens)
    assert (
        lay_out_infill(segments[1:], words, family, 90, first.choice).tokens
        == lay_out_infill(segments[1:], words, family, 90).tokens
    )


def test_a_file_that_is_needed_now_is_chosen_for_anew() -> None:
    words = FakeTokenizer()
    family = detect_family(words)
    near = Segment(PREFIX, "near\n" * 300)
    other = Segment(FILE, "word\n" * 30, path="x.py", rank=NEEDED_RANK_LIMIT)
    first = lay_out_infill([other, near], words, family, 200)
    assert not first.parts[0].kept
    now = lay_out_infill([msgspec.structs.replace(other, rank=NEEDED_RANK_LIMIT - 1), near], words, family, 200, first.choice)
    assert now.parts[0].kept
    again = lay_out_infill([msgspec.structs.replace(other, rank=NEEDED_RANK_LIMIT + 5), near], words, family, 200, first.choice)
    assert again.tokens == first.tokens


def test_pieces_that_are_alike_keep_their_places() -> None:
    words = FakeTokenizer()
    family = detect_family(words)
    far = [Segment(PREFIX, "\n", 9 - i) for i in range(3)]
    prompts: list[PromptLayout] = []
    for each in range(3):
        near = Segment(PREFIX, "a b c d e f g h i j k l " + "x " * each)
        held = prompts[-1].choice if prompts else None
        prompts.append(lay_out_infill([*far, near, Segment(SUFFIX, "\n")], words, family, 20, held))
    assert [[part.kept for part in prompt.parts] for prompt in prompts] == [[part.kept for part in prompts[0].parts]] * 3


def test_a_family_without_files_spends_nothing_on_them_and_says_so() -> None:
    words = FakeTokenizer(files=False)
    family = detect_family(words)
    assert family is not None
    near = "near " * 40
    segments = [Segment(FILE, "x = 1\n" * 20, path="x.py", rank=10), Segment(PREFIX, near), Segment(SUFFIX, "")]
    prompt = lay_out_infill(segments, words, family, 83)
    assert (prompt.parts[0].state, prompt.parts[0].kept) == (PartState.NO_OTHER_FILES, False)
    assert prompt.parts[1].tokens == 80


def test_parts_tell_what_was_dropped() -> None:
    words = FakeTokenizer()
    family = detect_family(words)
    segments = [
        Segment(PREFIX, "import os\n" * 50, rank=2, source="imports"),
        Segment(PREFIX, "a", source="near"),
        Segment(SUFFIX, "b"),
    ]
    parts = lay_out_infill(segments, words, family, 40).parts
    assert [(part.source, part.kept, part.tokens) for part in parts[:2]] == [("imports", False, 0), ("near", True, 1)]


def test_a_line_longer_than_the_budget_keeps_its_end() -> None:
    text, size = lay_out_text([Segment(PREFIX, " ".join(f"w{i}" for i in range(500))), Segment(SUFFIX, "")], 20)
    assert size <= 20
    assert text.endswith("w499<suffix><middle>")


TEXTS = st.text(alphabet="ab \n<é", max_size=300)


@given(
    st.lists(st.tuples(TEXTS, st.integers(0, 3)), max_size=5),
    TEXTS,
    TEXTS,
    st.integers(16, 200),
)
def test_the_budget_is_never_exceeded(before: list[tuple[str, int]], near: str, after: str, budget: int) -> None:
    segments = [Segment(PREFIX, text, rank, text[: len(text) // 2], max(1, rank - 1) if rank else 0) for text, rank in before]
    segments += [Segment(FILE, after, path="some/file.py", rank=5)] if len(before) > 3 else []
    _, size = lay_out_text([*segments, Segment(PREFIX, near), Segment(SUFFIX, after)], budget)
    assert size <= budget


@pytest.mark.parametrize("budget", [16, 17, 23, 40])
def test_small_budgets_still_show_the_cursors_surroundings(budget: int) -> None:
    text, size = lay_out_text([Segment(PREFIX, "left " * 50), Segment(SUFFIX, " right" * 50)], budget)
    assert size <= budget
    assert "left" in text.split("<suffix>")[0]
    assert "right" in text.split("<suffix>")[1]
