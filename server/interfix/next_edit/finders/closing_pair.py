"""One of two that belong together was changed: a tag's name, a bracket, a quote. The other one follows."""

import re
from collections.abc import Iterator

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.edit_log import Edit, EditKind
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.next_edit_types import Replacement
from interfix.syntax.bracket_list import find_counterpart
from interfix.syntax.document import Snapshot

MAX_EDITS = 4
"""Edits that are looked at, the newest."""
MAX_BYTES = 100_000
"""Bytes on either side of a tag in which its counterpart is looked for."""
_MAX_TAG_BYTES = 4_000
_LANGUAGES = frozenset(["html", "tsx", "javascript", "php"])
_TAG = re.compile(
    rb"<(?P<end>/?)(?P<name>[A-Za-z][\w.:-]*)(?P<rest>(?:[^<>{}\"']|\"[^\"]*\"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\})*?)(?P<empty>/?)>"
)
_COMMENT = re.compile(rb"<!--.*?-->|\{/\*.*?\*/\}", re.DOTALL)
_VOID = frozenset(b"area base br col embed hr img input link meta source track wbr".split())
_OPENERS = {b"(": b")", b"[": b"]", b"{": b"}"}
_QUOTES = frozenset([b'"', b"'", b"`"])


def find(search: EditSearch) -> list[Candidate]:
    """The counterparts of what the newest edits changed."""
    snapshot = search.context.snapshot
    edits = [each for each in search.context.edits if each.uri == snapshot.uri and each.start >= 0]
    candidates = list[Candidate]()
    for edit in [each for each in reversed(edits) if each.kind is not EditKind.FORMATTED][:MAX_EDITS]:
        replacement = _follow_tag(snapshot, edit) or _follow_bracket(snapshot, edit)
        if replacement is not None and not any(each.start <= replacement.start and replacement.end <= each.end for each in edits):
            line = snapshot.lines.find_line(replacement.start)
            old = snapshot.data[replacement.start : replacement.end]
            label = f"{old.decode('utf-8', 'replace')} → {replacement.text.decode('utf-8', 'replace')}"
            candidates.append(Candidate("closing_pair", "closing_pair", line, line + 1, (replacement,), {}, label, edit.number))
    return candidates


def _follow_tag(snapshot: Snapshot, edit: Edit) -> Replacement | None:
    """The other tag of an element whose name was changed in one."""
    data = snapshot.data
    if snapshot.language is None or snapshot.language.id not in _LANGUAGES:
        return None
    start = data.rfind(b"<", max(0, edit.start - _MAX_TAG_BYTES), edit.start)
    tag = _TAG.match(data, start) if start >= 0 else None
    if tag is None or tag["empty"] or not (tag.start("name") <= edit.start and edit.end <= tag.end("name")):
        return None
    old = data[tag.start("name") : edit.start] + edit.old + data[edit.end : tag.end("name")]
    if not re.fullmatch(rb"[A-Za-z][\w.:-]*", old) or old == tag["name"]:
        return None
    other = _find_end(data, tag.end()) if not tag["end"] else _find_start(data, tag.start())
    if other is None or other["name"] != old:
        return None
    return Replacement(other.start("name"), other.end("name"), tag["name"])


def _list_tags(data: bytes, start: int, end: int) -> Iterator["re.Match[bytes]"]:
    comments = [match.span() for match in _COMMENT.finditer(data, start, end)]
    for match in _TAG.finditer(data, start, end):
        hidden = any(low <= match.start() < high for low, high in comments)
        if not hidden and not match["empty"] and match["name"].lower() not in _VOID:
            yield match


def _find_end(data: bytes, start: int) -> "re.Match[bytes] | None":
    """The end tag that closes what is open before a byte; None where tags between do not match."""
    stack: list[bytes] = []
    for match in _list_tags(data, start, min(len(data), start + MAX_BYTES)):
        if not match["end"]:
            stack.append(match["name"])
        elif not stack:
            return match
        elif stack.pop() != match["name"]:
            return None
    return None


def _find_start(data: bytes, end: int) -> "re.Match[bytes] | None":
    """The start tag that the end tag at a byte closes."""
    stack: list[re.Match[bytes]] = []
    for match in _list_tags(data, max(0, end - MAX_BYTES), end):
        if not match["end"]:
            stack.append(match)
        elif not stack or stack.pop()["name"] != match["name"]:
            return None
    return stack[-1] if stack else None


def _follow_bracket(snapshot: Snapshot, edit: Edit) -> Replacement | None:
    """The end of what a bracket or quote begins that gave way to another one."""
    data, opening = snapshot.data, edit.new
    new_closing = _OPENERS.get(opening) or (opening if opening in _QUOTES else None)
    old_closing = _OPENERS.get(edit.old) or (edit.old if edit.old in _QUOTES else None)
    if new_closing is None or old_closing is None or new_closing == old_closing or (opening in _QUOTES) != (edit.old in _QUOTES):
        return None
    before = snapshot.replace_range(edit.start, edit.end, edit.old.decode())
    end = find_counterpart(before, edit.start)
    if end is None or before.data[end : end + 1] != old_closing:
        return None
    at = end + len(edit.new) - len(edit.old)
    return Replacement(at, at + 1, new_closing) if data[at : at + 1] == old_closing else None
