"""Numbers from outside: whatever a text is, it is a number within bounds or none, and nothing is raised."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.system.digit_parsing import parse_whole_number


@given(st.integers(0, 10**9), st.integers(0, 5), st.integers(0, 10**9))
def test_digits_are_their_number_up_to_the_most(number: int, zeros: int, most: int) -> None:
    assert parse_whole_number("0" * zeros + str(number), most) == min(number, most)


@given(st.text(st.one_of(st.characters(categories=["Nd", "No", "Nl"]), st.sampled_from("0123456789+-_. e")), max_size=12))
def test_what_is_no_ascii_number_is_none(text: str) -> None:
    assert (parse_whole_number(text, 10**20) is None) == (re.fullmatch("[0-9]+", text) is None)


@pytest.mark.parametrize("digits", ["9" * 5000, "0" * 5000 + "7", "1" + "0" * 5000])
def test_thousands_of_digits_are_no_fault(digits: str) -> None:
    assert parse_whole_number(digits, 70) == min(70, 7 if digits.startswith("0") else 70)
