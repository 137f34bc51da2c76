"""The secrets test set: what is planted must not be seen, what only looks like a secret must be."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.masking import mask
from interfix.masking.secret_detection import find_secrets
from tests.secret_samples import SECRET_SHAPES, SecretSample, generate_samples

PLANTED = tuple(generate_samples())
INNOCENT = (Path(__file__).parent / "secrets" / "innocent.txt").read_text(encoding="utf-8").splitlines()


def mask_and_count(text: str) -> tuple[str, int]:
    return mask(text), len(find_secrets(text))


def test_the_set_is_as_large_as_promised() -> None:
    assert len(SECRET_SHAPES) >= 50
    assert len(PLANTED) >= 220
    assert len(set(INNOCENT)) >= 200


def find_leaks(case: SecretSample, shown: str) -> list[str]:
    """The parts of a secret that are shown; the last few characters of one tell nothing."""
    return [part for part in re.split(r"\n|\\n", case.secret) if len(part) >= 4 and part in shown]


def test_no_planted_secret_is_seen() -> None:
    before, after = 'import os\n\n\ndef main():\n    run("a", 1)\n', '\n\nprint("done")\n'
    shown = {case: mask_and_count(before + case.text + after) for case in PLANTED}
    assert [case for case, (text, count) in shown.items() if count == 0 or find_leaks(case, text)] == []
    assert [case for case, (text, _) in shown.items() if not (text.startswith(before) and text.endswith(after))] == []


@pytest.mark.parametrize("seed", range(10, 20))
def test_nor_is_another_one_of_its_kind(seed: int) -> None:
    assert [case for case in generate_samples(seed) if find_leaks(case, mask_and_count(case.text)[0])] == []


def test_what_only_looks_like_a_secret_is_seen() -> None:
    hidden = [line for line in INNOCENT if mask_and_count(line)[1]]
    assert len(hidden) <= len(INNOCENT) // 50, hidden


def test_innocent_lines_stay_innocent_in_company() -> None:
    text = "\n".join(INNOCENT)
    shown, _ = mask_and_count(text)
    hidden = [line for line, seen in zip(INNOCENT, shown.split("\n"), strict=True) if line != seen]
    assert len(hidden) <= len(INNOCENT) // 50, hidden


@pytest.mark.parametrize("case", PLANTED[::4], ids=lambda case: case.shape)
def test_what_is_masked_once_is_no_secret_any_more(case: SecretSample) -> None:
    shown, _ = mask_and_count(case.text)
    assert mask_and_count(shown) == (shown, 0)


@pytest.mark.slow
@given(st.lists(st.sampled_from([case.text for case in PLANTED[::3]]) | st.text(max_size=30), max_size=6))
def test_lines_and_byte_offsets_stay_what_they_were(pieces: list[str]) -> None:
    text = "é\r\n".join(pieces)
    shown, _ = mask_and_count(text)
    data, seen = text.encode("utf-8", "surrogatepass"), shown.encode("utf-8", "surrogatepass")
    assert len(data) == len(seen)
    assert [i for i, byte in enumerate(data) if byte in b"\r\n"] == [i for i, byte in enumerate(seen) if byte in b"\r\n"]


def test_only_the_secret_is_masked() -> None:
    assert mask_and_count('password = "hunter42"  # "staging"') == ('password = "xxxxxxxx"  # "staging"', 1)
    assert mask_and_count("redis://app:hunter42@cache:6379") == ("redis://app:xxxxxxxx@cache:6379", 1)
