"""Secrets in a text, by their shape, by what they are assigned to, or by chance in every character. Knows no file."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from interfix.context.exclusion.assigned import assigned
from interfix.context.exclusion.values import placeholder, random, wordy


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of shapes.toml."""

    name: str
    """What it is."""
    has: tuple[str, ...]
    """One of these occurs in a text that holds one."""
    pattern: str
    """The first group is the secret; without a group all of it."""
    unless_placeholder: bool = False
    """The shape alone does not tell a secret from a placeholder."""
    unless_wordy: bool = False
    """Nor from words."""


class _Shapes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in shapes.toml."""

    shape: tuple[_Shape, ...]
    """In the order tried."""


_SHAPES = tuple(
    (shape, re.compile(shape.pattern, re.MULTILINE))
    for shape in msgspec.toml.decode(Path(__file__).with_name("shapes.toml").read_bytes(), type=_Shapes).shape
)
_LONG = re.compile(r"""(?P<quote>["'`])(?P<value>[A-Za-z0-9+/_=-]{24,128})(?P=quote)""")
_HARMLESS = re.compile(
    r"hash|digest|checksum|integrity|sha\d|md5|crc|fingerprint|sig(?:nature)?\b|etag|public|pub_?key|cert|image|png|icon|font|data|"
    r"payload|fixture|sample|expected|b(?:ase)?64|nonce|salt|\biv\b|uu?id|guid|commit|\brev|alphabet|charset|chars|encoded|url",
    re.IGNORECASE,
)
"""Names of things that look like chance and may be shown."""


def masked(text: str) -> tuple[str, int]:
    """The text with each secret in it replaced by as many x as it has UTF-8 bytes, line ends kept; and how many there were.

    Byte offsets and lines of the text stay what they were, so that a whole file can be masked before anything is cut out of it: a
    secret that lies across the cut is then masked as well.
    """
    spans = _merged(sorted({*_shaped(text), *assigned(text), *_random(text)}))
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += text[at:start], _blank(text[start:end])
        at = end
    return "".join((*pieces, text[at:])), len(spans)


def _shaped(text: str) -> Iterator[tuple[int, int]]:
    for shape, pattern in _SHAPES:
        if any(has in text for has in shape.has):
            for found in pattern.finditer(text):
                value = found[pattern.groups and 1]
                trivial = len(set(value)) < 6 or (shape.unless_placeholder and placeholder(value))
                if not trivial and not (shape.unless_wordy and (wordy(value) or placeholder(value))):
                    yield found.span(pattern.groups and 1)


def _random(text: str) -> Iterator[tuple[int, int]]:
    """Long strings that look like chance, and are not said to be something harmless."""
    for found in _LONG.finditer(text):
        line = text.rfind("\n", 0, found.start()) + 1
        if random(found["value"]) and not _HARMLESS.search(text, max(line, found.start() - 60), found.start()):
            yield found.span("value")


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _blank(secret: str) -> str:
    return "".join(each if each in "\r\n" else "x" * len(each.encode("utf-8", "surrogatepass")) for each in secret)
