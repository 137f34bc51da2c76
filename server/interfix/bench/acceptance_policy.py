"""Which part of a suggestion a user accepts who already knows what they want to write."""

import re
from enum import StrEnum

import msgspec

MIN_WORD_CHARACTERS = 4
"""Fewer characters are typed as soon as they are taken."""

_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)")
_FIRST_LINE = re.compile(r"\s*[^\n]*")


class AcceptGranularity(StrEnum):
    """By which key."""

    WHOLE = "whole"
    LINE = "line"
    WORD = "word"


class AcceptedPart(msgspec.Struct, frozen=True):
    """What is taken of a suggestion."""

    granularity: AcceptGranularity
    """By which key."""
    text: str
    """The beginning of the suggestion that is taken."""
    key_count: int
    """Presses it takes."""


def choose_acceptance(suggestion: str, remaining_text: str) -> AcceptedPart | None:
    """All of it if that is what comes next, else its first line, else its first words; None where none of them is."""
    if matches_whole(suggestion, remaining_text):
        return AcceptedPart(AcceptGranularity.WHOLE, suggestion, 1)
    if first_line_matches(suggestion, remaining_text):
        return AcceptedPart(AcceptGranularity.LINE, _first_line(suggestion), 1)
    text, keys = "", 0
    for word in _WORD.finditer(suggestion):
        if not matches_whole(text + word[0], remaining_text):
            break
        text, keys = text + word[0], keys + 1
    return AcceptedPart(AcceptGranularity.WORD, text, keys) if len(text) >= MIN_WORD_CHARACTERS else None


def first_line_matches(suggestion: str, remaining_text: str) -> bool:
    """Whether the first line of a suggestion with anything on it is what comes next, to the end of the line."""
    return _first_line(suggestion) == _first_line(remaining_text)


def matches_whole(text: str, remaining_text: str) -> bool:
    """Whether all of a text with anything in it comes next, and does not end within a word."""
    is_within_word = text[-1:].isalnum() and remaining_text[len(text) : len(text) + 1].isalnum()
    return bool(text.strip()) and remaining_text.startswith(text) and not is_within_word


def _first_line(text: str) -> str:
    match = _FIRST_LINE.match(text)
    return match[0].rstrip() if match else ""
