"""Patterns of an ignore file, as git matches them byte for byte (gitignore(5); dir.c and wildmatch.c of git 2.39).

Each is matched in time linear in the path, whatever stars it has: patterns with many run as a nondeterministic automaton whose
states are the bits of one number.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from interfix.context.exclusion.glob_brackets import ANY_BYTE, parse_byte_class

_SPECIAL = re.compile(rb"[*?\[\\]")
_MAX_REGEX_STARS = 2
"""With no more stars a regular expression is quick enough: beyond, trying all of their lengths takes too long."""
_SKIPPED_STEPS = 3
"""Steps from an optional `**/` to what follows it: itself, the stars and the slash."""
_SLASH = ord("/")
_BUT_SLASH = ANY_BYTE & ~(1 << _SLASH)


class _Step(msgspec.Struct, frozen=True):
    """One step of a pattern."""

    bytes: int
    """The bytes that it takes, as bits."""
    repeats: bool = False
    """Whether it takes any number of them."""
    optional: int = 0
    """It takes nothing; so many steps behind it may be left out together."""


class IgnorePattern(msgspec.Struct, frozen=True):
    """One line of an ignore file."""

    text: bytes
    """Without its `!`, its last slash and what git cuts off."""
    negative: bool
    """It shows again what another takes out."""
    folders_only: bool
    """It holds for folders."""
    anywhere: bool
    """It has no slash, and holds for names at every depth."""
    literal: bytes
    """What stands before its first special character."""
    ending: bytes | None
    """What a name ends with, where that is all it asks."""
    rest: "re.Pattern[bytes] | _Automaton"
    """What matches what follows the literal part."""

    def matches(self, path: bytes, name: bytes, *, folder: bool) -> bool:
        """Whether it is about a path, relative to its file's folder; `name` is its last part."""
        if self.folders_only and not folder:
            return False
        subject = name if self.anywhere else path
        if self.ending is not None:
            return subject.endswith(self.ending)
        if not subject.startswith(self.literal):
            return False
        if len(self.literal) == len(self.text):
            return len(subject) == len(self.literal)
        return bool(self.rest.fullmatch(subject[len(self.literal) :]))


def read_patterns(data: bytes, *, ignores_case: bool = False) -> tuple[IgnorePattern, ...]:
    """The patterns of an ignore file, the last first, for it counts; with `ignores_case` they are for paths in small letters."""
    patterns = []
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if line and not line.startswith(b"#"):
            text = _strip_trailing_spaces(line.removesuffix(b"\r").partition(b"\0")[0])
            if text.removeprefix(b"!").removesuffix(b"/"):
                patterns.append(_parse_pattern(text, ignores_case))
    return tuple(reversed(patterns))


def match_path(patterns: Sequence[IgnorePattern], path: bytes, *, folder: bool) -> bool | None:
    """Whether a path is ignored (True) or shown again (False) by the patterns; None where none is about it."""
    name = path.rpartition(b"/")[2]
    for pattern in patterns:
        if pattern.matches(path, name, folder=folder):
            return not pattern.negative
    return None


def match_path_or_parent(patterns: Sequence[IgnorePattern], path: bytes, *, folder: bool) -> bool | None:
    """The same for patterns that are no ignore file's: the first that is about the path or a folder above it decides."""
    parts = path.split(b"/")
    above = [b"/".join(parts[:depth]) for depth in range(1, len(parts))]
    places = [*((each, True) for each in above), (path, folder)]
    for pattern in patterns:
        if any(pattern.matches(each, each.rpartition(b"/")[2], folder=is_folder) for each, is_folder in places):
            return not pattern.negative
    return None


def _strip_trailing_spaces(line: bytes) -> bytes:
    """A space stays where a backslash stands before it."""
    end: int | None = None
    at = 0
    while at < len(line):
        if line[at] == ord(" "):
            end = at if end is None else end
        else:
            end = None
            if line[at] == ord("\\"):
                at += 1
        at += 1
    return line[:end]


def _parse_pattern(line: bytes, ignores_case: bool) -> IgnorePattern:
    negative, line = line.startswith(b"!"), line.removeprefix(b"!")
    folders_only = line.endswith(b"/")
    text = line.removesuffix(b"/")
    anywhere = b"/" not in text
    ends = line.startswith(b"*") and not _SPECIAL.search(line, 1)
    text = text.removeprefix(b"/") if not anywhere else text
    special = _SPECIAL.search(text)
    literal = text[: special.start()] if special else text
    ending = text[1:] if anywhere and ends else None
    steps = _parse_steps(text[len(literal) :], pathname=not anywhere, ignores_case=ignores_case)
    if ignores_case:  # letters of ASCII only, as git folds them
        literal, ending = literal.lower(), None if ending is None else ending.lower()
    few = sum(step.repeats for step in steps) <= _MAX_REGEX_STARS
    rest = re.compile(_format_regex(steps), re.DOTALL) if few else _Automaton(steps)
    return IgnorePattern(text, negative, folders_only, anywhere, literal, ending, rest)


def _parse_steps(text: bytes, *, pathname: bool, ignores_case: bool) -> list[_Step]:
    """The steps of a pattern; with `pathname` a star takes no slash.

    Where case is ignored, git makes the path's letters small and, of the pattern's, only those that stand neither behind a
    backslash nor in a class.
    """
    steps: list[_Step] = []
    at = 0
    one = _BUT_SLASH if pathname else ANY_BYTE
    while at < len(text):
        byte = text[at : at + 1]
        if byte == b"*":
            start = at
            while text[at : at + 1] == b"*":
                at += 1
            after = text[at : at + 2]
            alone = (start == 0 or text[start - 1 : start] == b"/") and (after[:1] in (b"", b"/") or after == b"\\/")
            if at - start > 1 and pathname and alone:
                # `**/` may stand for nothing at all, its slash included.
                steps += [_Step(0, optional=2)] if after[:1] == b"/" else []
                steps.append(_Step(ANY_BYTE, repeats=True))
            else:
                steps.append(_Step(one, repeats=True))
        elif byte == b"?":
            steps.append(_Step(one))
            at += 1
        elif byte == b"[":
            taken, at = parse_byte_class(text, at + 1, ignores_case)
            steps.append(_Step(taken & one))
        elif byte == b"\\":
            steps.append(_Step(1 << text[at + 1] if at + 1 < len(text) else 0))
            at += 2
        else:
            steps.append(_Step(1 << (byte.lower() if ignores_case else byte)[0]))
            at += 1
    return steps


def _format_regex(steps: Sequence[_Step]) -> bytes:
    """The steps as a regular expression."""
    parts: list[bytes] = []
    ends: set[int] = set()
    for at, step in enumerate(steps):
        if step.optional:
            parts.append(b"(?:")
            ends.add(at + step.optional)
        else:
            parts.append(_format_byte_set(step.bytes) + (b"*" if step.repeats else b"") + (b")?" if at in ends else b""))
    return b"".join(parts)


@lru_cache(maxsize=1024)
def _format_byte_set(taken: int) -> bytes:
    if taken == ANY_BYTE:
        return b"."
    if taken == _BUT_SLASH:
        return b"[^/]"
    listed = [b"\\x%02x" % byte for byte in range(256) if taken >> byte & 1]
    return b"[" + b"".join(listed) + b"]" if listed else b"(?!)"


class _Automaton:
    """Matches steps by being at all of them at once: bit n of a state stands for being at step n."""

    def __init__(self, steps: Sequence[_Step]) -> None:
        self._end = len(steps)
        self._least = sum(not step.repeats and not step.optional for step in steps)
        self._least -= sum(step.optional > 0 for step in steps)
        self._takes = [0] * 256
        self._repeats = self._optional = 0
        for at, step in enumerate(steps):
            self._repeats |= step.repeats << at
            self._optional |= (step.optional > 0) << at
            for byte in range(256):
                self._takes[byte] |= (step.bytes >> byte & 1) << at

    def fullmatch(self, text: bytes) -> bool:
        """Whether the steps take all of a text."""
        if len(text) < self._least:
            return False
        state = self._expand_state(1)
        for byte in text:
            taken = state & self._takes[byte]
            state = self._expand_state((taken & self._repeats) | (taken & ~self._repeats) << 1)
            if not state:
                return False
        return bool(state >> self._end & 1)

    def _expand_state(self, state: int) -> int:
        """The state with all that can be reached without taking a byte."""
        while True:
            optional = state & self._optional
            further = state | (state & self._repeats) << 1 | optional << 1 | optional << _SKIPPED_STEPS
            if further == state:
                return state
            state = further
