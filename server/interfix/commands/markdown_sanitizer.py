"""Takes links, images, command URIs and HTML out of Markdown while it is written: a click must not lead where some code wants.

Code spans and fenced blocks stay as they are. What the patterns miss is caught by asking a CommonMark parser about all that was let
through so far, and escaped.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MAX_PENDING = 2000
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
_ACTIVE_TOKENS = {"link_open", "image", "html_inline", "html_block"}


class MarkdownSanitizer:
    """Text goes in as it is written and comes out as it may be shown."""

    def __init__(self) -> None:
        self._emitted = ""
        self._pending = ""
        self._fence = ""

    def feed(self, text: str) -> str:
        """What can be shown now; what may yet become a link is held back until it is clear."""
        self._pending += text
        shown = ""
        while "\n" in self._pending:
            line, _, rest = self._pending.partition("\n")
            if (
                not self._fence
                and _has_open_markup(line)
                and rest.strip()
                and len(self._pending) < _MAX_PENDING
                and "\n\n" not in self._pending
            ):
                break
            shown += self._process_line(f"{line}\n")
            self._pending = rest
        if self._fence:
            return shown
        cut = _settled_length(self._pending)
        if len(self._pending) - cut > _MAX_PENDING:
            cut = len(self._pending)
        if cut and not _FENCE.match(self._pending):
            shown += self._clean(self._pending[:cut])
            self._pending = self._pending[cut:]
        return shown

    def flush(self) -> str:
        """What is still held back, at the end."""
        held, self._pending = self._pending, ""
        return self._process_line(held) if held else ""

    def _process_line(self, line: str) -> str:
        fence = _FENCE.match(line)
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not line[fence.end() :].strip():
                self._fence = ""
            return self._emit(line)
        if fence:
            self._fence = fence[1]
            return self._emit(line)
        return self._clean(line)

    def _clean(self, text: str) -> str:
        before = None
        while before != text:
            before = text
            text = _LINKS.sub(_replace_link, text)
        text = _DEFINITION.sub("", text)
        return self._emit(_TAG.sub(lambda match: match["code"] or "\\<", text))

    def _emit(self, text: str) -> str:
        """The text if nothing in it comes to life behind what was let through before; else with all that could be escaped."""
        if any(_is_active(token) for token in _MARKDOWN.parse(self._emitted + text)):
            text = re.sub(r"([\[\]()<>:!])", r"\\\1", text)
        self._emitted += text
        return text


def _replace_link(match: re.Match[str]) -> str:
    if match["code"]:
        return match["code"]
    if match["label"] is not None:
        return match["label"]
    if match["auto"] is not None:
        return f"`{match['auto']}`"
    return f"`{match['bare']}`" if match["bare"] else match[0].rstrip(":/")


def _has_open_markup(line: str) -> bool:
    return _settled_length(line) < len(line)


def _settled_length(text: str) -> int:
    """How much of the text can be nothing else than it is, whatever follows."""
    at = 0
    while (match := _OPEN.search(text, at)) is not None:
        whole = _LINKS.match(text, match.start())
        if whole is None or whole.end() == len(text):
            return match.start()
        at = whole.end()
    return len(text)


def _is_active(token: Token) -> bool:
    return token.type in _ACTIVE_TOKENS or any(map(_is_active, token.children or ()))
