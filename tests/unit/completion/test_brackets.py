"""Brackets and quotes of a piece of text."""

import pytest

from interfix.completion.brackets import nesting


@pytest.mark.parametrize(
    ("text", "opened", "closed"),
    [
        ("f(a, [b", "([", ()),
        ("f(a)", "", ()),
        ("a))", "", (1, 2)),
        ("x = ')' + (", "(", ()),
        ('x = ")" + (', "(", ()),
        ("don't (stop)\n)", "", (13,)),
        ("it's done)\n", "", (9,)),
        (r"'\'' + [", "[", ()),
        ('"""\n(\n""" + [', "[", ()),
        ("`${a}\n(` + {", "{", ()),
        ("fn f<'a>(x: &'a str, y: &'a str) -> S<'a> {", "{", ()),
        ("'{' + {", "{", ()),
        ("a  # (", "", ()),
        ("(]", "(", (1,)),
    ],
)
def test_open_and_closed(text: str, opened: str, closed: tuple[int, ...]) -> None:
    found = nesting(text, comment="#")
    assert (found.opened, found.closed) == (opened, closed)


def test_what_would_close_it() -> None:
    assert nesting('print("{').closers == '")'
    assert nesting("foo([{").closers == "}])"
    assert nesting("a").closers == ""


def test_a_text_may_begin_inside_a_string() -> None:
    assert nesting('(") + [', quote='"').opened == "["
    assert nesting('(") + [').quote == '"'


def test_lines_inside_brackets_and_strings() -> None:
    text = "f(\na\n)\nb"
    assert nesting(text).inside == {text.index("a"), text.index(")")}
