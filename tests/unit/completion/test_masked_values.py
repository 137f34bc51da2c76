"""A completion that copies what stands for a secret is of no use.

About `completion/filters/masked_values.py`.
"""

import pytest

from interfix.completion.filters.masked_values import drop_masked_values
from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape
from interfix.syntax.document import Document


def hole(text: str) -> InfillHole:
    return InfillHole.from_cursor(
        Document("file:///t/code.py", text).snapshot(), len(text), SuggestionShape.AUTO, explicit=True, after_accepted=False
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('"xxxxxxxx"', ""),
        ('"staging"\nsecret = "xxxxxxxxxxxx"\nname = 1', '"staging"'),
        ("maxxx", "maxxx"),
        ("a\nb", "a\nb"),
    ],
)
def test_it_ends_before_the_line_with_a_mask(text: str, kept: str) -> None:
    assert drop_masked_values(hole("password = "), text) == kept


def test_a_row_of_x_that_the_file_has_itself_stays() -> None:
    assert drop_masked_values(hole("PATTERN = 'xxxxxxxx'\nOTHER = "), "'xxxxxxxx'") == "'xxxxxxxx'"
