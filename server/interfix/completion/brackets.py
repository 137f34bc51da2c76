"""Brackets and quotes in a piece of text, whatever is around it. Reads no tree: a piece is rarely a sentence of its language."""

import re

import msgspec

PAIRS = {")": "(", "]": "[", "}": "{"}
CLOSERS = {opener: closer for closer, opener in PAIRS.items()}
_TRIPLE = ('"""', "'''")
_SAME_LINE = ('"', "'")


class Nesting(msgspec.Struct, frozen=True):
    """What a piece of text leaves open, and what it closes that it never opened."""

    opened: str
    """Opening brackets without their closing ones, outermost first."""
    closed: tuple[int, ...]
    """Positions, in characters, of closing brackets that nothing in the text opened."""
    quote: str
    """The delimiter of a string still open at the end; empty if there is none."""
    inside: frozenset[int]
    """Positions of line starts, the first excepted, that lie inside brackets or a string the text has opened."""
    comments: tuple[int, ...]
    """Positions at which line comments begin."""

    @property
    def closers(self) -> str:
        """What would close all that is open, a string included."""
        return self.quote + "".join(CLOSERS[opener] for opener in reversed(self.opened))


def nesting(text: str, comment: str = "", quote: str = "") -> Nesting:
    """Scan `text`, which begins inside a string if `quote` is that string's delimiter; `comment` begins a line comment."""
    opened: list[str] = []
    closed: list[int] = []
    inside: set[int] = set()
    comments: list[int] = []
    position = 0
    depths = dict.fromkeys(CLOSERS, 0)
    scanner = _scanner(comment)
    line_end = -1
    while match := scanner.search(text, position):
        token, position = match.group(), match.end()
        if token == "\n":
            quote = "" if quote in _SAME_LINE else quote
            if opened or quote:
                inside.add(position)
        elif quote:
            quote = "" if token == quote else quote
        elif token in _TRIPLE or token == "`":
            quote = token
        elif token in _SAME_LINE:
            line_end = _line_end(text, position) if line_end < position else line_end
            quote = token if _begins_string(text, position, line_end, token) else ""
        elif comment and token == comment:
            comments.append(match.start())
            position = _line_end(text, position)
        elif token in CLOSERS:
            opened.append(token)
            depths[token] += 1
        elif token in PAIRS:
            if depths[PAIRS[token]]:
                while (last := opened.pop()) != PAIRS[token]:
                    depths[last] -= 1
                depths[last] -= 1
            else:
                closed.append(match.start())
    return Nesting("".join(opened), tuple(closed), quote, frozenset(inside), tuple(comments))


def _scanner(comment: str) -> re.Pattern[str]:
    # A lone ' before a name is a lifetime or a label in Rust: it opens nothing. re keeps compiled patterns itself.
    tokens = r"\\.|(?<=[&<,+ ])'\w+(?=[ >,:)])|\"\"\"|'''|[\"'`()\[\]{}\n]"
    # A # within a word begins no comment: a length in a shell, a place in an address.
    before = r"(?<!\S)" if comment == "#" else ""
    return re.compile(rf"{before}{re.escape(comment)}|{tokens}" if comment else tokens)


def _begins_string(text: str, position: int, line_end: int, quote: str) -> bool:
    """An apostrophe in words is no string: one begins if it ends on its line, or the line itself has not ended yet."""
    return line_end == len(text) or text.find(quote, position, line_end) >= 0


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
