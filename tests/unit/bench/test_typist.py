"""The typist: the same keys from the same seed, slips that are always corrected, and figures of a person."""

import random
from statistics import median

import pytest

from interfix.bench.typist import KEY_GAP_MS, MAX_PAUSE_MS, Typist, count_keystrokes

CODE = "def area(self, width: int) -> int:\n    if width < 0:\n        raise ValueError(width)\n    return self.height * width\n"

GOLDEN = (
    "·def area(·self, width: ·int) -> int:\n"
    "    ·if width < 0:\n"
    "        ·raise ·ValueError(width)\n"
    "    ·retyr⌫⌫urn ·self.height * width\n"
)


def type_text(text: str, seed: int) -> tuple[str, str, list[int]]:
    """The keys as a line, `·` for a pause and `⌫` for a backspace; the text that they make; the waits."""
    typist, keys, made, waits = Typist(text, random.Random(seed)), "", "", []
    while (key := typist.plan_key()) is not None:
        keys += ("·" if key.is_reading else "") + (key.text or "⌫")
        made = made + key.text if key.text else made[:-1]
        waits.append(key.wait_ms)
        typist.press(key)
    return keys, made, waits


def test_a_seed_types_the_same_keys_again() -> None:
    keys, made, _ = type_text(CODE, 11)
    assert made == CODE
    assert keys == GOLDEN


@pytest.mark.parametrize("seed", range(30))
def test_slips_are_always_corrected(seed: int) -> None:
    assert type_text(CODE, seed)[1] == CODE


def test_the_figures_are_a_persons() -> None:
    keys, _, waits = type_text(CODE * 20, 1)
    assert median(waits) == pytest.approx(KEY_GAP_MS, rel=0.15)
    assert max(waits) <= MAX_PAUSE_MS
    assert 0.01 < keys.count("⌫") / len(CODE * 20) < 0.06
    words_a_minute = len(CODE * 20) / 5 / (sum(waits) / 60_000)
    assert 35 < words_a_minute < 70


def test_what_came_otherwise_is_not_typed() -> None:
    typist = Typist("abc def", random.Random(1))
    typist.skip(4)
    assert typist.remaining_text == "def"


def test_a_slip_is_noticed_later_and_is_not_part_of_the_text() -> None:
    typist, wrong = Typist(CODE * 5, random.Random(3)), []
    while (key := typist.plan_key()) is not None:
        typist.press(key)
        wrong.append(typist.uncorrected_text)
    assert {len(each) for each in wrong} == {0, 1, 2, 3}


def test_an_editor_indents_by_itself() -> None:
    assert count_keystrokes("if x:\n        y = 1\n") == len("if x:") + 1 + len("y = 1") + 1
