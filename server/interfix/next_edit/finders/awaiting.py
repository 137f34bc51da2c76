"""A function became asynchronous, or is so no more: its calls in asynchronous functions of the document await it, or do not."""

import re

from interfix.next_edit.call_sites import Call, list_calls
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.signatures import SignatureChange
from interfix.syntax.document import Snapshot
from interfix.syntax.enclosing_scopes import find_enclosing_scopes

_ASYNC = re.compile(r"\basync\b")
_PASSED_ON = re.compile(rb"(?:\b(?:return|yield)|[\w.]\(|[,\[]|=>)\s*$")
"""Before a call: its result may be handed to whoever awaits it."""
_AWAITED_BEFORE = re.compile(rb"\bawait\s+[\w.?>$:-]*$")
_AWAITED_BEHIND = re.compile(rb"\s*\.await\b")
_USED = re.compile(rb"\s*(?:\?\.|\.|\[|\()")
_OBJECT = re.compile(rb"(?:[\w$]+\s*(?:\??\.|->|::)\s*)*$")


def find(search: EditSearch) -> list[Candidate]:
    """The calls of each function whose header gained or lost `async`."""
    snapshot, candidates = search.context.snapshot, list[Candidate]()
    style = snapshot.language.calls if snapshot.language else None
    if style is None or not style.awaiting:
        return candidates
    for change in search.signature_changes:
        became, was = (_ASYNC.search(header) is not None for header in (change.header, change.old_header))
        if became == was:
            continue
        for call in list_calls(snapshot, search.table, change) or ():
            replacement = _await(snapshot, call, style.awaiting) if became else _stop_awaiting(snapshot, call, style.awaiting)
            if replacement is not None:
                candidates.append(_build(search, change, call, replacement, became=became))
    return candidates


def _build(search: EditSearch, change: SignatureChange, call: Call, replacement: Replacement, *, became: bool) -> Candidate:
    lines = search.context.snapshot.lines
    line, end_line = lines.find_line(replacement.start), lines.find_line(max(replacement.start, replacement.end - 1)) + 1
    evidence = {"certain": float(call.is_certain), "recent": float(change.number == search.history.newest)}
    label = f"{'await' if became else 'do not await'} {change.name}"
    return Candidate("awaiting", "awaiting", line, end_line, (replacement,), evidence, label, change.number)


def _await(snapshot: Snapshot, call: Call, awaiting: str) -> Replacement | None:
    """What makes a call wait; None where it does, where it cannot, or where its result may be for somebody else to await."""
    data, end = snapshot.data, call.list.end
    if not _is_in_async(snapshot, call.start):
        return None
    line = snapshot.lines.find_start(snapshot.lines.find_line(call.start))
    before = data[line : call.start]
    match = _OBJECT.search(before)
    start = line + (match.start() if match else len(before))
    if _AWAITED_BEFORE.search(before) or _AWAITED_BEHIND.match(data, end) or _PASSED_ON.search(data[line:start]):
        return None
    if awaiting.startswith("."):
        return Replacement(end, end, awaiting.encode())
    if _USED.match(data, end):
        return None
    return Replacement(start, start, awaiting.encode())


def _stop_awaiting(snapshot: Snapshot, call: Call, awaiting: str) -> Replacement | None:
    data, end = snapshot.data, call.list.end
    if awaiting.startswith("."):
        match = _AWAITED_BEHIND.match(data, end)
        return Replacement(match.start(), match.end(), b"") if match else None
    line = snapshot.lines.find_start(snapshot.lines.find_line(call.start))
    match = _AWAITED_BEFORE.search(data[line : call.start])
    if match is None or _USED.match(data, end):
        return None
    start = line + match.start()
    gap = re.compile(rb"await\s+").match(data, start)
    return Replacement(start, gap.end(), b"") if gap else None


def _is_in_async(snapshot: Snapshot, offset: int) -> bool:
    scopes = [each for each in find_enclosing_scopes(snapshot, offset) if each.kind == "function" and each.signature_end <= offset]
    header = snapshot.data[scopes[-1].header_start : scopes[-1].signature_end] if scopes else b""
    return re.search(rb"\basync\b", header) is not None
