"""Nothing in an explanation can be clicked on, whoever renders it and however it is cut into pieces; code in it stays as it is."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from interfix.output import markdown_sanitizer
from interfix.output.markdown_sanitizer import MarkdownSanitizer
from tests.effort import scale_examples

RENDERERS = {
    "CommonMark": MarkdownIt("commonmark"),
    "GitHub's": MarkdownIt("gfm-like"),
    "with every extension": MarkdownIt("js-default", {"linkify": True, "html": True}),
}
LIVE = ("link_open", "image", "html_inline", "html_block")
TRAPS = (Path(__file__).parent / "markdown_traps.txt").read_text(encoding="utf-8").replace("␛", "\x1b").split("\n====\n")
"""A corpus that grows: each once was, or may be, alive somewhere."""


def sanitize(text: str, size: int = 3) -> str:
    sanitizer = MarkdownSanitizer()
    pieces = [sanitizer.take(text[i : i + size]) for i in range(0, len(text), size)]
    return "".join((*pieces, sanitizer.flush()))


def list_active_tokens(text: str) -> list[str]:
    """What can be clicked on, or is HTML, for any renderer; and characters that act."""

    def kinds(tokens: list[Token] | None) -> list[str]:
        return [kind for token in tokens or [] for kind in (token.type, *kinds(token.children))]

    found = [f"{kind} ({name})" for name, renderer in RENDERERS.items() for kind in kinds(renderer.parse(text)) if kind in LIVE]
    return found + re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def list_code(text: str) -> list[str]:
    """The code of a text's blocks and spans, in order."""
    found = []
    for token in RENDERERS["CommonMark"].parse(text):
        found += [token.content] if token.type == "fence" else []
        found += [child.content for child in token.children or () if child.type == "code_inline"]
    return found


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It returns **1**.", "It returns **1**."),
        ("See [the docs](https://evil.example/x?y) now.", "See the docs now."),
        ('See [`f`](http://e.example "Title") now.', "See `f` now."),
        ("![a picture](https://evil.example/p.png)", "a picture"),
        ("[run me](command:workbench.action.terminal.new)", "run me"),
        ("[![alt](i.png)](https://evil.example)", "alt"),
        ("A <https://evil.example> link.", "A &lt;`https://evil.example`> link."),
        ("Look at https://evil.example/a now.", "Look at `https://evil.example/a` now."),
        ("HTTP://x, //evil.com or **a@b.co**.", "`HTTP://x`, `//evil.com` or **`a@b.co`**."),
        ("[text][ref]\n\n[ref]: command:evil\n", "\\[text]\\[ref]\n\n\\[ref&#93;: command:evil\n"),
        ("Takes `a[i](x)` and `[b](c)`.\n", "Takes `a[i](x)` and `[b](c)`.\n"),
        ("A `str | None` or `a||b`.\n", "A `str `\\|` None` or `a`\\|\\|`b`.\n"),
        ("Calls x[0](y), not `z`.\n", "Calls x0, not `z`.\n"),  # it is a link
        (
            "```python\na[i](x)  # https://example.org\n<b>\n```\nDone.\n",
            "```python\na[i](x)  # https://example.org\n<b>\n```\nDone.\n",
        ),
        ("1. Do:\n   ```py\n   if a:\n     b\n   ```\n2. Go.\n", "1. Do:\n\n```py\nif a:\n  b\n```\n2. Go.\n"),
        ("> ~~~\n> [x](command:y)\nz\n", "~~~\n[x](command:y)\n~~~\nz\n"),
        ("```\nno end", "```\nno end\n```"),
        ("The list [1, 2] and a < b.\n", "The list \\[1, 2] and a &lt; b.\n"),
        ("An <img src=x onerror=y> here.\n", "An &lt;img src=x onerror=y> here.\n"),
        ("`a` and ` alone, cost $5 &lt;\r\n", "`a` and &#96; alone, cost \\$5 \\&lt;\n"),
    ],
)
def test_what_could_be_clicked_on_is_taken_out(text: str, shown: str, size: int) -> None:
    assert sanitize(text, size) == shown
    assert list_active_tokens(sanitize(text, size)) == []


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_no_known_trap_is_alive(size: int) -> None:
    assert [trap for trap in TRAPS if list_active_tokens(sanitize(trap, size))] == []


def test_most_traps_are_alive_for_these_renderers_without_it() -> None:
    """The others are for renderers that are not here."""
    assert sum(bool(list_active_tokens(trap)) for trap in TRAPS) >= 60


PARTS = [
    "[", "]", "(", ")", "![", "](", "<", ">", "`", "``", "```", "\n", "\n\n", "\\", " ", "a", "- ", "1. ", "> ", "    ",
    "\t", "|",
    "command:x", "https://e.example", "[a]: command:x", "<b>", "<!--", "[r]", "~~~\n", "```\n", "*", "_", "HTTP://e",
    "//evil.com",
    "a@b.co", "www.e.co", "evil.com", ".", "@", ":", "/", "&#91;", "&lt;", "&#x3a;", "$", "$$", "[^1]", "[^1]: x",
    "^[x](command:y)",
    "| a | b |\n|---|---|\n", "|--|--|\n", "[x](command:y)", "`[x](command:y)`", "# ", "---\n", "===\n", "\r", "\r\n",
    "\x0b", "\u2028",
    "\u202e", "\x1b]8;;http://e\x1b\\", "<a href=command:x>", "\n[a]:\n", "<command:x>", "![x][a]", "[[x]]", "mailto:a@b.co",
    "é。com",
    "```` x\n", "~~~~ ``` x\n", "- ```\n", "10) > - ~~~ a\n", "\\`", "\\\\", "\\[", "\\](", "` `", "`|`",
    "`a|[x](command:y)`", "xn--p1ai.com",
]  # fmt: skip


@settings(max_examples=scale_examples(1500), deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=16).map("".join), st.integers(1, 9))
def test_no_text_comes_to_life(text: str, size: int) -> None:
    assert list_active_tokens(sanitize(text, size)) == []


@settings(max_examples=scale_examples(300), deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60), st.integers(1, 9))
def test_no_characters_at_all_come_to_life(text: str, size: int) -> None:
    assert list_active_tokens(sanitize(text, size)) == []


@settings(max_examples=scale_examples(300), deadline=None)
@given(st.lists(st.sampled_from([*PARTS, "word ", "more words "]), max_size=20).map("".join))
@example("    \r[")
def test_it_does_not_matter_how_it_is_cut(text: str) -> None:
    assert sanitize(text, 1) == sanitize(text, 5) == sanitize(text, 10_000)


@settings(max_examples=scale_examples(300), deadline=None)
@given(st.lists(st.sampled_from(["x[0](y)", "<T>", " ", "a", "//b", "$HOME", "[[", "&amp;", "\\n", "|"]), min_size=1).map("".join))
def test_code_stays_as_it_is(text: str) -> None:
    code_in_block = text.strip() or "a"
    assert list_code(sanitize(f"```py\n{code_in_block}\n```\n")) == [f"{code_in_block}\n"]
    if "|" not in text and text.strip():
        assert list_code(sanitize(f"Say `{text.strip()}` and ``{text.strip()}``.")) == [text.strip()] * 2


def test_text_streams_while_it_is_written() -> None:
    sanitizer = MarkdownSanitizer()
    assert sanitizer.take("It takes a number and ") == "It takes a number and "
    assert sanitizer.take("`code` with ") == "`code` with "
    assert sanitizer.take("\n```py\nx = ") == "\n\n```py\nx = "


@pytest.mark.parametrize(
    "unit",
    [
        "word ",
        "word",
        "[",
        "](",
        "`",
        "`` ",
        "\\",
        "<a",
        "&#",
        "a.b",
        "[a](b",
        "| ",
        "\n",
        "```\n",
        "> ",
        "- ",
        "~~~",
        "x`y|",
        "(",
        "1. ",
    ],
)
def test_each_character_is_looked_at_a_bounded_number_of_times(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: the characters that are handed to each step, of a text that comes in pieces of four characters."""
    counted = 0

    def count(name: str) -> None:
        step = getattr(markdown_sanitizer, name)

        def counting(text: str, **more: bool) -> object:
            nonlocal counted
            counted += len(text)
            return step(text, **more)

        monkeypatch.setattr(markdown_sanitizer, name, counting)

    for name in ("_split", "_certain", "_token"):
        count(name)
    text = unit * (scale_examples(20_000) // len(unit))
    sanitize(text, 4)
    assert counted <= (2 + markdown_sanitizer.HELD / 4) * len(text)
