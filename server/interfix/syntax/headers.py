"""Finds scopes by the text of their first lines and by indentation, for where the tree is broken or missing."""

import re
from functools import cache

from interfix.syntax.definitions import Scope, own_scopes
from interfix.syntax.indentation import block_end, first_code, indent, parents, previous_code, text_of, width
from interfix.syntax.languages import Language
from interfix.syntax.queries import in_text
from interfix.syntax.snapshot import Snapshot

_SIGNATURE_BYTES = 2000
"""Within so many a signature must end."""
_SIGNATURE_LINES = 30
"""Lines a header may be above the line that ends it."""


def by_indentation(snapshot: Snapshot, offset: int) -> list[Scope]:
    """The scopes whose headers are found going up from the cursor to ever less indented lines."""
    language = snapshot.language
    if language is None or not language.headers:
        return []
    line = snapshot.lines.at(offset)
    columns = indent(snapshot, line)
    if columns is None:
        columns = width(snapshot.data[snapshot.lines.start(line) : offset])
        above = previous_code(snapshot, line)
        if language.block != "indent" and above is not None:
            columns = max(columns, (indent(snapshot, above) or 0) + bool(re.search(language.opens, _decoded(snapshot, above))))
    headers = (_header(snapshot, language, parent) for parent in parents(snapshot, line, columns))
    return [scope for scope in headers if scope]


def header_lines(snapshot: Snapshot, scope: Scope) -> range:
    """The lines a scope's header takes, decorators left out."""
    return range(snapshot.lines.at(scope.header), snapshot.lines.at(scope.signature_end) + 1)


def _header(snapshot: Snapshot, language: Language, line: int) -> Scope | None:
    """The scope whose header ends at `line`, or begins above it where `line` only closes a list or opens a brace."""
    lowest = max(0, line - _SIGNATURE_LINES) if text_of(snapshot, line).strip()[:1] in (b")", b"{") else line
    for i in range(line, lowest - 1, -1):
        if indent(snapshot, i) != indent(snapshot, line):
            continue
        text = _decoded(snapshot, i)
        for kind, pattern in _patterns(language):
            if (match := pattern.search(text)) and not in_text(snapshot, first_code(snapshot, i)):
                start, end = first_code(snapshot, i), snapshot.lines.end(snapshot.data, i)
                exact = [scope for scope in own_scopes(snapshot, start, end) if i in header_lines(snapshot, scope)]
                return exact[0] if exact else _textual(snapshot, language, kind, match[1], i)
    return None


def _textual(snapshot: Snapshot, language: Language, kind: str, name: str, line: int) -> Scope:
    """The scope a header line begins, by its text alone."""
    data, header = snapshot.data, first_code(snapshot, line)
    first = line
    while first and text_of(snapshot, first - 1).strip().startswith(b"@") and indent(snapshot, first - 1) == indent(snapshot, line):
        first -= 1
    stop = {"indent": ":", "braces": "{"}.get(language.block, "\n").encode()
    depth, signature_end = 0, snapshot.lines.end(data, line)
    for i in range(header, min(len(data), header + _SIGNATURE_BYTES)):
        byte = data[i : i + 1]
        if depth <= 0 and (byte == stop or (stop == b"\n" and byte == b"\r")):
            signature_end = i + 1 if language.block == "indent" else header + len(data[header:i].rstrip())
            break
        depth += (byte in b"([") - (byte in b")]")
    gap = re.compile(rb"\s*\{?" if language.block == "braces" else rb"\s*").match(data, signature_end)
    end = max(block_end(snapshot, line), signature_end)
    return Scope(
        kind=kind,
        name=name,
        start=first_code(snapshot, first),
        end=end,
        body_start=min(gap.end(), end) if gap else signature_end,
        signature_end=signature_end,
        header=header,
    )


def _decoded(snapshot: Snapshot, line: int) -> str:
    return text_of(snapshot, line).decode("utf-8", "replace")


@cache
def _compiled(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern)) for kind, pattern in headers)


def _patterns(language: Language) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _compiled(tuple(language.headers.items()))
