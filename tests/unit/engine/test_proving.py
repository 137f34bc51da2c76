"""What counts as having filled a hole, and as having answered."""

import pytest

from interfix.engine.questions import ENOUGH, HOLES, Run, judged
from interfix.values import Finished


def ran(text: str, reason: str = "end") -> Run:
    return Run(text, Finished(reason=reason, tokens=3, prefill_ms=1, decode_ms=1))


def test_just_what_belongs_there_passes() -> None:
    outcome = judged([ran(f" {hole.answer}") for hole in HOLES])
    assert outcome.passed
    assert outcome.says == "it filled 7 of 7 holes, and ended there by itself in 7 of them"


def test_running_on_into_what_follows_the_hole_is_forgiven_and_told() -> None:
    outcome = judged([ran(f" {hole.answer}{hole.after}", "length") for hole in HOLES])
    assert outcome.passed
    assert outcome.says == "it filled 7 of 7 holes, and ended there by itself in 0 of them"


@pytest.mark.parametrize("more", ["\n\ndef other():", " or something else", "```"])
def test_anything_else_behind_the_answer_has_left_the_hole(more: str) -> None:
    outcome = judged([ran(f" {hole.answer}{more}") for hole in HOLES])
    assert not outcome.passed
    assert outcome.says.startswith(
        "it filled 0 of 7 holes, and ended there by itself in 0 of them; where 'a + b' belongs it wrote ' a + b"
    )


def test_most_holes_are_enough() -> None:
    runs = [ran(hole.answer if number < ENOUGH else "pass") for number, hole in enumerate(HOLES)]
    assert judged(runs).passed
    assert not judged([ran("pass"), *runs[1:]]).passed
