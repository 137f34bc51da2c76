"""Takes links, images, command URIs and HTML out of Markdown while it is written: a click must not lead where some code wants.

Code spans and fenced blocks stay as they are. What the patterns miss is caught by asking a CommonMark parser about all that was let
through so far, and escaped.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

_HELD = 2000
"""Characters that are held back at most until it is clear what they are."""

_CODE = r"(?P<code>(?P<tick>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=tick)(?!`))"
_LABEL = r"\[(?P<label>(?:\\.|[^\[\]\\])*)\]"
_LINKS = re.compile(
    rf"{_CODE}|!?{_LABEL}(?:\((?:\\.|[^()\\]|\([^()]*\))*\)|\[[^\[\]]*\])"
    r"|<(?P<auto>[A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\s]*|[^<>\s@]+@[^<>\s]+)>"
    r"|(?<![\w`])(?:https?|ftp|file|command|vscode|javascript|data):(?://)?(?P<bare>[^\s<>()\[\]`]*)",
    re.DOTALL,
)
_DEFINITION = re.compile(r"^[ \t>]*\[[^\]\n]+\]:.*$\n?", re.MULTILINE)
_TAG = re.compile(rf"{_CODE}|<(?=[A-Za-z/!?])", re.DOTALL)
_OPEN = re.compile(r"[\[<!`]|(?<![\w`])(?:https?|ftp|file|command|vscode|javascript|data)\b|(?<=\s)[a-z]+$|^[a-z]+$")
_FENCE = re.compile(r"^[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*(`{3,}|~{3,})")
_MARKDOWN = MarkdownIt("commonmark")
_LIVE = {"link_open", "image", "html_inline", "html_block"}


class Harmless:
    """Text goes in as it is written and comes out as it may be shown."""

    def __init__(self) -> None:
        self._out = ""
        self._held = ""
        self._fence = ""

    def take(self, text: str) -> str:
        """What can be shown now; what may yet become a link is held back until it is clear."""
        self._held += text
        shown = ""
        while "\n" in self._held:
            line, _, rest = self._held.partition("\n")
            if not self._fence and _unclosed(line) and rest.strip() and len(self._held) < _HELD and "\n\n" not in self._held:
                break
            shown += self._line(f"{line}\n")
            self._held = rest
        if self._fence:
            return shown
        cut = _certain(self._held)
        if len(self._held) - cut > _HELD:
            cut = len(self._held)
        if cut and not _FENCE.match(self._held):
            shown += self._clean(self._held[:cut])
            self._held = self._held[cut:]
        return shown

    def rest(self) -> str:
        """What is still held back, at the end."""
        held, self._held = self._held, ""
        return self._line(held) if held else ""

    def _line(self, line: str) -> str:
        fence = _FENCE.match(line)
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not line[fence.end() :].strip():
                self._fence = ""
            return self._let(line)
        if fence:
            self._fence = fence[1]
            return self._let(line)
        return self._clean(line)

    def _clean(self, text: str) -> str:
        before = None
        while before != text:
            before = text
            text = _LINKS.sub(_plain, text)
        text = _DEFINITION.sub("", text)
        return self._let(_TAG.sub(lambda match: match["code"] or "\\<", text))

    def _let(self, text: str) -> str:
        """The text if nothing in it comes to life behind what was let through before; else with all that could be escaped."""
        if any(_live(token) for token in _MARKDOWN.parse(self._out + text)):
            text = re.sub(r"([\[\]()<>:!])", r"\\\1", text)
        self._out += text
        return text


def _plain(match: re.Match[str]) -> str:
    if match["code"]:
        return match["code"]
    if match["label"] is not None:
        return match["label"]
    if match["auto"] is not None:
        return f"`{match['auto']}`"
    return f"`{match['bare']}`" if match["bare"] else match[0].rstrip(":/")


def _unclosed(line: str) -> bool:
    return _certain(line) < len(line)


def _certain(text: str) -> int:
    """How much of the text can be nothing else than it is, whatever follows."""
    at = 0
    while (match := _OPEN.search(text, at)) is not None:
        whole = _LINKS.match(text, match.start())
        if whole is None or whole.end() == len(text):
            return match.start()
        at = whole.end()
    return len(text)


def _live(token: Token) -> bool:
    return token.type in _LIVE or any(map(_live, token.children or ()))
