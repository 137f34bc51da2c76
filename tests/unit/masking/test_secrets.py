"""The secrets test set: what is planted must not be seen, what only looks like a secret must be."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.masking import mask
from interfix.masking.secrets import find_secrets
from secret_samples import SECRET_SHAPES, SecretSample, generate_samples

SECRET_SAMPLES = tuple(generate_samples())
HARMLESS_LINES = (Path(__file__).parent / "secrets" / "innocent.txt").read_text(encoding="utf-8").splitlines()


def mask_text(text: str) -> tuple[str, int]:
    return mask(text), len(find_secrets(text))


def test_the_set_is_as_large_as_promised() -> None:
    assert len(SECRET_SHAPES) >= 20
    assert len(SECRET_SAMPLES) >= 60
    assert len(set(HARMLESS_LINES)) >= 200


@pytest.mark.parametrize("case", SECRET_SAMPLES, ids=lambda case: case.shape)
def test_a_planted_secret_is_not_seen(case: SecretSample) -> None:
    before, after = 'import os\n\n\ndef main():\n    run("a", 1)\n', '\n\nprint("done")\n'
    shown, count = mask_text(before + case.text + after)
    assert count >= 1
    for line in re.split(r"\n|\\n", case.secret):
        assert len(line) < 4 or line not in shown
    assert shown.startswith(before)
    assert shown.endswith(after)


@pytest.mark.parametrize("seed", range(10, 20))
def test_nor_is_another_one_of_its_kind(seed: int) -> None:
    assert [case for case in generate_samples(seed) if case.secret.split("\n")[0] in mask_text(case.text)[0]] == []


def test_what_only_looks_like_a_secret_is_seen() -> None:
    hidden = [line for line in HARMLESS_LINES if mask_text(line)[1]]
    assert len(hidden) <= len(HARMLESS_LINES) // 20, hidden


def test_innocent_lines_stay_innocent_in_company() -> None:
    text = "\n".join(HARMLESS_LINES)
    shown, _ = mask_text(text)
    hidden = [line for line, seen in zip(HARMLESS_LINES, shown.split("\n"), strict=True) if line != seen]
    assert len(hidden) <= len(HARMLESS_LINES) // 20, hidden


@pytest.mark.parametrize("case", SECRET_SAMPLES[::4], ids=lambda case: case.shape)
def test_what_is_masked_once_is_no_secret_any_more(case: SecretSample) -> None:
    shown, _ = mask_text(case.text)
    assert mask_text(shown) == (shown, 0)


@given(st.lists(st.sampled_from([case.text for case in SECRET_SAMPLES[::3]]) | st.text(max_size=30), max_size=6))
def test_lines_and_byte_offsets_stay_what_they_were(pieces: list[str]) -> None:
    text = "é\r\n".join(pieces)
    shown, _ = mask_text(text)
    data, seen = text.encode("utf-8", "surrogatepass"), shown.encode("utf-8", "surrogatepass")
    assert len(data) == len(seen)
    assert [i for i, byte in enumerate(data) if byte in b"\r\n"] == [i for i, byte in enumerate(seen) if byte in b"\r\n"]


def test_only_the_secret_is_masked() -> None:
    assert mask_text('password = "hunter42"  # "staging"') == ('password = "xxxxxxxx"  # "staging"', 1)
    assert mask_text("redis://app:hunter42@cache:6379") == ("redis://app:xxxxxxxx@cache:6379", 1)
