"""`await` was typed in a function that is not asynchronous: its header wants `async`."""

import re
from collections.abc import Mapping, Sequence

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.edit_log import Edit, EditKind
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.next_edit_types import Replacement
from interfix.syntax.document import Snapshot
from interfix.syntax.enclosing_scopes import Scope, find_enclosing_scopes
from interfix.syntax.name_place import TextKind, find_name_place

MAX_EDITS = 4
"""Edits whose text is looked at, the newest."""
_AWAIT = re.compile(rb"\bawait\b")
_ACCESSOR = re.compile(rb"\b(?:get|set|constructor|static\s*\{)\s*$")
_HEADERS: Mapping[str, Sequence["re.Pattern[bytes]"]] = {
    "python": (re.compile(rb"\bdef\b"),),
    "rust": (re.compile(rb"\b(?:unsafe\s+)?(?:extern\b[^{]*?)?fn\b"),),
    "javascript": (re.compile(rb"\bfunction\b"), re.compile(rb"(?<==)\s*(?=(?:<[^()]*>)?\(|\w+\s*=>)")),
}
"""Before which text of a header `async` stands, by language; behind the `=` of an arrow function comes white space first."""
_ALIKE = {"typescript": "javascript", "tsx": "javascript"}


def find(search: EditSearch) -> list[Candidate]:
    """The headers of functions in which the newest edits wait for something."""
    snapshot = search.context.snapshot
    edits = [each for each in search.context.edits if each.uri == snapshot.uri and each.start >= 0]
    candidates: dict[int, Candidate] = {}
    for edit in [each for each in reversed(edits) if each.kind is not EditKind.FORMATTED][:MAX_EDITS]:
        replacement = _find_place(snapshot, edit)
        if replacement is not None and replacement.start not in candidates:
            line = snapshot.lines.find_line(replacement.start)
            candidates[replacement.start] = Candidate(
                "async_header", "async_header", line, line + 1, (replacement,), {}, "async, since it awaits", edit.number
            )
    return [*candidates.values()]


def _find_place(snapshot: Snapshot, edit: Edit) -> Replacement | None:
    language = snapshot.language.id if snapshot.language else ""
    patterns = _HEADERS.get(_ALIKE.get(language, language))
    if patterns is None or _AWAIT.search(edit.old):
        return None
    for match in _AWAIT.finditer(snapshot.data, max(0, edit.start - len("await")), edit.end + 1):
        name = find_name_place(snapshot, match.start())
        scopes = [each for each in find_enclosing_scopes(snapshot, match.start()) if each.kind == "function"]
        if name.kind is TextKind.CODE and name.function is not None and scopes:
            return _write(snapshot, scopes[-1], name.function, patterns)
    return None


def _write(
    snapshot: Snapshot, scope: Scope, function: tuple[int, int], patterns: Sequence["re.Pattern[bytes]"]
) -> Replacement | None:
    """Where `async` is missing in a header; None where the function is a smaller one than the one of the header, or has it."""
    header = snapshot.data[scope.header_start : scope.signature_end]
    if not scope.start <= function[0] <= scope.signature_end or re.search(rb"\basync\b", header):
        return None
    for pattern in patterns:
        if match := pattern.search(header):
            at = scope.header_start + match.end() if not match[0].strip() else scope.header_start + match.start()
            return Replacement(at, at, b"async ")
    if len(patterns) == 1:
        return None
    # A method: its name is what its parameters follow.
    name = re.search(rb"(?<![\w$.#])#?" + re.escape(scope.name.encode()) + rb"\s*(?:<[^()]*>)?\(", header)
    if name is None or _ACCESSOR.search(header[: name.start()]) or scope.name == "constructor":
        return None
    at = scope.header_start + name.start()
    return Replacement(at, at, b"async ")
