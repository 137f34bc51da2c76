"""Brackets and quotes in a piece of text, whatever is around it. Reads no tree: a piece is rarely a sentence of its language."""

import re

import msgspec

OPENERS = {")": "(", "]": "[", "}": "{"}
CLOSERS = {opener: closer for closer, opener in OPENERS.items()}
_TRIPLE = ('"""', "'''")
_SAME_LINE = ('"', "'")


class UnmatchedBrackets(msgspec.Struct, frozen=True):
    """What a piece of text leaves open, and what it closes that it never opened."""

    open_brackets: str
    """Opening brackets without their closing ones, outermost first."""
    stray_closers: tuple[int, ...]
    """Positions, in characters, of closing brackets that nothing in the text opened."""
    open_quote: str
    """The delimiter of a string still open at the end; empty if there is none."""
    nested_line_starts: frozenset[int]
    """Positions of line starts, the first excepted, that lie inside brackets or a string the text has opened."""
    comment_starts: tuple[int, ...]
    """Positions at which line comments begin."""

    @property
    def missing_closers(self) -> str:
        """What would close all that is open, a string included."""
        return self.open_quote + "".join(CLOSERS[opener] for opener in reversed(self.open_brackets))


def scan_brackets(text: str, comment_marker: str = "", open_quote: str = "") -> UnmatchedBrackets:
    """Scan `text`, which begins inside a string if `open_quote` is that string's delimiter; `comment_marker` begins a line
    comment."""
    opened: list[str] = []
    closed: list[int] = []
    inside: set[int] = set()
    comments: list[int] = []
    position = 0
    depths = dict.fromkeys(CLOSERS, 0)
    scanner = _compile_scanner(comment_marker)
    line_end = -1
    while match := scanner.search(text, position):
        token, position = match.group(), match.end()
        if token == "\n":
            open_quote = "" if open_quote in _SAME_LINE else open_quote
            if opened or open_quote:
                inside.add(position)
        elif open_quote:
            open_quote = "" if token == open_quote else open_quote
        elif token in _TRIPLE or token == "`":
            open_quote = token
        elif token in _SAME_LINE:
            line_end = _find_line_end(text, position) if line_end < position else line_end
            open_quote = token if _begins_string(text, position, line_end, token) else ""
        elif comment_marker and token == comment_marker:
            comments.append(match.start())
            position = _find_line_end(text, position)
        elif token in CLOSERS:
            opened.append(token)
            depths[token] += 1
        elif token in OPENERS:
            if depths[OPENERS[token]]:
                while (last := opened.pop()) != OPENERS[token]:
                    depths[last] -= 1
                depths[last] -= 1
            else:
                closed.append(match.start())
    return UnmatchedBrackets("".join(opened), tuple(closed), open_quote, frozenset(inside), tuple(comments))


def _compile_scanner(comment_marker: str) -> re.Pattern[str]:
    # A lone ' before a name is a lifetime or a label in Rust: it opens nothing. re keeps compiled patterns itself.
    tokens = r"\\.|(?<=[&<,+ ])'\w+(?=[ >,:)])|\"\"\"|'''|[\"'`()\[\]{}\n]"
    # A # within a word begins no comment: a length in a shell, a place in an address.
    before = r"(?<!\S)" if comment_marker == "#" else ""
    return re.compile(rf"{before}{re.escape(comment_marker)}|{tokens}" if comment_marker else tokens)


def _begins_string(text: str, position: int, line_end: int, quote: str) -> bool:
    """An apostrophe in words is no string: one begins if it ends on its line, or the line itself has not ended yet."""
    return line_end == len(text) or text.find(quote, position, line_end) >= 0


def _find_line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
