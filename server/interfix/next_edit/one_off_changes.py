"""Changes that, made once, say nothing of other places: another value, another condition, another word of a sentence."""

import re
from collections.abc import Sequence

from rapidfuzz.distance import OSA

from interfix.next_edit.token_changes import TokenChange
from interfix.syntax.languages import Language
from interfix.syntax.name_place import TextKind

MAX_VALUE_CHARACTERS = 3
"""A number of so many characters, or one with a point, stands in many places for different things."""
MAX_TYPO_DISTANCE = 2
"""A word of a sentence that differs by so many letters was mistyped, and may be so elsewhere."""
_VALUE_WORDS = frozenset(["True", "False", "true", "false", "None", "null", "nil", "undefined", "TRUE", "FALSE", "NULL"])
_OPERATORS = frozenset(
    ["<", ">", "<=", ">=", "==", "!=", "===", "!==", "+", "-", "/", "%", "!", "not", "and", "or", "&&", "||", "&.", "?.", ".", ""]
)
_STRICTER = ({"==", "==="}, {"!=", "!=="})
"""How the same is compared in another way, which is a matter of style."""
_STYLES = "css"
_QUOTES = frozenset(['"', "'", "`"])
_LINKED = re.compile(r"^(?:&&|\|\||and\b|or\b)|(?:&&|\|\||\band|\bor)$")
_MARK = re.compile(r"[<>=!&|?.+/%-]")
_PROSE = re.compile(r"[^\W\d_][a-z]*")
_BEFORE_PROSE, _AFTER_PROSE = re.compile(r"[\s\"'`(]*"), re.compile(r"[\s\"'`),.;:!?]*")


def is_local_change(changes: Sequence[TokenChange], kind: TextKind, language: Language | None) -> bool:
    """Whether all that an edit changed, in a text of this kind, is its own place's matter."""
    if language is not None and language.id == _STYLES and all(_is_style_value(each) for each in changes):
        return bool(changes)
    return bool(changes) and all(
        _is_value(each) or _is_text(each) or _is_condition(each) or _is_part_of_condition(each) or _is_reworded(each, kind)
        for each in changes
    )


def _is_style_value(change: TokenChange) -> bool:
    """Whether what changed in a style sheet is the value of a property, and no name of its own."""
    signs = [each for each in change.left if each in (":", "{", ";", "(")]
    return bool(signs) and signs[0] == ":" and change.before != "-"


def _is_value(change: TokenChange) -> bool:
    return _is_plain_value(change.old) and _is_plain_value(change.new)


def _is_plain_value(text: str) -> bool:
    is_number = re.fullmatch(r"-?\d[\d.]*", text) is not None and (len(text) <= MAX_VALUE_CHARACTERS or "." in text)
    return is_number or text in _VALUE_WORDS


def _is_text(change: TokenChange) -> bool:
    """Whether all of a text between quotes gave way to another; where both are words, it may be the key of something."""
    is_whole = change.before == change.after and change.after in _QUOTES and bool(change.old and change.new)
    return is_whole and not change.is_rename


def _is_part_of_condition(change: TokenChange) -> bool:
    """Whether a condition became narrower or wider at one of its ends."""
    part = change.old.strip() or change.new.strip()
    return not (change.old.strip() and change.new.strip()) and _LINKED.search(part) is not None


def _is_condition(change: TokenChange) -> bool:
    """Whether an operator gave way to another, or a negation came or went."""
    before, after = (mark if _MARK.fullmatch(mark) else "" for mark in (change.before, change.after))
    old, new = (before + text.strip() + after for text in (change.old, change.new))
    return old != new and {old, new} <= _OPERATORS and {old, new} not in _STRICTER and {old, new} != {"", "."}


def _is_reworded(change: TokenChange, kind: TextKind) -> bool:
    if kind is TextKind.CODE or not (_PROSE.fullmatch(change.old) and _PROSE.fullmatch(change.new)):
        return False
    if not (_BEFORE_PROSE.fullmatch(change.before) and _AFTER_PROSE.fullmatch(change.after)):
        return False
    return OSA.distance(change.old, change.new) > MAX_TYPO_DISTANCE
