"""Masks the texts of a conversation so that the originals can be restored: each hidden value has a stand-in of its own."""

import re
from collections.abc import Iterable
from itertools import count

from interfix.errors import InterfixError
from interfix.masking.masked_text_type import MaskedText
from interfix.masking.secret_detection import count_bytes, find_secrets, merge_spans, replace_spans
from interfix.masking.secret_heuristics import is_mostly_words, is_placeholder

MIN_UNIQUE_CHARACTERS = 8
"""A value of so many characters that is no word is masked wherever it occurs; a shorter one only where its surroundings tell."""
MIN_LONG_CHARACTERS = 24
"""A value of so many characters is no word, whatever it is made of."""
_LEAST_RUN = 4
"""So many x in a row stand for something hidden, unless the code has them itself."""
_DIGITS = "0123456789"
_STAND_IN = re.compile(r"x{3,}[0-9]*")
_PARTS = re.compile(r"[^\r\n]+")


class MaskChangedError(InterfixError):
    """An answer changes a masked value, so that its original cannot be put back. The message is a clause about the answer."""


class Masker:
    """Masks the texts of one conversation, and puts the originals back into what the model answers.

    A stand-in has as many bytes as its value, x and then the value's number, so that byte offsets and lines stay what they were.
    Of a secret over several lines each line is a value. Values of fewer than five bytes have x only.
    """

    def __init__(self, *documents: str) -> None:
        """Secrets of the `documents` are hidden in every text, also where only a part of one is left of its surroundings."""
        self._stand_ins: dict[str, str] = {}
        self._originals: dict[str, str | None] = {}
        self._numbers: dict[str, str] = {}
        self._lines: dict[str, str | None] = {}
        self._seen: set[str] = set()
        self._taken: set[str] = set()
        self._tokens: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self._stale = False
        for document in documents:
            self.learn(document)

    def learn(self, document: str) -> None:
        """The secrets of a whole document are hidden from now on, however a text cuts it."""
        self._seen.update(_STAND_IN.findall(document))
        self._taken.update(token.lstrip("x") for token in self._seen)
        self._note_lines(document, document)
        self.mask(document)

    def mask(self, text: str) -> MaskedText:
        """The text with its secrets replaced; byte offsets and lines stay what they were."""
        spans = merge_spans([*find_secrets(text), *self._find_known_values(text)])
        if not spans:
            return MaskedText(text)
        masked = replace_spans(text, spans, lambda secret: _PARTS.sub(lambda part: self._get_stand_in(part[0]), secret))
        self._note_lines(text, masked)
        self._tokens.update(_STAND_IN.findall(masked))
        return MaskedText(masked)

    @property
    def has_stand_ins(self) -> bool:
        """Whether anything was hidden so far."""
        return bool(self._stand_ins)

    def restore(self, answer: str) -> str:
        """The answer with each stand-in replaced by its value.

        Raises `MaskChangedError` for something like a stand-in that is none: a model that changes one would change a secret.
        """
        if not self._stand_ins:
            return answer
        lines = [self._restore_line(line) for line in answer.splitlines(keepends=True)]
        return "".join(lines)

    def count_changes(self, before: str, after: str) -> tuple[int, int]:
        """How many hidden values of the one text are missing from the other, and how many occur more often there."""
        counts = [(before.count(value), after.count(value)) for value in self._stand_ins]
        return sum(now < was and not now for was, now in counts), sum(now > was for was, now in counts)

    def _find_known_values(self, text: str) -> Iterable[tuple[int, int]]:
        if self._stale:
            unique = sorted(filter(_is_unique, self._stand_ins), key=len, reverse=True)
            self._known = re.compile("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in unique)) if unique else None
            self._stale = False
        return (match.span() for match in self._known.finditer(text)) if self._known is not None else ()

    def _get_stand_in(self, value: str) -> str:
        if value not in self._stand_ins:
            self._stand_ins[value] = made = self._make_stand_in(value)
            self._originals[made] = value if made not in self._originals and made not in self._seen else None
            self._stale = True
        return self._stand_ins[value]

    def _make_stand_in(self, value: str) -> str:
        size = count_bytes(value)
        number = next(n for n in map(str, count(1)) if n not in self._numbers and n not in self._taken)
        if size < len(number) + _LEAST_RUN:
            return "x" * size
        self._numbers[number] = value
        return "x" * (size - len(number)) + number

    def _note_lines(self, text: str, masked: str) -> None:
        """Remember the original of each line with stand-ins, or what looks so, for when it comes back as it was."""
        for was, now in zip(text.split("\n"), masked.split("\n"), strict=True):
            if was != now or _STAND_IN.search(now):
                was, now = was.strip(), now.strip()
                self._lines[now] = was if self._lines.get(now, was) == was else None

    def _restore_line(self, line: str) -> str:
        bare = line.strip()
        original = self._lines.get(bare)
        return _STAND_IN.sub(self._restore_stand_in, line) if original is None else line.replace(bare, original, 1)

    def _restore_stand_in(self, match: re.Match[str]) -> str:
        token = match[0]
        for size in range(len(token), 2, -1):  # a digit of the code may follow
            for start in range(len(token.rstrip(_DIGITS)) - 2 if token in self._tokens else 1):  # an x of the code may stand before
                if (value := self._originals.get(token[start:size])) is not None:
                    return token[:start] + value + token[size:]
        run = token.rstrip(_DIGITS)
        value = self._numbers.get(token[len(run) :])
        if value is not None and len(run) >= _LEAST_RUN and token not in self._seen:
            return value  # a model does not count well
        if token in self._originals or (len(run) >= _LEAST_RUN and token not in self._seen):
            raise MaskChangedError("it changes a value that was masked, so that the original cannot be put back")
        return token


def _is_unique(value: str) -> bool:
    """Whether a value stands for itself wherever it occurs."""
    telling = len(value) >= MIN_LONG_CHARACTERS or not is_mostly_words(value) or any(map(str.isdigit, value))
    return len(value) >= MIN_UNIQUE_CHARACTERS and telling and not is_placeholder(value)
