"""A field, parameter or variant came to others or went: the other places of its type that name each of those in one way."""

import re
from collections.abc import Iterator

from interfix.completion.indent_style import get_indent
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.member_changes import MIN_OTHERS, MemberChange, list_member_changes
from interfix.next_edit.member_runs import MemberRun, find_member_runs
from interfix.next_edit.next_edit_types import Replacement
from interfix.syntax.document import Snapshot
from interfix.syntax.enclosing_scopes import find_enclosing_scopes


def find(search: EditSearch) -> list[Candidate]:
    """A constructor's parameter and what it is kept in, a literal's value, a match's arm."""
    return [candidate for change in list_member_changes(search) for candidate in _list_candidates(search, change)]


def _list_candidates(search: EditSearch, change: MemberChange) -> Iterator[Candidate]:
    snapshot = search.context.snapshot
    if len(change.others) < MIN_OTHERS or "\n" in change.member.type:
        return
    if change.is_added and _is_used(snapshot, change.member.name, change.start, change.end):
        return  # the user does something of their own with it
    for run in find_member_runs(snapshot, search.table, change):
        replacement = _add(snapshot, run, change) if change.is_added else _remove(snapshot, run, change)
        if replacement is None:
            continue
        line = snapshot.lines.find_line(replacement.start)
        end_line = max(line + 1, snapshot.lines.find_line(replacement.end))
        if change.is_added and replacement.text.startswith(snapshot.newline.encode()):
            line = end_line = line + 1
        evidence = {"recent": float(change.number == search.history.newest)}
        label = f"{change.member.name} beside {change.others[0].name}"
        yield Candidate("members", "members", line, end_line, (replacement,), evidence, label, change.number)


def _add(snapshot: Snapshot, run: MemberRun, change: MemberChange) -> Replacement | None:
    """The new member behind the one that it stands behind; None where it is named already."""
    text = run.template.render(change.member)
    low, high = min(start for start, _ in run.items.values()), max(end for _, end in run.items.values())
    if run.list is not None:
        low, high = run.list.start, run.list.end
    mention = re.search(rb"(?<!\w)" + re.escape(change.member.name.encode()) + rb"(?!\w)", snapshot.data[low:high])
    if text is None or mention or _find_item(snapshot, run, change) is not None or not change.before:
        return None
    if _is_used(snapshot, change.member.name, low, high):
        return None
    start, end = run.items[change.before[-1].name]
    if run.list is None:
        indent = get_indent(_get_line(snapshot, start))
        return Replacement(end, end, (snapshot.newline + indent + text).encode("utf-8", "surrogatepass"))
    gap = snapshot.data[run.list.items[0][1] : run.list.items[1][0]]
    return Replacement(end, end, gap + text.encode("utf-8", "surrogatepass"))


def _is_used(snapshot: Snapshot, name: str, start: int, end: int) -> bool:
    """Whether the body of the function around a stretch, or whose header it is, names a member outside of it."""
    functions = [each for each in find_enclosing_scopes(snapshot, start) if each.kind == "function"]
    if not functions:
        return False
    body, last = functions[-1].signature_end, functions[-1].end
    word = re.compile(rb"(?<!\w)" + re.escape(name.encode()) + rb"(?!\w)")
    return any(not start <= match.start() < end for match in word.finditer(snapshot.data, body, last))


def _remove(snapshot: Snapshot, run: MemberRun, change: MemberChange) -> Replacement | None:
    """The item of the member that went, with what parts it from the next."""
    item = _find_item(snapshot, run, change)
    if item is None:
        return None
    start, end = item
    if run.list is None:
        first, last = snapshot.lines.find_line(start), snapshot.lines.find_line(max(start, end - 1))
        return Replacement(snapshot.lines.find_start(first), snapshot.lines.find_next_start(snapshot.data, last), b"")
    at = run.list.items.index(item)
    if at:
        return Replacement(run.list.items[at - 1][1], end, b"")
    return Replacement(start, run.list.items[1][0], b"")


def _find_item(snapshot: Snapshot, run: MemberRun, change: MemberChange) -> tuple[int, int] | None:
    """The item, or line, that names the member itself."""
    for start, end in run.places:
        if run.template.narrow(change.member, snapshot.data[start:end].decode("utf-8", "replace")) is not None:
            return start, end
    return None


def _get_line(snapshot: Snapshot, offset: int) -> str:
    line = snapshot.lines.find_line(offset)
    return snapshot.data[snapshot.lines.find_start(line) : snapshot.lines.find_end(snapshot.data, line)].decode("utf-8", "replace")
