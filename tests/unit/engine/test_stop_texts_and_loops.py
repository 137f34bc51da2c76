"""Text in as it is decoded, text out as it may be shown: cut at an end marker, ended where it goes round in circles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.engine.stop_texts_and_loops import StopDetector


def stream_answer(text: str, ends: tuple[str, ...] = (), shown: str | None = "", step: int = 3) -> tuple[str, str]:
    """What comes out of an answer that is written a few characters at a time, and why it ended."""
    answer, out = StopDetector(ends, shown), ""
    for at in range(0, len(text), step):
        out += answer.feed(text[at : at + step])
        if answer.stop_reason:
            return out, answer.stop_reason
    return out + answer.flush(), ""


@pytest.mark.parametrize("step", [1, 2, 5, 100])
def test_an_answer_is_cut_where_it_begins_another_turn(step: int) -> None:
    assert stream_answer("It adds.\n=== end\n\n=== request\n", ("\n=== end", "\n=== request"), step=step) == ("It adds.", "end")


def test_what_only_looks_like_an_end_comes_through() -> None:
    assert stream_answer("a\n=== else\n===", ("\n=== end",)) == ("a\n=== else\n===", "")


@given(st.text(alphabet="a=\n end", max_size=60), st.integers(1, 7))
def test_nothing_is_lost_before_the_end(text: str, step: int) -> None:
    assert stream_answer(text, ("\n=== end",), shown=None, step=step)[0] == text.split("\n=== end")[0]


@pytest.mark.parametrize(
    "text",
    [
        "It adds two numbers.\n" * 30,
        "    total += price\n    count += 1\n\n" * 20,
        "the answer is the answer is " * 60,
        "You are right. " * 60,
        "".join(f"{line}\n" for line in ["def f():", "    x = g()", "    return x", ""] * 20),
    ],
    ids=["a line", "lines", "a clause", "a sentence", "a function"],
)
def test_a_loop_ends_the_answer(text: str) -> None:
    out, reason = stream_answer("Here it is:\n\n" + text)
    assert reason == "loop"
    assert len(out) < len(text)


@pytest.mark.parametrize(
    "text",
    [
        "-" * 400 + "\n",
        "\n" * 40,
        "    }\n" * 6,
        "[0, 0, 0],\n" * 6,
        "| a | b |\n|---|---|\n" + "".join(f"| {i} | {i * i} |\n" for i in range(40)),
        "".join(f"    self.field_{i} = field_{i}\n" for i in range(60)),
    ],
    ids=["a rule", "blank lines", "closing brackets", "a matrix", "a table", "assignments"],
)
def test_what_repeats_for_a_reason_is_no_loop(text: str) -> None:
    assert stream_answer(text) == (text, "")


def test_what_the_model_was_shown_may_be_repeated() -> None:
    text = "row()\n" * 12
    assert stream_answer(text, shown=f"Copy this:\n{text}") == (text, "")
