"""Nothing in an explanation can be clicked on, however it is cut into pieces; code in it stays as it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from interfix.commands.markdown_sanitizer import MarkdownSanitizer

MARKDOWN = MarkdownIt("commonmark")


def sanitize(text: str, size: int = 3) -> str:
    harmless = MarkdownSanitizer()
    pieces = [harmless.feed(text[i : i + size]) for i in range(0, len(text), size)]
    return "".join((*pieces, harmless.flush()))


def find_live_elements(text: str) -> list[str]:
    def kinds(tokens: list[Token] | None) -> list[str]:
        return [kind for token in tokens or [] for kind in (token.type, *kinds(token.children))]

    return [kind for kind in kinds(MARKDOWN.parse(text)) if kind in ("link_open", "image", "html_inline", "html_block")]


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It returns **1**.", "It returns **1**."),
        ("See [the docs](https://evil.example/x?y) now.", "See the docs now."),
        ("![a picture](https://evil.example/p.png)", "a picture"),
        ("[run me](command:workbench.action.terminal.new)", "run me"),
        ("[![alt](i.png)](https://evil.example)", "alt"),
        ("A <https://evil.example> link.", "A `https://evil.example` link."),
        ("Look at https://evil.example/a now.", "Look at `evil.example/a` now."),
        ("[text][ref]\n\n[ref]: command:evil\n", "text\n\n"),
        ("Takes `a[i](x)` and `[b](c)`.\n", "Takes `a[i](x)` and `[b](c)`.\n"),
        (
            "```python\na[i](x)  # https://example.org\n<b>\n```\nDone.\n",
            "```python\na[i](x)  # https://example.org\n<b>\n```\nDone.\n",
        ),
        ("The list [1, 2] and a < b.\n", "The list [1, 2] and a < b.\n"),
        ("An <img src=x onerror=y> here.\n", "An \\<img src=x onerror=y> here.\n"),
    ],
)
def test_what_could_be_clicked_on_is_taken_out(text: str, shown: str, size: int) -> None:
    assert sanitize(text, size) == shown
    assert find_live_elements(sanitize(text, size)) == []


def test_text_streams_while_it_is_written() -> None:
    harmless = MarkdownSanitizer()
    assert harmless.feed("It takes a number and ") == "It takes a number and "


PARTS = [
    "[", "]", "(", ")", "![", "](", "<", ">", "`", "``", "```", "\n", "\n\n", "\\", " ", "a", "- ", "1. ", "> ", "    ",
    "command:x", "https://e.example", "[a]: command:x", "<b>", "<!--", "[r]", "~~~\n", "```\n", "*", "_",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join), st.integers(1, 7))
def test_no_text_comes_to_life(text: str, size: int) -> None:
    assert find_live_elements(sanitize(text, size)) == []
