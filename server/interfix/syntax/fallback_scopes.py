"""Finds scopes by the text of their first lines and by indentation, for where the tree is broken or missing."""

import re
from functools import cache

from interfix.syntax.definitions import Scope, find_own_scopes
from interfix.syntax.indent_structure import (
    find_block_end,
    find_first_code,
    find_parent_lines,
    find_previous_code_line,
    get_line_text,
    measure_line_indent,
    measure_whitespace,
)
from interfix.syntax.languages import Language
from interfix.syntax.query_matches import is_in_text
from interfix.syntax.snapshot import Snapshot

_MAX_SIGNATURE_BYTES = 2000
"""Within so many a signature must end."""
_MAX_SIGNATURE_LINES = 30
"""Lines a header may be above the line that ends it."""


def find_scopes_by_indentation(snapshot: Snapshot, offset: int) -> list[Scope]:
    """The scopes whose headers are found going up from the cursor to ever less indented lines."""
    language = snapshot.language
    if language is None or not language.headers:
        return []
    line = snapshot.lines.find_line(offset)
    columns = measure_line_indent(snapshot, line)
    if columns is None:
        columns = measure_whitespace(snapshot.data[snapshot.lines.find_start(line) : offset])
        above = find_previous_code_line(snapshot, line)
        if language.block != "indent" and above is not None:
            columns = max(
                columns,
                (measure_line_indent(snapshot, above) or 0) + bool(re.search(language.opens, _decode_line(snapshot, above))),
            )
    headers = (_find_header(snapshot, language, parent) for parent in find_parent_lines(snapshot, line, columns))
    return [scope for scope in headers if scope]


def get_header_lines(snapshot: Snapshot, scope: Scope) -> range:
    """The lines a scope's header takes, decorators left out."""
    return range(snapshot.lines.find_line(scope.header_start), snapshot.lines.find_line(scope.signature_end) + 1)


def _find_header(snapshot: Snapshot, language: Language, line: int) -> Scope | None:
    """The scope whose header ends at `line`, or begins above it where `line` only closes a list or opens a brace."""
    lowest = max(0, line - _MAX_SIGNATURE_LINES) if get_line_text(snapshot, line).strip()[:1] in (b")", b"{") else line
    for i in range(line, lowest - 1, -1):
        if measure_line_indent(snapshot, i) != measure_line_indent(snapshot, line):
            continue
        text = _decode_line(snapshot, i)
        for kind, pattern in _get_patterns(language):
            if (match := pattern.search(text)) and not is_in_text(snapshot, find_first_code(snapshot, i)):
                start, end = find_first_code(snapshot, i), snapshot.lines.find_end(snapshot.data, i)
                exact = [scope for scope in find_own_scopes(snapshot, start, end) if i in get_header_lines(snapshot, scope)]
                return exact[0] if exact else _build_scope(snapshot, language, kind, match[1], i)
    return None


def _build_scope(snapshot: Snapshot, language: Language, kind: str, name: str, line: int) -> Scope:
    """The scope a header line begins, by its text alone."""
    data, header = snapshot.data, find_first_code(snapshot, line)
    first = line
    while (
        first
        and get_line_text(snapshot, first - 1).strip().startswith(b"@")
        and measure_line_indent(snapshot, first - 1) == measure_line_indent(snapshot, line)
    ):
        first -= 1
    stop = {"indent": ":", "braces": "{"}.get(language.block, "\n").encode()
    depth, signature_end = 0, snapshot.lines.find_end(data, line)
    for i in range(header, min(len(data), header + _MAX_SIGNATURE_BYTES)):
        byte = data[i : i + 1]
        if depth <= 0 and (byte == stop or (stop == b"\n" and byte == b"\r")):
            signature_end = i + 1 if language.block == "indent" else header + len(data[header:i].rstrip())
            break
        depth += (byte in b"([") - (byte in b")]")
    gap = re.compile(rb"\s*\{?" if language.block == "braces" else rb"\s*").match(data, signature_end)
    end = max(find_block_end(snapshot, line), signature_end)
    return Scope(
        kind=kind,
        name=name,
        start=find_first_code(snapshot, first),
        end=end,
        body_start=min(gap.end(), end) if gap else signature_end,
        signature_end=signature_end,
        header_start=header,
    )


def _decode_line(snapshot: Snapshot, line: int) -> str:
    return get_line_text(snapshot, line).decode("utf-8", "replace")


@cache
def _compile_patterns(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern)) for kind, pattern in headers)


def _get_patterns(language: Language) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _compile_patterns(tuple(language.headers.items()))
