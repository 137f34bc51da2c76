"""What somebody who knows what they want to write takes of a suggestion. Knows no editor and no model."""

import re
from enum import StrEnum

import msgspec

LEAST_BY_WORD = 4
"""Fewer characters are typed as soon as they are taken."""

_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)")
_FIRST_LINE = re.compile(r"\s*[^\n]*")


class How(StrEnum):
    """By which key."""

    WHOLE = "whole"
    LINE = "line"
    WORD = "word"


class Take(msgspec.Struct, frozen=True):
    """What is taken of a suggestion."""

    how: How
    """By which key."""
    text: str
    """The beginning of the suggestion that is taken."""
    keys: int
    """Presses it takes."""


def take(suggestion: str, rest: str) -> Take | None:
    """All of it if that is what comes next, else its first line, else its first words; None where none of them is."""
    if _next(suggestion, rest):
        return Take(How.WHOLE, suggestion, 1)
    if first_line_right(suggestion, rest):
        return Take(How.LINE, _first_line(suggestion), 1)
    text, keys = "", 0
    for word in _WORD.finditer(suggestion):
        if not _next(text + word[0], rest):
            break
        text, keys = text + word[0], keys + 1
    return Take(How.WORD, text, keys) if len(text) >= LEAST_BY_WORD else None


def first_line_right(suggestion: str, rest: str) -> bool:
    """Whether the first line of a suggestion with anything on it is what comes next, to the end of the line."""
    return _first_line(suggestion) == _first_line(rest)


def _first_line(text: str) -> str:
    found = _FIRST_LINE.match(text)
    return found[0].rstrip() if found else ""


def _next(text: str, rest: str) -> bool:
    """Whether a text comes next and does not end within a word."""
    return bool(text.strip()) and rest.startswith(text) and not (text[-1:].isalnum() and rest[len(text) : len(text) + 1].isalnum())
