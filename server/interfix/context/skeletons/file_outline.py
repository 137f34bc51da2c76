"""The outline of a file: its text with the bodies of functions left out, and its definitions."""

import re
from collections.abc import Sequence

from interfix.context.names.c_and_rust_members import list_aliases, read_facts
from interfix.context.names.script_declared_types import VARIABLE
from interfix.context.skeletons.definition import Definition
from interfix.syntax.definitions import Scope, find_docstring, find_scopes
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import decode_text

CONTAINER_KINDS = frozenset(
    {"class", "interface", "struct", "enum", "union", "module", "namespace", "trait", "impl", "object", "protocol"}
)
"""Kinds of scopes whose members are part of what they offer; every other kind is a function, whose body is not."""
_MAX_GAP_LINES = 40
"""Most lines between two functions that are kept: beyond them are tables and scripts, not declarations."""
_MAX_DEFINITION_LINES = 60
"""Most lines of one definition."""
_MAX_SKELETON_LINES = 600
"""Most lines of one file."""
_MAX_DOCSTRING_BYTES = 240
"""A longer docstring is cut to its first line."""
_MAX_COMMENT_LINES = 5
"""Most lines of the comment above a definition that are kept with it."""
_COMMENT = re.compile(rb"\s*(?:#(?!include|define|if|endif)|//|/?\*|--|@|\[)")
_NAME = re.compile(r"(\w+)\W*$")
_TYPE_ARGUMENTS = re.compile(r"<.*>", re.DOTALL)


def outline_file(snapshot: Snapshot, path: str) -> tuple[str, tuple[Definition, ...]]:
    """The skeleton of a file, and its definitions: containers, and functions that are not inside of another function."""
    scopes = find_scopes(snapshot, 0, len(snapshot.data))
    visible, inner = [], -1
    for scope in scopes:
        if scope.start >= inner:
            visible.append(scope)
            if scope.kind not in CONTAINER_KINDS:
                inner = scope.end
    functions = [scope for scope in visible if scope.kind not in CONTAINER_KINDS]
    definitions = tuple(
        Definition(
            path,
            name[1],
            scope.kind,
            snapshot.lines.find_line(scope.header_start),
            _outline_definition(snapshot, scope, functions),
            read_facts(snapshot, scope, scopes),
        )
        for scope in visible
        if (name := _NAME.search(_TYPE_ARGUMENTS.sub("", scope.name)))
    ) + tuple(
        Definition(
            path,
            name,
            kind,
            snapshot.lines.find_line(start),
            # A variable's value is of no use to others.
            "" if kind == VARIABLE else _limit_lines(decode_text(snapshot.data[start:end]), _MAX_DEFINITION_LINES),
            facts,
        )
        for name, kind, start, end, facts in list_aliases(snapshot)
    )
    return _limit_lines(_collapse_bodies(snapshot, 0, len(snapshot.data), functions), _MAX_SKELETON_LINES), definitions


def _outline_definition(snapshot: Snapshot, scope: Scope, functions: Sequence[Scope]) -> str:
    """A definition with the comment above it."""
    line = snapshot.lines.find_line(scope.start)
    first = line
    while first and line - first < _MAX_COMMENT_LINES and _COMMENT.match(snapshot.data, snapshot.lines.find_start(first - 1)):
        first -= 1
    within = [function for function in functions if scope.start <= function.start < scope.end]
    return _limit_lines(_collapse_bodies(snapshot, snapshot.lines.find_start(first), scope.end, within), _MAX_DEFINITION_LINES)


def _collapse_bodies(snapshot: Snapshot, start: int, end: int, functions: Sequence[Scope]) -> str:
    """The text of some bytes with the body of each function put as `...`, behind its docstring if it has one."""
    pieces = []
    for function in functions:
        pieces.append(_shorten_gap(snapshot, start, function.start))
        pieces.append(decode_text(snapshot.data[function.start : function.signature_end]) + _outline_body(snapshot, function))
        start = function.end
    pieces.append(_shorten_gap(snapshot, start, end))
    return "".join(pieces)


def _outline_body(snapshot: Snapshot, function: Scope) -> str:
    block = snapshot.language.block if snapshot.language else "indent"
    margin = "\n" + " " * (function.header_start - snapshot.lines.find_start(snapshot.lines.find_line(function.header_start)))
    match block:
        case "braces":
            return (
                " { ... }"
                if snapshot.data[function.signature_end : function.end].lstrip()[:1] == b"{"
                else _outline_expression(snapshot, function)
            )
        case "keyword":
            return f"{margin}end"
        case _:
            docstring = find_docstring(snapshot, function)
            return f"{margin}    {_shorten_docstring(snapshot, *docstring)}" if docstring else " ..."


def _outline_expression(snapshot: Snapshot, function: Scope) -> str:
    """What follows the signature of a function whose body is one expression, if that is short."""
    text = decode_text(snapshot.data[function.signature_end : function.end])
    return text if len(text) <= 60 and "\n" not in text else " ..."


def _shorten_docstring(snapshot: Snapshot, start: int, end: int) -> str:
    text = decode_text(snapshot.data[start:end])
    if end - start <= _MAX_DOCSTRING_BYTES:
        return text
    first = next((line for line in text.splitlines() if len(line.strip(" \"'")) > 0), "").strip()
    quotes = text[-3:]
    return f"{'' if text.strip().startswith(first) else quotes}{first}{'' if first.endswith(quotes) else quotes}"


def _shorten_gap(snapshot: Snapshot, start: int, end: int) -> str:
    """The text between two functions."""
    first, last = snapshot.lines.find_line(start), snapshot.lines.find_line(end)
    if last - first <= _MAX_GAP_LINES:
        return decode_text(snapshot.data[start:end])
    return (
        decode_text(snapshot.data[start : snapshot.lines.find_start(first + _MAX_GAP_LINES)])
        + "...\n"
        + decode_text(snapshot.data[snapshot.lines.find_start(last) : end])
    )


def _limit_lines(text: str, lines: int) -> str:
    """The first so many lines, blank ones at both ends and repeated ones left out."""
    lines_left = re.sub(r"\n(?:[ \t]*\r?\n){2,}", "\n\n", text).strip("\r\n").split("\n")
    return "\n".join(lines_left[:lines])
