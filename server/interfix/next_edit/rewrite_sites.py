"""Where a rewrite of the last edits would fit."""

from collections.abc import Iterator, Sequence

import msgspec

from interfix.next_edit.code_tokens import is_word, split_tokens
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.rewrites import Rewrite
from interfix.next_edit.token_changes import CONTEXT_TOKENS, EDGE, list_context

MAX_SITES = 120
"""Lines that are looked at for one rewrite."""
MAX_SURROUNDINGS = 6
"""Times a rewrite was made whose surroundings are compared, the newest."""
_TELLING_CHARACTERS = 2
"""So long a word tells by itself what is meant."""
_TELLING_TOKENS = 3
"""And so many tokens."""

ContextPattern = tuple[str | None, ...]
"""Tokens from a change outwards; None stands for any word."""


class Surroundings(msgspec.Struct, frozen=True):
    """What has to stand around a change."""

    left: ContextPattern
    """The nearest first."""
    right: ContextPattern
    """The nearest first."""
    before: str
    """The direct neighbour on the left, white space or not."""
    after: str
    """The direct neighbour on the right."""


class Match(msgspec.Struct, frozen=True):
    """One change that fits at one place of a line."""

    first: int
    """The first of the tokens it replaces."""
    end: int
    """Behind the last of them."""
    new: str
    """What is to stand there."""
    left: int
    """Tokens before it that are those of an occasion, `CONTEXT_TOKENS` at most."""
    right: int
    """Tokens after it, likewise."""
    touching: int
    """How many of its two direct neighbours are the same."""
    loose: int
    """Tokens of its surroundings that need only be some word."""


class Site(msgspec.Struct, frozen=True):
    """A line in which all changes of a rewrite fit."""

    line: int
    """Zero-based."""
    matches: tuple[Match, ...]
    """One for each change, from left to right."""


def find_sites(table: LineTable, rewrite: Rewrite, near: int) -> list[Site]:
    """The places of a rewrite, those nearest to the line `near` if there are too many; a line may have several."""
    surroundings = [_list_surroundings(rewrite, number) for number in range(len(rewrite.changes))]
    needles = _list_needles(rewrite, surroundings)
    is_rename = is_rename_of_words(rewrite)
    lines = sorted({line for needle in needles for line in (table.find_words if is_rename else table.find_lines)(needle)})
    if len(lines) > MAX_SITES:
        lines = sorted(sorted(lines, key=lambda line: abs(line - near))[:MAX_SITES])
    return [site for line in lines for site in _match_line(table, rewrite, surroundings, line)]


def _list_needles(rewrite: Rewrite, surroundings: Sequence[Sequence[Surroundings]]) -> set[str]:
    """Texts of which every line holds one in which the rewrite fits; none where nothing tells enough."""
    old = max((old for old, _ in rewrite.changes), key=len)
    if is_telling(old) or is_rename_of_words(rewrite):
        return {old}
    needles = (_find_telling(side) for each in surroundings[0] for side in (each.left, each.right))
    return {token for token in needles if token}


def is_telling(text: str) -> bool:
    """Whether a text says by itself what is meant."""
    tokens = [token for token in split_tokens(text) if not token.isspace()]
    return len(tokens) >= _TELLING_TOKENS or any(len(token) >= _TELLING_CHARACTERS for token in tokens)


def _find_telling(pattern: ContextPattern) -> str:
    return next((token for token in pattern if token is not None and len(token) >= _TELLING_CHARACTERS), "")


def _list_surroundings(rewrite: Rewrite, number: int) -> list[Surroundings]:
    """What stood around a change each time, and what all times have in common."""
    changes = [occasion.changes[number] for occasion in rewrite.occasions[:MAX_SURROUNDINGS]]
    distinct = list(dict.fromkeys(Surroundings(each.left, each.right, each.before, each.after) for each in changes))
    if len(distinct) > 1:
        left, right = _unify([each.left for each in distinct]), _unify([each.right for each in distinct])
        before, after = ({getattr(each, side) for each in distinct} for side in ("before", "after"))
        distinct.append(Surroundings(left, right, before.pop() if len(before) == 1 else "", after.pop() if len(after) == 1 else ""))
    return distinct


def _unify(patterns: Sequence[ContextPattern]) -> ContextPattern:
    """What several contexts have in common, from the nearest token on; words that differ may be any."""
    common: list[str | None] = []
    for tokens in zip(*patterns, strict=False):
        if len(set(tokens)) == 1:
            common.append(tokens[0])
        elif all(token is None or is_word(token) for token in tokens):
            common.append(None)
        else:
            break
    return tuple(common)


def _match_line(table: LineTable, rewrite: Rewrite, surroundings: Sequence[Sequence[Surroundings]], line: int) -> Iterator[Site]:
    _, tokens, _ = table.split_line(line)
    begin = 0
    while True:
        matches: list[Match] = []
        at = begin
        for number, (old, new) in enumerate(rewrite.changes):
            match = _match_change(tokens, (split_tokens(old), new), surroundings[number], at)
            if match is None:
                return
            matches.append(match)
            at = max(match.end, match.first)
        yield Site(line, tuple(matches))
        begin = max(matches[0].end, matches[0].first + 1)


def _match_change(
    tokens: Sequence[str], change: tuple[Sequence[str], str], surroundings: Sequence[Surroundings], begin: int
) -> Match | None:
    """The first place at which a change fits, which has been made with several surroundings."""
    old, new = change
    telling = is_telling("".join(old)) or (len(old) == 1 and is_word(old[0]) and is_word(new))
    befores, afters = ({getattr(each, side) for each in surroundings} for side in ("before", "after"))
    anywhere = telling or any(None in each.left[:1] + each.right[:1] for each in surroundings)
    for first in range(begin, len(tokens) - len(old) + 1):
        end = first + len(old)
        if old and tokens[first:end] != old:
            continue
        before, after = tokens[first - 1] if first else "", tokens[end] if end < len(tokens) else ""
        if not anywhere and before not in befores and after not in afters:
            continue
        left, right = list_context(reversed(tokens[:first])), list_context(tokens[end:])
        matches = [_compare(each, (before, after), left, right) for each in surroundings]
        fitting = [match for match, anchored in matches if telling or anchored]
        if fitting:
            best = max(fitting, key=lambda match: (match[0] + match[1] - match[3], match[2]))
            return Match(first, end, new, *best)
    return None


def _compare(
    around: Surroundings, neighbours: tuple[str, str], left: Sequence[str], right: Sequence[str]
) -> tuple[tuple[int, int, int, int], bool]:
    """How much of the surroundings is there, and whether they reach to a token that tells on a side that touches."""
    counts = _count_equal(around.left, left), _count_equal(around.right, right)
    touching = [around.before == neighbours[0], around.after == neighbours[1]]
    loose = sum(None in side[:count] for side, count in zip((around.left, around.right), counts, strict=True))
    anchored = False
    for side, count, touches in zip((around.left, around.right), counts, touching, strict=True):
        distance = next(
            (number for number, token in enumerate(side) if token and len(token) >= _TELLING_CHARACTERS), CONTEXT_TOKENS
        )
        anchored = anchored or (count > distance and (touches or None in side[:1]))
    if loose:
        # What any word may stand for needs all the rest.
        anchored = anchored and all(count >= len(side) for side, count in zip((around.left, around.right), counts, strict=True))
    return (*counts, sum(touching), loose), anchored


def _count_equal(pattern: ContextPattern, context: Sequence[str]) -> int:
    """How many tokens agree from the first on; a line's edge that agrees counts for all behind it."""
    count = 0
    for a, b in zip(pattern, context, strict=False):
        if a != b and not (a is None and is_word(b)):
            return count
        count += 1
        if a == EDGE:
            return CONTEXT_TOKENS
    return count


def is_rename_of_words(rewrite: Rewrite) -> bool:
    """Whether the rewrite is one word for another."""
    return len(rewrite.changes) == 1 and all(is_word(text) for text in rewrite.changes[0])
