"""A function or a class is called otherwise everywhere, at its definition or its import too: the tests that are named after it."""

import re
from collections.abc import Iterator

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.name_changes import NameChange, list_name_changes
from interfix.next_edit.renamed_text import offer_rename
from interfix.syntax.name_place import TextKind, find_name_place

MIN_NAME_CHARACTERS = 4
"""Shorter names stand in others by chance."""
_NAMES = (
    r"(?:def|fn|func|fun|void|function)\s+test_?(?P<name>NAME)(?=_|\b)",
    r"(?:func|fun|void|class)\s+Test_?(?P<name>CAPITAL)(?=_|[A-Z]|\b)",
    r"class\s+(?P<name>CAPITAL)(?=_?Tests?\b)",
    r"\b(?:describe|context|test|it|suite)(?:\.\w+)?\(\s*['\"`](?P<name>NAME)(?=\(\)|['\"`\s])",
    r"\bt\.Run\(\s*\"(?P<name>NAME)(?=[\"\s_/])",
)
"""How tests are named after what they test; CAPITAL is the name with its first letter in upper case."""


def find(search: EditSearch) -> list[Candidate]:
    """The tests whose names hold a name that the document's code has no more."""
    changes = list(list_name_changes(search.context))
    renamed = {(each.old, each.new): each for each in reversed(changes)}
    declared = {(each.old, each.new) for each in changes if _is_declaration(search, each)}
    return [
        candidate
        for names, newest in renamed.items()
        if names in declared and len(newest.old) >= MIN_NAME_CHARACTERS and not _is_used(search, newest.old)
        for candidate in _list_tests(search, newest)
    ]


def _is_declaration(search: EditSearch, change: NameChange) -> bool:
    """Whether it is the thing itself that is called otherwise: whoever only calls another now tests what was tested before."""
    name_place = find_name_place(search.context.snapshot, change.start)
    return name_place.kind is TextKind.CODE and name_place.declares


def _is_used(search: EditSearch, name: str) -> bool:
    table, pattern = search.table, re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    starts = (
        table.find_byte(line, match.start()) for line in table.find_words(name) for match in pattern.finditer(table.lines[line])
    )
    return any(find_name_place(search.context.snapshot, start).kind is TextKind.CODE for start in starts)


def _list_tests(search: EditSearch, change: NameChange) -> Iterator[Candidate]:
    table = search.table
    for pattern in _NAMES:
        old, new = change.old, change.new
        if "CAPITAL" in pattern:
            old, new = old[:1].upper() + old[1:], new[:1].upper() + new[1:]
        named = re.compile(pattern.replace("NAME", re.escape(old)).replace("CAPITAL", re.escape(old)))
        for line in table.find_lines(old):
            for match in named.finditer(table.lines[line]):
                yield from offer_rename(search, "named_test", table.find_byte(line, match.start("name")), old, new, change.number)
