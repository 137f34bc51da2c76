"""Short forms of a definition: its signatures, in so many characters; of many the first, or the most relevant."""

import math
import re
from collections import Counter
from collections.abc import Mapping

from interfix.context.similarity import extract_words
from interfix.context.skeletons.code_structure import CodeScopes
from interfix.context.skeletons.skeleton import build_skeleton

SUMMARY_CHARACTERS = 600
"""Longer signatures are chosen from."""
ROW_CHARACTERS = 240
"""A signature over several lines is put on one, up to this length."""
MAX_DOCUMENTED_CHARACTERS = 600
"""In the current file, longer signatures, such as those of a class of many methods, go without docstrings and remarks."""
MAX_TERSE_CHARACTERS = 1500
"""Those that are still longer end early."""
_REMARK = re.compile("#|//")
_CLOSERS = ("}", "end", ")")


def summarize_signatures(code: CodeScopes, lines: range) -> str:
    """The signatures of the definition on these lines, with short docstrings where there is room; of very many the first."""
    text = build_skeleton(code, lines)
    if len(text) <= MAX_DOCUMENTED_CHARACTERS:
        return text
    text = build_skeleton(code, lines, terse=True)
    if len(text) <= MAX_TERSE_CHARACTERS:
        return text
    end = text.rfind("\n", 0, MAX_TERSE_CHARACTERS) + 1
    return text[:end] + "..." + code.snapshot.newline if end else ""


def summarize_definition(
    code: CodeScopes, lines: range, name_weights: Mapping[str, float], max_characters: int = SUMMARY_CHARACTERS
) -> str:
    """The definition on these lines in about `max_characters`: with short docstrings where there is room, else the signatures that
    share most words with the names.
    """
    text = build_skeleton(code, lines)
    if len(text) <= max_characters:
        return text
    rows = _signature_rows(build_skeleton(code, lines, terse=True))
    if sum(map(len, rows)) <= max_characters or not rows:
        return "".join(rows)
    outer = _count_indent(rows[0])
    head = next((i for i, row in enumerate(rows) if _count_indent(row) > outer), len(rows))
    closed = len(rows) > head and _count_indent(rows[-1]) <= outer and rows[-1].lstrip().startswith(_CLOSERS)
    members = range(head, len(rows) - closed)
    left = max_characters - sum(len(rows[i]) for i in range(len(rows)) if i not in members)
    shown_rows = _best_rows({i: rows[i] for i in members}, name_weights, left)
    more = [" " * _count_indent(rows[head]) + "..." + code.snapshot.newline] if members and len(shown_rows) < len(members) else []
    return "".join((*rows[:head], *(rows[i] for i in members if i in shown_rows), *more, *rows[members.stop :]))


def _best_rows(rows: Mapping[int, str], name_weights: Mapping[str, float], room: int) -> set[int]:
    """The rows that share most of the rare words with what is wanted, as many as there is room for; of equals the first."""
    parts: dict[str, float] = {}
    for name, weight in name_weights.items():
        for part in extract_words(name):
            parts[part] = max(parts.get(part, 0.0), weight)
    row_words = {i: extract_words(row) for i, row in rows.items()}
    common = Counter(word for each in row_words.values() for word in each)
    scores = {
        i: sum(parts.get(word, 0.0) * math.log((1 + len(rows)) / common[word]) for word in each) for i, each in row_words.items()
    }
    fitting_rows: set[int] = set()
    for i in sorted(rows, key=lambda i: (-scores[i], i)):
        if len(rows[i]) <= room:
            fitting_rows.add(i)
            room -= len(rows[i])
    return fitting_rows


def _signature_rows(text: str) -> list[str]:
    """The lines of signatures, those that go on in brackets put together."""
    rows: list[str] = []
    depth = 0
    for line in text.splitlines(keepends=True):
        inside = depth > 0
        depth = max(0, depth + sum(line.count(each) for each in "([") - sum(line.count(each) for each in ")]"))
        together = _join_rows(rows[-1], line) if inside and not _REMARK.search(rows[-1] + line) else ""
        if together and len(together) <= ROW_CHARACTERS:
            rows[-1] = together
        else:
            rows.append(line)
    return rows


def _join_rows(row: str, line: str) -> str:
    row, line = row.rstrip(), line.lstrip()
    if line.startswith((")", "]")):
        return row.removesuffix(",") + line
    return row + line if row.endswith(("(", "[")) else f"{row} {line}"


def _count_indent(row: str) -> int:
    return len(row) - len(row.lstrip())
