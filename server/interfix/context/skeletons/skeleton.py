"""Code without the bodies of its functions."""

import re
from collections.abc import Iterator, Sequence

from interfix.context.skeletons.code_structure import CodeScopes
from interfix.syntax.definitions import Scope
from interfix.syntax.snapshot_text import extract_lines

DOCSTRING_BYTES = 300
"""A longer docstring goes with its body: its first line alone would leave a string open."""
_COMMENT_LINE = re.compile(r"\s*(//|#(\s|$)|/\*|\*|--|$)")
"""A line that is blank or holds nothing but a comment, in whatever language."""
_BODY_KINDS = ("function", "method", "macro")
"""Kinds of scopes whose body is of no use to others; that of a class and the like holds its members."""


def build_skeleton(code: CodeScopes, lines: range, *, terse: bool = False) -> str:
    """Some lines, with `...` for each body of two lines or more that lies wholly among them.

    Of a constructor the lines stay that say what an instance holds. `terse` is for many definitions in little room: without
    docstrings, remarks, blank lines and short bodies. The code's scopes are all that touch the lines, or more.
    """
    key = lines.start, lines.stop, terse
    if (skeleton := code.skeletons.get(key)) is None:
        skeleton = code.skeletons[key] = _build_skeleton(code, lines, terse=terse)
    return skeleton


def _build_skeleton(code: CodeScopes, lines: range, *, terse: bool) -> str:
    snapshot, first, last = code.snapshot, lines.start, lines.stop
    start_byte, end_byte = snapshot.lines.find_start(first), snapshot.lines.find_next_start(snapshot.data, last - 1)
    scopes = [scope for scope in code.scopes if scope.start < end_byte and scope.end > start_byte]
    pieces: list[str] = []
    line = first
    attributes = _attribute_lines(code, first, last)
    for start, end in sorted(_body_lines(code, scopes, docstrings=not terse)):
        if start <= line or end > last or end - start < (1 if terse else 2):
            continue  # outside, inside of another body, or as short as what would stand for it
        pieces.append(extract_lines(snapshot, line, start))
        if held := [each for each in attributes if start <= each < end]:
            pieces += [extract_lines(snapshot, each, each + 1) for each in held]
            line = end
            continue
        opening, closing = pieces[-1].rstrip(), extract_lines(snapshot, end, end + 1) if end < last else ""
        if opening.endswith("{") and closing.lstrip().startswith("}"):
            pieces[-1] = f"{opening} ... {closing.lstrip()}"
            end += 1
        elif terse:
            pieces[-1] = f"{opening} ...{snapshot.newline}"
            end += closing.strip() == "end"
        else:
            body = extract_lines(snapshot, start, start + 1)
            pieces.append(body[: len(body) - len(body.lstrip())] + "..." + snapshot.newline)
        line = end
    text = "".join(pieces) + extract_lines(snapshot, line, last)
    return (
        "".join(code_line for code_line in text.splitlines(keepends=True) if not _COMMENT_LINE.match(code_line)) if terse else text
    )


def _attribute_lines(code: CodeScopes, first: int, last: int) -> list[int]:
    """The lines among these on which a constructor sets an attribute, each in one line."""
    snapshot = code.snapshot
    if first >= last:
        return []
    start, end = snapshot.lines.find_start(first), snapshot.lines.find_next_start(snapshot.data, last - 1)
    spans = code.find_attributes(start, end)
    return [line for begin, behind in spans if (line := snapshot.lines.find_line(begin)) == snapshot.lines.find_line(behind - 1)]


def _body_lines(code: CodeScopes, scopes: Sequence[Scope], *, docstrings: bool) -> Iterator[tuple[int, int]]:
    """The lines that the bodies of functions take: first, and the one behind the last; braces and short docstrings left out."""
    snapshot = code.snapshot
    block = snapshot.language.block if snapshot.language else "indent"
    for scope in scopes:
        if scope.kind in _BODY_KINDS:
            opening = max(scope.signature_end, scope.body_start - 1) if block == "braces" else scope.signature_end
            start = snapshot.lines.find_line(opening) + 1
            docstring = code.find_docstring(scope) if block == "indent" and docstrings else None
            if docstring and docstring[1] - docstring[0] <= DOCSTRING_BYTES:
                start = snapshot.lines.find_line(docstring[1]) + 1
            yield start, snapshot.lines.find_line(max(scope.start, scope.end - 1)) + (block == "indent")
