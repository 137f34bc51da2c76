"""A member that the model hardly believes in, of an object not known to have it, makes a suggestion less likely to be right."""

import math

import pytest

from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.raw_completion import RawCompletion
from interfix.completion.unlikely_members import find_unlikely_members
from interfix.context.names.name_search import KnownNames
from interfix.guided_decoding_names import KnownType, NameGuide
from interfix.inference_types import GeneratedToken
from interfix.syntax.document import Document

CODE = """import os

def run(client, other):
    other.named_here()
    ‸
"""
GUIDE = NameGuide(
    roots={"client": "Client"},
    types={"Client": KnownType(("send", "close"))},
    elsewhere=("inherited\n",),
    elsewhere_cost=2.0,
)


def find(
    tokens: list[tuple[str, float]], code: str = CODE, *, guide: NameGuide | None = GUIDE, file: str = "a.py"
) -> tuple[str, ...]:
    """`tokens` are those of the suggestion, each with its probability."""
    before, _, after = code.partition("‸")
    hole = InfillHole.from_cursor(
        Document(f"file:///{file}", before + after).snapshot(), len(before.encode()), SuggestionShape.AUTO, explicit=False
    )
    completion = RawCompletion()
    for text, probability in tokens:
        completion.add_token(GeneratedToken(text, math.log(probability)))
    return find_unlikely_members(hole, completion, "".join(text for text, _ in tokens), KnownNames(guide))


@pytest.mark.parametrize(
    ("tokens", "found"),
    [
        ([("client", 1.0), (".inh", 0.6), ("erited", 0.6), ("()", 0.9)], ("inherited",)),  # of something else, 0.36
        ([("client", 0.1), (".inh", 0.9), ("erited", 0.9), ("()", 0.1)], ()),  # likely, whatever stands around it
        ([("client", 1.0), (".se", 0.2), ("nd", 0.9), ("()", 0.9)], ()),  # its own
        ([("other", 1.0), (".", 1.0), ("elsewhere", 0.4)], ("elsewhere",)),  # nothing is known of the object
        ([("other", 1.0), (".", 1.0), ("named_here", 0.2)], ()),
        ([("other", 1.0), (".", 1.0), ("elsewhere", 0.4), (" = 1", 0.9)], ()),  # it is defined
        ([("other", 1.0), (".", 1.0), ("elsewhere", 0.4), (" == 1", 0.9)], ("elsewhere",)),
        ([("x = 'other", 1.0), (".", 1.0), ("elsewhere", 0.4), ("'", 0.9)], ()),
        ([("pass  # other", 1.0), (".", 1.0), ("elsewhere", 0.4)], ()),
        ([("return 1", 1.0), (".", 1.0), ("5", 0.4)], ()),
        ([("elsewhere", 0.1), ("()", 1.0)], ()),  # no member
        ([("other.named_here()", 1.0), (".", 1.0), ("a", 0.4), (".b", 0.3), (".a", 0.3)], ("a", "b")),
    ],
)
def test_members_that_the_model_hardly_believes_in(tokens: list[tuple[str, float]], found: tuple[str, ...]) -> None:
    assert find(tokens) == found


def test_a_name_that_is_being_typed() -> None:
    code = "def run(other):\n    return other.els‸\n"
    assert find([("ewhere", 0.3)], code) == ("elsewhere",)
    assert find([("ewhere", 0.6)], code) == ()


def test_where_members_join_a_path_or_a_string_is_open() -> None:
    assert find([("path", 0.3)], "import os.‸\n") == ()
    assert find([("path", 0.3)], "x = 'other.‸\n") == ()


def test_a_language_of_whose_names_nothing_is_known() -> None:
    assert find([("path", 0.3)], "local x = other.‸\n", guide=None, file="a.lua") == ()


def test_what_filters_changed_is_not_judged() -> None:
    hole = InfillHole.from_cursor(Document("file:///a.py", "x = y.").snapshot(), 6, SuggestionShape.AUTO, explicit=False)
    completion = RawCompletion()
    completion.add_token(GeneratedToken("unheard", math.log(0.1)))
    assert find_unlikely_members(hole, completion, "unheard", KnownNames()) == ("unheard",)
    assert find_unlikely_members(hole, completion, "other", KnownNames()) == ()
