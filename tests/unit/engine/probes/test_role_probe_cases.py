"""What counts as having filled a hole, and as having answered."""

import pytest

from interfix.engine.probes.role_probe_cases import HOLES, MIN_FILLED_HOLES, ProbeRun, judge_infill
from interfix.inference_types import GenerationEnd


def make_run(text: str, reason: str = "end") -> ProbeRun:
    return ProbeRun(text, GenerationEnd(reason=reason, tokens=3, prefill_ms=1, decode_ms=1))


def test_just_what_belongs_there_passes() -> None:
    outcome = judge_infill([make_run(f" {hole.answer}") for hole in HOLES])
    assert outcome.passed
    assert outcome.says == "it filled 7 of 7 holes, and ended there by itself in 7 of them"


def test_running_on_into_what_follows_the_hole_is_forgiven_and_told() -> None:
    outcome = judge_infill([make_run(f" {hole.answer}{hole.suffix}", "length") for hole in HOLES])
    assert outcome.passed
    assert outcome.says == "it filled 7 of 7 holes, and ended there by itself in 0 of them"


@pytest.mark.parametrize("more", ["\n\ndef other():", " or something else", "```"])
def test_anything_else_behind_the_answer_has_left_the_hole(more: str) -> None:
    outcome = judge_infill([make_run(f" {hole.answer}{more}") for hole in HOLES])
    assert not outcome.passed
    assert outcome.says.startswith(
        "it filled 0 of 7 holes, and ended there by itself in 0 of them; where 'a + b' belongs it wrote ' a + b"
    )


def test_most_holes_are_enough() -> None:
    runs = [make_run(hole.answer if number < MIN_FILLED_HOLES else "pass") for number, hole in enumerate(HOLES)]
    assert judge_infill(runs).passed
    assert not judge_infill([make_run("pass"), *runs[1:]]).passed
