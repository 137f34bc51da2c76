"""Brackets and quotes of a piece of text."""

import pytest

from interfix.completion.unmatched_brackets import scan_brackets


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
    found = scan_brackets(text, comment_marker="#")
    assert (found.open_brackets, found.stray_closers) == (opened, closed)


def test_what_would_close_it() -> None:
    assert scan_brackets('print("{').missing_closers == '")'
    assert scan_brackets("foo([{").missing_closers == "}])"
    assert scan_brackets("a").missing_closers == ""


def test_a_text_may_begin_inside_a_string() -> None:
    assert scan_brackets('(") + [', open_quote='"').open_brackets == "["
    assert scan_brackets('(") + [').open_quote == '"'


def test_lines_inside_brackets_and_strings() -> None:
    text = "f(\na\n)\nb"
    assert scan_brackets(text).nested_line_starts == {text.index("a"), text.index(")")}
