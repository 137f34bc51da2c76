"""Lines that are like a changed one but for whole expressions, and what the same change makes of them.

`for i := 0; i < len(err); i++ {` became `for i := range len(err) {`: what stands for `len(err)` elsewhere may be any expression.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

import msgspec

from interfix.completion.unmatched_brackets import scan_brackets
from interfix.next_edit.code_tokens import find_offsets, get_shape, is_word, split_tokens
from interfix.next_edit.line_search_index import LineTable

MAX_EXPRESSIONS = 3
"""Expressions that may be others."""
MAX_LINES = 40
"""Lines that are compared."""
MAX_TOKENS = 120
"""Tokens of a line that is compared."""
MAX_WIDENED = 8
"""Tokens that are the same and still belong to an expression which is another."""
MIN_EQUAL_SHARE = 0.4
"""Share of the old line's tokens that are the same in one that is like it."""
_QUOTES = frozenset(['"', "'", "`"])
_LINKS = frozenset([".", ",", ":", ";", "=", "+", "-", "*", "/", "%", "&", "|", "<", ">", "?"])
"""What stands between expressions, and neither begins nor ends one."""


class ExpressionMatch(msgspec.Struct, frozen=True):
    """A line that is like the old one."""

    line: int
    """Zero-based."""
    text: str
    """What the same change makes of it, without indentation."""
    expressions: tuple[tuple[str, str], ...]
    """Expressions of the old line, and what stands for each here."""
    equal: float
    """The share of the old line's tokens that are the same, 0 to 1."""


Region = tuple[tuple[int, int], tuple[int, int]]
"""Tokens of the old line and those that stand in their place: the first of each, and the one behind the last."""


class LineTokens(msgspec.Struct, frozen=True):
    """The tokens of a text, a text between quotes being one; white space left out."""

    text: str
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    """Where each stands in the text, characters."""

    def slice_text(self, first: int, end: int) -> str:
        """What stands from one token to before another, with the white space between them."""
        return self.text[self.spans[first][0] : self.spans[end - 1][1]] if first < end else ""


def split_line_tokens(text: str) -> LineTokens:
    """The tokens of a text."""
    tokens = _join_quoted(split_tokens(text))
    placed = [(token, span) for token, span in zip(tokens, pairwise(find_offsets(tokens)), strict=True) if not token.isspace()]
    return LineTokens(text, tuple(token for token, _ in placed), tuple(span for _, span in placed))


def find_expression_matches(table: LineTable, old: LineTokens, new: LineTokens) -> Iterator[ExpressionMatch]:
    """The lines that are like an old one, in the order of the document. Both texts are without indentation."""
    anchor = _find_anchor(old, new)
    if not anchor or max(len(old.tokens), len(new.tokens)) > MAX_TOKENS:
        return
    for count, line in enumerate(table.find_words(anchor)):
        if count == MAX_LINES:
            return
        if (match := match_expressions(line, old, new, split_line_tokens(table.lines[line].strip()))) is not None:
            yield match


def match_expressions(line: int, old: LineTokens, new: LineTokens, here: LineTokens) -> ExpressionMatch | None:
    """What becomes of a line as the old one became the new; None where it is not like the old one, or the same but for words."""
    if not here.tokens or len(here.tokens) > MAX_TOKENS:
        return None
    regions = _align(old, here)
    if regions is None or not 0 < len(regions) <= MAX_EXPRESSIONS:
        return None
    equal = 1 - sum(end - first for (first, end), _ in regions) / len(old.tokens)
    pairs = [(old.tokens[slice(*one)], here.slice_text(*other)) for one, other in regions]
    if equal < MIN_EQUAL_SHARE or get_shape(old.text) == get_shape(here.text):
        return None
    unique = dict(pairs)
    if len(unique) < len(set(pairs)):
        return None  # what was one thing there is two here
    if any(len(_find_runs(old.tokens, one)) != sum(pair[0] == one for pair in pairs) for one in unique):
        return None  # it is the same elsewhere in the line, and stays there
    text = _put_in(new, unique)
    if text is None or text == here.text:
        return None
    expressions = tuple((old.slice_text(*one), here.slice_text(*other)) for one, other in regions)
    return ExpressionMatch(line, text, tuple(dict.fromkeys(expressions)), equal)


def _find_anchor(old: LineTokens, new: LineTokens) -> str:
    """A word that a like line must have: the longest of those that went, else the longest of all."""
    gone = Counter(old.tokens) - Counter(new.tokens)
    words = [each for each in gone if is_word(each)] or [each for each in old.tokens if is_word(each)]
    return max(words, key=len, default="")


def _align(old: LineTokens, here: LineTokens) -> list[Region] | None:
    """The tokens that differ, as ranges of whole expressions on either side; None where they are none."""
    regions: list[Region] = []
    for tag, first, end, here_first, here_end in SequenceMatcher(None, old.tokens, here.tokens, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if regions and not _are_expressions(old, here, regions[-1]):
            (first, _), (here_first, _) = regions.pop()
        least = regions[-1][0][1] if regions else 0
        regions.append(_widen(old, here, ((first, end), (here_first, here_end)), least))
    return regions if all(_are_expressions(old, here, each) for each in regions) else None


def _widen(old: LineTokens, here: LineTokens, region: Region, least: int) -> Region:
    """Tokens that were put behind an expression with it, `err.text` for `err`: not from before the old line's token `least`."""
    (first, end), (here_first, here_end) = region
    for back in range(MAX_WIDENED + 1):
        wider = ((first - back, end), (here_first - back, here_end))
        if first - back >= least and here_first >= back and _are_expressions(old, here, wider):
            return wider
    return region


def _are_expressions(old: LineTokens, here: LineTokens, region: Region) -> bool:
    return all(_is_expression(tokens.slice_text(*span)) for tokens, span in zip((old, here), region, strict=True))


def _is_expression(text: str) -> bool:
    """Whether a text may be an operand: its brackets and quotes are closed, and it is no list, no statement and no prose."""
    nesting, tokens = scan_brackets(text), _join_quoted(split_tokens(text))
    if not text or nesting.missing_closers or nesting.stray_closers or not any(map(_is_operand, tokens)):
        return False
    if tokens[0] in _LINKS or tokens[-1] in _LINKS:
        return False
    neighbours = zip(tokens, tokens[1:], tokens[2:], strict=False)
    if any(space.isspace() and is_word(one) and is_word(other) for one, space, other in neighbours):
        return False
    depth = 0
    for token in tokens:
        depth += (token in "([{") - (token in ")]}")
        if depth == 0 and token in (",", ";", "=", ":"):
            return False
    return True


def _is_operand(token: str) -> bool:
    return is_word(token) or token[0].isdigit() or token[0] in _QUOTES


def _join_quoted(tokens: Sequence[str]) -> list[str]:
    """Tokens of which each text between quotes is one; a quote that nothing closes stays a token."""
    joined: list[str] = []
    at = 0
    while at < len(tokens):
        end = _find_closing_quote(tokens, at) if tokens[at] in _QUOTES else at
        joined.append("".join(tokens[at : end + 1]))
        at = end + 1
    return joined


def _find_closing_quote(tokens: Sequence[str], at: int) -> int:
    """The token that closes the quote at `at`; that quote itself where nothing does."""
    end = at + 1
    while end < len(tokens) and tokens[end] != tokens[at]:
        end += 2 if tokens[end] == "\\" else 1
    return end if end < len(tokens) else at


def count_gone(old: LineTokens, new: LineTokens) -> int:
    """How many tokens a change took away."""
    return (Counter(old.tokens) - Counter(new.tokens)).total()


def _find_runs(tokens: Sequence[str], run: Sequence[str]) -> list[int]:
    """Where a run of tokens stands among others, without overlap."""
    starts: list[int] = []
    for at in range(len(tokens) - len(run) + 1):
        if tuple(tokens[at : at + len(run)]) == tuple(run) and (not starts or at >= starts[-1] + len(run)):
            starts.append(at)
    return starts


def _put_in(new: LineTokens, texts: Mapping[tuple[str, ...], str]) -> str | None:
    """The new line with other expressions; None where one of them does not stand in it in one piece."""
    places: list[tuple[int, int, str]] = []
    for run, text in texts.items():
        starts = _find_runs(new.tokens, run)
        if not starts:
            return None
        places += [(new.spans[at][0], new.spans[at + len(run) - 1][1], text) for at in starts]
    places.sort()
    if any(end > start for (_, end, _), (start, _, _) in pairwise(places)):
        return None
    made, at = [], 0
    for start, end, text in places:
        made += [new.text[at:start], text]
        at = end
    return "".join([*made, new.text[at:]])
