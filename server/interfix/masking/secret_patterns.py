"""Secrets by their pattern: our own patterns in patterns.toml, those of a scanner for many services in scanner.toml.

The files are read and their patterns compiled when they are first needed: most processes mask nothing.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from pathlib import Path

import msgspec

from interfix.masking.secret_heuristics import compute_entropy, is_mostly_words, is_placeholder

_JOIN = r"""[ \t\w.-]{0,20}[\s'"]{0,3}(?:=>|:{1,3}=|\|\|=?|\?=|[=>:,(])[`'"\s=]{0,5}"""
"""Between the name of a service and its secret."""
_LONG_WORD = re.compile(r"[A-Za-z0-9_=-]{14,}")
"""A scanner's secrets have such a word, with a digit in it."""
_AFTER = r"""(?=[`'"\s;,)<]|\\[nr]|\Z)"""


class SecretPattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """One entry. The first group of the pattern is the secret; without one all of it is."""

    name: str
    """What it is."""
    has: tuple[str, ...]
    """One of these occurs, in small letters, in a text that holds one."""
    pattern: str = ""
    """What it looks like."""
    names: str = ""
    """What it is assigned to, in place of `pattern`."""
    value: str = ""
    """What it looks like then."""
    entropy: float = 0.0
    """Least bits a character."""
    group: int = 0
    """The group of a pattern that is the secret, where it is not the first."""
    unless_placeholder: bool = False
    """The pattern alone does not tell a secret from a placeholder."""
    unless_wordy: bool = False
    """Nor from words."""

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, compiled; its group `secret`, or its first, is the secret."""
        if self.names:
            return re.compile(rf"(?:(?i:{self.names})){_JOIN}(?P<secret>{self.value}){_AFTER}")
        return re.compile(self.pattern, re.MULTILINE)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """The places of secrets of this pattern."""
        group: int | str = "secret" if self.names else self.group or min(self.regex.groups, 1)
        for match in self.regex.finditer(text):
            value = match[group]
            if value and not self._is_harmless(value):
                yield match.span(group)

    def _is_harmless(self, value: str) -> bool:
        if self.names and (not any(map(str.isdigit, value)) or is_mostly_words(value) or is_placeholder(value)):
            return True
        return (
            len(set(value)) < 5
            or (self.entropy > 0 and compute_entropy(value) < self.entropy)
            or (self.unless_placeholder and is_placeholder(value))
            or (self.unless_wordy and (is_mostly_words(value) or is_placeholder(value)))
        )


class _OwnPatterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in patterns.toml."""

    pattern: tuple[SecretPattern, ...]


class _ScannerPatterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in scanner.toml."""

    pattern: tuple[SecretPattern, ...]
    named: tuple[SecretPattern, ...]


@cache
def load_own_patterns() -> tuple[SecretPattern, ...]:
    """Our own entries."""
    return msgspec.toml.decode(Path(__file__).with_name("patterns.toml").read_bytes(), type=_OwnPatterns).pattern


@cache
def load_scanner_patterns() -> tuple[SecretPattern, ...]:
    """Those of a scanner."""
    scanner = msgspec.toml.decode(Path(__file__).with_name("scanner.toml").read_bytes(), type=_ScannerPatterns)
    return (*scanner.pattern, *scanner.named)


def find_by_pattern(text: str) -> Iterator[tuple[int, int]]:
    """The places of secrets by their pattern."""
    lower = text.lower()
    possible = any(any(map(str.isdigit, word)) for word in _LONG_WORD.findall(text))
    scanner_entries = _load_by_hint(load_scanner_patterns) if possible else {}
    hints = (_load_by_hint(load_own_patterns), scanner_entries)
    hinted = {id(entry): entry for by_hint in hints for hint in by_hint if hint in lower for entry in by_hint[hint]}
    for entry in hinted.values():
        yield from entry.find(text)


@cache
def _load_by_hint(load: Callable[[], tuple[SecretPattern, ...]]) -> dict[str, list[SecretPattern]]:
    """The entries by each text of which one occurs where they may be: it is looked for once for all of them."""
    patterns_by_hint: dict[str, list[SecretPattern]] = {}
    for entry in load():
        for hint in entry.has:
            patterns_by_hint.setdefault(hint, []).append(entry)
    return patterns_by_hint
