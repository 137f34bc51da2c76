"""Finds secrets in a text: by their pattern, by the name they are assigned to, or because they look random."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from interfix.masking.assigned_secrets import find_in_assignments
from interfix.masking.call_argument_secrets import find_in_arguments
from interfix.masking.concatenated_strings import find_in_concatenations
from interfix.masking.name_value_pair_secrets import find_in_pairs
from interfix.masking.secret_heuristics import HARMLESS, looks_random
from interfix.masking.secret_patterns import find_by_pattern

_LONG = re.compile(r"""(?P<quote>["'`])(?P<value>[A-Za-z0-9+/_=-]{24,128})(?P=quote)""")
BLOCK_LINES = 32
"""Lines looked at together, so that typing has only its own block looked at again."""
OVERLAP_LINES = 8
"""Lines on both sides of a block that are looked at with it: a secret may be spread over some lines."""
_MANY_LINES = "PRIVATE KEY"
"""What only a secret of many lines holds: where it is found, the text is looked at as one."""
_MASKS = re.compile(r"x+[0-9]*")
"""What stands for a secret is none."""
_CACHED_CHARACTERS = 20_000
"""A longer block is not kept."""

SecretSpan = tuple[int, int]


def find_secrets(text: str) -> list[SecretSpan]:
    """Where the secrets are, in characters, in order and apart from each other."""
    if _MANY_LINES in text:
        return _search(text)
    ends = [0]
    while (at := text.find("\n", ends[-1])) >= 0:
        ends.append(at + 1)
    ends.append(len(text))
    spans: list[SecretSpan] = []
    for line in range(0, len(ends) - 1, BLOCK_LINES):
        start = ends[max(0, line - OVERLAP_LINES)]
        end = ends[min(len(ends) - 1, line + BLOCK_LINES + OVERLAP_LINES)]
        spans += [(start + first, start + last) for first, last in _search(text[start:end])]
    return merge_spans(spans)


def replace_spans(text: str, spans: Sequence[SecretSpan], replace: Callable[[str], str]) -> str:
    """The text with what stands at the spans replaced."""
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += text[at:start], replace(text[start:end])
        at = end
    return "".join((*pieces, text[at:]))


def blank_out(secret: str) -> str:
    """As many x as the secret has UTF-8 bytes, line ends kept."""
    return "".join(each if each in "\r\n" else "x" * count_bytes(each) for each in secret)


def blank_out_spans(text: str, spans: Sequence[SecretSpan]) -> str:
    """The text with the secrets at the spans, characters, blanked out; byte offsets and lines stay what they were."""
    return replace_spans(text, spans, blank_out) if spans else text


def count_bytes(text: str) -> int:
    """Its UTF-8 bytes, lone surrogates included."""
    return len(text.encode("utf-8", "surrogatepass"))


def merge_spans(spans: Iterable[SecretSpan]) -> list[SecretSpan]:
    """The spans in order, those that overlap as one."""
    merged: list[SecretSpan] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _search(text: str) -> list[SecretSpan]:
    return _find(text) if len(text) > _CACHED_CHARACTERS else _find_cached(text)


def _find(text: str) -> list[SecretSpan]:
    spans = {*_find_whole(text), *find_in_concatenations(text, _find_whole)}
    return merge_spans((start, end) for start, end in spans if any(map(str.isalnum, _MASKS.sub("", text[start:end]))))


def _find_whole(text: str) -> set[SecretSpan]:
    return {*find_by_pattern(text), *find_in_assignments(text), *find_in_pairs(text), *find_in_arguments(text), *_find_random(text)}


@lru_cache(maxsize=512)
def _find_cached(text: str) -> list[SecretSpan]:
    return _find(text)


def _find_random(text: str) -> Iterator[tuple[int, int]]:
    """Long strings that look like chance, and are not said to be something harmless."""
    for match in _LONG.finditer(text):
        line = text.rfind("\n", 0, match.start()) + 1
        if looks_random(match["value"]) and not HARMLESS.search(text, max(line, match.start() - 60), match.start()):
            yield match.span("value")
