"""New tests put where a file has its tests: into the class or module that holds them, else at its end. Judges nothing itself."""

import msgspec

from interfix.commands.answer import code_in, indented_like
from interfix.commands.edit import Hunk
from interfix.commands.frameworks import Framework
from interfix.commands.imports import lifted, opened
from interfix.commands.placing import after
from interfix.commands.rules import Proposal
from interfix.commands.selection import Selection
from interfix.syntax.document import Document, Snapshot
from interfix.syntax.outline import Entry, outline


class Holder(msgspec.Struct, frozen=True):
    """A class or module that holds tests."""

    name: str
    """Its name."""
    start: int
    """Byte offset at which it begins."""
    end: int
    """Byte offset at which it ends."""
    body: int
    """Byte offset at which its body begins, the white space before its first line included."""
    members: tuple[Entry, ...]
    """What it defines itself, in order."""
    tests: int
    """How many tests it has."""

    def names(self) -> list[str]:
        """The names of its functions, each as often as it stands there."""
        return [entry.scope.name for entry in self.members if entry.scope.kind == "function"]


def holders(snapshot: Snapshot, framework: Framework) -> tuple[Holder, ...]:
    """The outermost definitions of the kind that a framework wants tests inside of, and that have some."""
    entries = outline(snapshot)
    found = list[Holder]()
    for number, entry in enumerate(entries):
        scope = entry.scope
        if scope.kind != framework.inside or (found and scope.start < found[-1].end):
            continue
        members = tuple(each for each in entries if each.parent == number)
        tests = framework.tests(snapshot.data[scope.start : scope.end].decode("utf-8", "replace"))
        if tests and members:
            line = snapshot.lines.start(snapshot.lines.at(scope.body_start))
            body = scope.body_start if snapshot.data[line : scope.body_start].strip() else line
            found.append(Holder(scope.name, scope.start, scope.end, body, members, tests))
    return tuple(found)


def one_a_file(snapshot: Snapshot) -> bool:
    """Whether a file of tests usually has one class for all of them, which is all that is found."""
    return snapshot.language is not None and snapshot.language.block == "braces"


def joined(answer: str, target: Snapshot, framework: Framework) -> Proposal:
    """The tests of an answer among those of the file, its imports with the file's own."""
    written = opened(code_in(answer, ""), target)
    theirs = holders(Document(target.uri, written).snapshot(), framework)
    holder = _chosen(holders(target, framework), theirs, target)
    at = _place(target, holder) if holder else None
    if holder is None or at is None:
        return _at_end(written, target)
    selection = Selection(target, at, at)
    rest, added = lifted(written, selection)
    alone = Document(target.uri, opened(rest, target)).snapshot()
    theirs = holders(alone, framework)
    if theirs and _has_more(alone, theirs):
        return _at_end(written, target)
    code = "\n\n".join(_fresh(alone, each, target, holder) for each in theirs) if theirs else rest
    lines = target.lines
    ours = target.data[lines.start(lines.at(holder.members[0].scope.start)) : at].decode("utf-8", "replace")
    code = indented_like(code.strip("\n"), ours.replace("\r\n", "\n"))
    return msgspec.structs.replace(_proposal(code, selection, added, blank=1), into=holder.name)


def _chosen(ours: tuple[Holder, ...], theirs: tuple[Holder, ...], target: Snapshot) -> Holder | None:
    """The one of the same name; else the first where a file usually has one, for all tests."""
    names = {each.name for each in theirs}
    same = next((each for each in ours if each.name in names), None)
    return same or (ours[0] if ours and one_a_file(target) else None)


def _has_more(alone: Snapshot, theirs: tuple[Holder, ...]) -> bool:
    """Whether something else is defined beside the classes of an answer, which they may need."""
    scopes = [entry.scope for entry in outline(alone)]
    return any(
        not any(each.start <= scope.start < each.end or scope.start <= each.start < scope.end for each in theirs)
        for scope in scopes
    )


def _place(target: Snapshot, holder: Holder) -> int | None:
    """Where another member can be added; None where what closes it does not stand on a line of its own."""
    line = target.lines.at(holder.end)
    if target.language is not None and target.language.block == "indent":
        return target.lines.after(target.data, line)
    start = target.lines.start(line)
    return start if target.data[start : holder.end].strip() in (b"}", b"end") else None


def _fresh(alone: Snapshot, theirs: Holder, target: Snapshot, ours: Holder) -> str:
    """The members of one holder that the other has not yet, all where it has all, each with what stands above it."""
    known = set(ours.names()) | {entry.scope.name for entry in ours.members}
    there = {line.strip() for line in target.data[ours.start : ours.end].splitlines()}
    if all(name in known for name in theirs.names()):
        known, there = set(), set()
    kept, begin = list[str](), theirs.body
    for entry in theirs.members:
        if entry.scope.name not in known:
            above = alone.data[begin : entry.scope.start].decode("utf-8", "replace").split("\n")
            lines = [line for line in above[:-1] if not (line.strip().endswith(";") and line.strip().encode() in there)]
            kept.append("\n".join((*lines, above[-1])) + alone.data[entry.scope.start : entry.scope.end].decode("utf-8", "replace"))
        begin = entry.scope.end
    return "".join(kept)


def _at_end(written: str, target: Snapshot) -> Proposal:
    selection = Selection(target, len(target.data), len(target.data))
    if not target.data.strip():
        return _proposal(written, selection, (), blank=0)
    code, added = lifted(written, selection)
    return _proposal(code.strip("\n"), selection, added, blank=2)


def _proposal(code: str, selection: Selection, added: tuple[Hunk, ...], *, blank: int) -> Proposal:
    """The code in its place, with at least so many blank lines before it where anything is before it."""
    target, at, newline = selection.snapshot, selection.start, selection.snapshot.newline
    wanted = blank + 1 if at else 0
    there = sum(target.data[:at].endswith(newline.encode() * count) for count in range(1, wanted + 1))
    text = f"{newline * (wanted - there)}{code.replace(chr(10), newline)}{newline}" if code.strip() else ""
    changed = (*added, Hunk(at, at, text))
    return Proposal(selection, after(selection, changed), changed)
