"""What a page, a style sheet, a build file or another document names was renamed: what refers to it by its name there."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path, PurePosixPath

import msgspec

from interfix.completion.indent_style import get_indent
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.name_changes import NameChange, list_name_changes
from interfix.next_edit.renamed_text import offer_rename

MAX_REFERENCES = 60
"""References of one name that are offered."""


class ReferenceStyle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How files of a format name a thing and refer to it; the patterns are of lines, with NAME in place of the name."""

    files: tuple[str, ...]
    """Patterns of file names."""
    definitions: tuple[str, ...]
    """Where it has its name."""
    references: tuple[str, ...]
    """Where it is referred to."""
    marks: str = ""
    """Characters of names beside those of words."""
    under: str = ""
    """What the nearest line above a reference is that is indented less; empty: anything."""
    unless: str = ""
    """What no line with a definition is; empty: anything may be."""
    starts: str = ""
    """What every such name begins with."""


@cache
def load_styles() -> tuple[ReferenceStyle, ...]:
    """What `references.toml` says."""
    data = (Path(__file__).parents[1] / "references.toml").read_bytes()
    return msgspec.toml.decode(data, type=dict[str, tuple[ReferenceStyle, ...]])["reference"]


def find(search: EditSearch) -> list[Candidate]:
    """The references to what the newest edits gave another name, if nothing has the old one any more."""
    name = PurePosixPath(search.context.snapshot.path).name
    candidates: list[Candidate] = []
    for style in load_styles():
        if any(fnmatchcase(name, each) for each in style.files):
            for change in list_name_changes(search.context, style.marks):
                if _is_definition(search, style, change):
                    candidates += _list_references(search, style, change)
    return candidates


def _is_definition(search: EditSearch, style: ReferenceStyle, change: NameChange) -> bool:
    if not (change.old.startswith(style.starts) and change.new.startswith(style.starts)) or change.old.isdigit():
        return False
    places = [start for _, start in _find_names(search.table, style.definitions, change.new, style)]
    return change.start in places and not any(_find_names(search.table, style.definitions, change.old, style))


def _list_references(search: EditSearch, style: ReferenceStyle, change: NameChange) -> Iterator[Candidate]:
    table = search.table
    references = _find_names(table, style.references, change.old, style)
    for line, start in list(dict.fromkeys(references))[:MAX_REFERENCES]:
        if not style.under or _is_under(table, line, style.under):
            yield from offer_rename(search, "reference", start, change.old, change.new, change.number)


def _find_names(table: LineTable, patterns: tuple[str, ...], name: str, style: ReferenceStyle) -> Iterator[tuple[int, int]]:
    """The lines in which a name stands as one of the patterns says, each with the byte at which it does."""
    other = rf"[\w{re.escape(style.marks.strip())}]"
    whole = rf"(?<!{other})(?P<name>{re.escape(name)})(?!{other})"
    compiled = [re.compile(each.replace("NAME", whole)) for each in patterns]
    unless = re.compile(style.unless) if style.unless and patterns is style.definitions else None
    for line in table.find_lines(name):
        text = table.lines[line]
        if unless is None or not unless.search(text):
            for pattern in compiled:
                yield from ((line, table.find_byte(line, match.start("name"))) for match in pattern.finditer(text))


def _is_under(table: LineTable, line: int, pattern: str) -> bool:
    indent = len(get_indent(table.lines[line]))
    listed = table.lines[line].lstrip().startswith("-")
    for number in range(line - 1, -1, -1):
        text = table.lines[number]
        depth = len(get_indent(text))
        if text.strip() and not text.lstrip().startswith("-") and (depth < indent or (listed and depth == indent)):
            return re.search(pattern, text) is not None
    return False
