"""Names that a document uses and that nothing brings into it any more, since the user has taken their import away."""

import re
from collections.abc import Sequence

from interfix.next_edit.code_tokens import split_tokens
from interfix.next_edit.edit_log import Edit, widen_to_lines
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.rewrites import Rewrite
from interfix.syntax.imports import find_import_ranges
from interfix.syntax.name_place import TextKind, find_name_place

MAX_USES = 40
"""Uses of one name that are looked at."""
_IMPORT = re.compile(r"^\s*(?:import|from|use|using|require|include|@import)\b.*|^.*=\s*require\(.*", re.MULTILINE)
_WORD = re.compile(r"[^\W\d]\w+")


def find_orphaned_names(table: LineTable, edits: Sequence[Edit]) -> frozenset[str]:
    """The words of imports that edits of the document took away, which its code uses and nothing in it declares or imports."""
    snapshot = table.snapshot
    gone: set[str] = set()
    for edit in edits:
        if edit.uri == snapshot.uri and edit.start >= 0:
            lines = widen_to_lines(snapshot.data, edit)
            old, new = (" ".join(_IMPORT.findall(text.decode("utf-8", "replace"))) for text in (lines.old, lines.new))
            gone |= set(_WORD.findall(old)) - set(_WORD.findall(new))
    if not gone:
        return frozenset()
    imports = [
        snapshot.data[start:end].decode("utf-8", "replace") for start, end in find_import_ranges(snapshot, len(snapshot.data))
    ]
    gone -= {word for text in imports for word in _WORD.findall(text)}
    return frozenset(word for word in gone if _is_orphaned(table, word))


def _is_orphaned(table: LineTable, word: str) -> bool:
    pattern, used = re.compile(rf"(?<![\w.$]){re.escape(word)}(?!\w)"), False
    places = (
        table.find_byte(line, match.start()) for line in table.find_words(word) for match in pattern.finditer(table.lines[line])
    )
    for number, start in enumerate(places):
        name_place = find_name_place(table.snapshot, start)
        if name_place.declares or number >= MAX_USES:
            return False
        used = used or name_place.kind is TextKind.CODE
    return used


def removes_word(rewrite: Rewrite, words: frozenset[str]) -> bool:
    """Whether a rewrite takes one of these words away."""
    old, new = (set(split_tokens(" ".join(pair[side] for pair in rewrite.changes))) for side in (0, 1))
    return not words.isdisjoint(old - new)
