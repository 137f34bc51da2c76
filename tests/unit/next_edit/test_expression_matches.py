"""Lines that are like a changed one but for whole expressions. About `next_edit/expression_matches.py`."""

import random

import pytest

from interfix.next_edit.code_tokens import get_shape
from interfix.next_edit.expression_matches import match_expressions, split_line_tokens

EXPRESSIONS = (
    "err",
    "len(err)",
    "self.items[0].price",
    '"a, b"',
    "'it\\'s'",
    "f(a, b=[1, 2])",
    "{key: value}",
    "x.y(z).w",
    "items[first:last]",
    "`text ${name}`",
)
MIGRATIONS = (
    ("for i := 0; i < {a}; i++ {{", "for i := range {a} {{"),
    ("if {a}.find({b}) != -1:", "if {b} in {a}:"),
    ("assertEquals({a}, {b});", "assertThat({b}).isEqualTo({a});"),
    ("return dict(self.cast({a}))", "return {a}"),
    ("log.debug({a}, str({b}))", "logger.debug({b}, extra={a})"),
)


def apply(old: str, new: str, here: str) -> str | None:
    match = match_expressions(0, *map(split_line_tokens, (old, new, here)))
    return None if match is None else match.text


@pytest.mark.parametrize(("before", "after"), MIGRATIONS)
def test_what_was_done_to_one_expression_is_done_to_any_other(before: str, after: str) -> None:
    draw, matched = random.Random(before), 0
    for _ in range(200):
        there, here = ({"a": one, "b": other} for one, other in (draw.sample(EXPRESSIONS, 2), draw.sample(EXPRESSIONS, 2)))
        old, new, line = before.format(**there), after.format(**there), before.format(**here)
        if get_shape(old) == get_shape(line):
            continue
        made = apply(old, new, line)
        assert made in (None, after.format(**here)), (old, new, line)
        matched += made is not None
    assert matched > 60, "most of these lines are alike enough"


@pytest.mark.parametrize(
    ("old", "new", "here"),
    [
        ("show(name)", "print(name)", "show(name, size)"),  # another number of values
        ("x = f(a)[0]", "x = g(a)", "x = f(b) + f(c)[0]"),  # more than an operand
        ("# the old one of a kind", "# any of a kind", "# the old one of some other sort of kind"),  # prose
        ("make(a.x, a.x)", "twice(a.x)", "make(b[0], c[1])"),  # one thing there, two here
        ("f(a, g(a))", "h(g(a))", "f(a, g(b.c))"),  # the same word is another here
        ("return f(x)", "return None", "return f(y.z)"),  # the expression did not stay
        ("if (f(x)) {", "if (g(x)) {", "if (f(x[0]) {"),  # brackets do not close
        ("", "", ""),
    ],
)
def test_lines_that_are_not_alike(old: str, new: str, here: str) -> None:
    assert apply(old, new, here) is None


def test_a_text_between_quotes_is_one_token() -> None:
    tokens = split_line_tokens("f(\"a b\", 'it\\'s', don't)").tokens
    assert tokens == ("f", "(", '"a b"', ",", "'it\\'s'", ",", "don", "'", "t", ")")
