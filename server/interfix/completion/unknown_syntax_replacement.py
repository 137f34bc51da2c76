"""What a grammar does not know and people write all the same, replaced by what it does: a template's tags, macros, magics."""

import re

from interfix.completion.filled_document import FilledDocument
from interfix.syntax.languages import Language
from interfix.syntax.positions import align_to_character
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import decode_text

_STRING = re.compile(r"\"[^\"\n\\]*\"|'[^'\n\\]*'")
_TEMPLATE = {r"(?s)\{%.*?%\}": " ", r"\{\{[-\s]*(?:cookiecutter|copier|project)\b[^{}\n]*\}\}": "x"}
"""Tags in a file of which another one is made, in a language whose own files have none, and what may stand there for a parse."""


def replace_unknown(text: str, language: Language | None) -> str:
    """A text with what the grammar knows in place of what it does not."""
    patterns = {**language.foreign, **({} if language.tags else _TEMPLATE)} if language else {}
    for pattern, replacement in patterns.items():
        text = re.sub(pattern, replacement, text)
    return text


def begins_tag(text: str, language: Language | None) -> bool:
    """Whether a text ends in the tag of a template."""
    return any(text.rfind(begin) > text.rfind(end) for begin, end in (language.tags if language else {}).items())


class KnownFile:
    """A file with what the grammar knows in place of what it does not, and a hole in it."""

    def __init__(self, snapshot: Snapshot, offset: int, window: int) -> None:
        """The hole is at the byte `offset`; so many bytes of a `window` on both sides are looked at."""
        data = snapshot.data
        spans = snapshot.spans or ((0, len(data)),)
        first, last = next((span for span in spans if span[0] <= offset <= span[1]), (offset, offset))
        first = max(first, align_to_character(data, max(0, offset - window)))
        last = min(last, align_to_character(data, min(len(data), offset + window)))
        line = snapshot.lines.find_line(offset)
        start, end = max(first, snapshot.lines.find_start(line)), min(last, snapshot.lines.find_end(data, line))
        self._language = snapshot.language
        self._line = _decode_lines(data[start:offset]), _decode_lines(data[offset:end])
        before, after = _decode_lines(data[first:start]), _decode_lines(data[end:last])
        replaced_before = replace_unknown(before, self._language)
        self._is_changed = (replaced_before, replace_unknown(after, self._language)) != (before, after)
        file = snapshot.replace_range(start, last, replace_unknown(after, self._language))
        self._file = file.replace_range(first, start, replaced_before) if replaced_before != before else file
        self._start = first + len(replaced_before.encode())

    def count_errors(self, text: str) -> int | None:
        """Parse errors with the text in the hole; None where the grammar knows all that is written."""
        line = text.join(self._line)
        replaced = _empty_strings(replace_unknown(line, self._language))
        return FilledDocument(self._file, self._start, replaced).error_count if self._is_changed or replaced != line else None


def _empty_strings(text: str) -> str:
    """A text whose strings of one line say nothing."""
    return _STRING.sub(lambda match: match[0][0] + "x" * (len(match[0]) - 2) + match[0][0], text)


def _decode_lines(data: bytes) -> str:
    return decode_text(data).replace("\r\n", "\n").replace("\r", "\n")
