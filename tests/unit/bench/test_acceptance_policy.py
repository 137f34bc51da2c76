"""What is taken of a suggestion by somebody who is about to write `rest`."""

import pytest

from interfix.bench.acceptance_policy import AcceptedPart, AcceptGranularity, choose_acceptance, first_line_matches


@pytest.mark.parametrize(
    ("suggestion", "rest", "taken"),
    [
        ("return x\n    y = 1", "return x\n    y = 1\nz", AcceptedPart(AcceptGranularity.WHOLE, "return x\n    y = 1", 1)),
        ("return x\n    y = 2", "return x\n    y = 1\nz", AcceptedPart(AcceptGranularity.LINE, "return x", 1)),
        ("\n    return x\nnext", "\n    return x\nother", AcceptedPart(AcceptGranularity.LINE, "\n    return x", 1)),
        ("value + offset * 2", "value + offset - 1\n", AcceptedPart(AcceptGranularity.WORD, "value + offset", 3)),
        ("values", "value\n", None),
        ("value", "values\n", None),
        ("(a, b)", "(a, c)", None),
        ("x = 1", "y = 1", None),
        ("", "y", None),
        ("   ", "   y", None),
    ],
)
def test_take(suggestion: str, rest: str, taken: AcceptedPart | None) -> None:

    assert choose_acceptance(suggestion, rest) == taken


@pytest.mark.parametrize(
    ("suggestion", "rest", "right"),
    [
        ("a = 1", "a = 1\nb", True),
        ("a = 1  ", "a = 1", True),
        ("\n  a", "\n  a\n", True),
        ("a", "a = 1", False),
        ("\na", "a", False),
    ],
)
def test_a_first_line_is_right_to_its_end(suggestion: str, rest: str, right: bool) -> None:
    assert first_line_matches(suggestion, rest) is right
