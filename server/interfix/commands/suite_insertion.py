"""Inserts new tests where a file has its tests: into the class or module that holds them, else at the end."""

import msgspec

from interfix.commands.answer_code_extraction import extract_code, reindent
from interfix.commands.answer_placement import apply_to_selection
from interfix.commands.edit_hunks import Hunk
from interfix.commands.import_merge import ensure_opening, split_imports
from interfix.commands.rules import EditProposal
from interfix.commands.selection import Selection
from interfix.commands.testing_frameworks import Framework
from interfix.syntax.definition_outline import OutlineEntry, build_outline
from interfix.syntax.document import Document, Snapshot


class Suite(msgspec.Struct, frozen=True):
    """A class or module that holds tests."""

    name: str
    """Its name."""
    start: int
    """Byte offset at which it begins."""
    end: int
    """Byte offset at which it ends."""
    body_start: int
    """Byte offset at which its body begins, the white space before its first line included."""
    members: tuple[OutlineEntry, ...]
    """What it defines itself, in order."""
    test_count: int
    """How many tests it has."""

    def list_functions(self) -> list[str]:
        """The names of its functions, each as often as it stands there."""
        return [entry.scope.name for entry in self.members if entry.scope.kind == "function"]


def find_suites(snapshot: Snapshot, framework: Framework) -> tuple[Suite, ...]:
    """The outermost definitions of the kind that a framework wants tests inside of, and that have some."""
    entries = build_outline(snapshot)
    suites = list[Suite]()
    for number, entry in enumerate(entries):
        scope = entry.scope
        if scope.kind != framework.inside or (suites and scope.start < suites[-1].end):
            continue
        members = tuple(each for each in entries if each.parent == number)
        tests = framework.count_tests(snapshot.data[scope.start : scope.end].decode("utf-8", "replace"))
        if tests and members:
            line = snapshot.lines.find_start(snapshot.lines.find_line(scope.body_start))
            body = scope.body_start if snapshot.data[line : scope.body_start].strip() else line
            suites.append(Suite(scope.name, scope.start, scope.end, body, members, tests))
    return tuple(suites)


def has_single_suite(snapshot: Snapshot) -> bool:
    """Whether a file of tests usually has one class for all of them, which is all that is found."""
    return snapshot.language is not None and snapshot.language.block == "braces"


def insert_tests(answer: str, target: Snapshot, framework: Framework) -> EditProposal:
    """The tests of an answer among those of the file, its imports with the file's own."""
    written = ensure_opening(extract_code(answer, ""), target)
    theirs = find_suites(Document(target.uri, written).snapshot(), framework)
    holder = _choose_suite(find_suites(target, framework), theirs, target)
    at = _find_insertion_offset(target, holder) if holder else None
    if holder is None or at is None:
        return _append_tests(written, target)
    selection = Selection(target, at, at)
    rest, added = split_imports(written, selection)
    alone = Document(target.uri, ensure_opening(rest, target)).snapshot()
    theirs = find_suites(alone, framework)
    if theirs and _defines_others(alone, theirs):
        return _append_tests(written, target)
    code = "\n\n".join(_new_members(alone, each, target, holder) for each in theirs) if theirs else rest
    lines = target.lines
    ours = target.data[lines.find_start(lines.find_line(holder.members[0].scope.start)) : at].decode("utf-8", "replace")
    code = reindent(code.strip("\n"), ours.replace("\r\n", "\n"))
    return msgspec.structs.replace(_build_proposal(code, selection, added, blank=1), container=holder.name)


def _choose_suite(ours: tuple[Suite, ...], theirs: tuple[Suite, ...], target: Snapshot) -> Suite | None:
    """The one of the same name; else the first where a file usually has one, for all tests."""
    names = {each.name for each in theirs}
    same = next((each for each in ours if each.name in names), None)
    return same or (ours[0] if ours and has_single_suite(target) else None)


def _defines_others(alone: Snapshot, theirs: tuple[Suite, ...]) -> bool:
    """Whether something else is defined beside the classes of an answer, which they may need."""
    scopes = [entry.scope for entry in build_outline(alone)]
    return any(
        not any(each.start <= scope.start < each.end or scope.start <= each.start < scope.end for each in theirs)
        for scope in scopes
    )


def _find_insertion_offset(target: Snapshot, suite: Suite) -> int | None:
    """Where another member can be added; None where what closes it does not stand on a line of its own."""
    line = target.lines.find_line(suite.end)
    if target.language is not None and target.language.block == "indent":
        return target.lines.find_next_start(target.data, line)
    start = target.lines.find_start(line)
    return start if target.data[start : suite.end].strip() in (b"}", b"end") else None


def _new_members(alone: Snapshot, theirs: Suite, target: Snapshot, ours: Suite) -> str:
    """The members of one holder that the other has not yet, all where it has all, each with what stands above it."""
    existing = set(ours.list_functions()) | {entry.scope.name for entry in ours.members}
    there = {line.strip() for line in target.data[ours.start : ours.end].splitlines()}
    if all(name in existing for name in theirs.list_functions()):
        existing, there = set(), set()
    members, begin = list[str](), theirs.body_start
    for entry in theirs.members:
        if entry.scope.name not in existing:
            above = alone.data[begin : entry.scope.start].decode("utf-8", "replace").split("\n")
            lines = [line for line in above[:-1] if not (line.strip().endswith(";") and line.strip().encode() in there)]
            members.append(
                "\n".join((*lines, above[-1])) + alone.data[entry.scope.start : entry.scope.end].decode("utf-8", "replace")
            )
        begin = entry.scope.end
    return "".join(members)


def _append_tests(written: str, target: Snapshot) -> EditProposal:
    selection = Selection(target, len(target.data), len(target.data))
    if not target.data.strip():
        return _build_proposal(written, selection, (), blank=0)
    code, added = split_imports(written, selection)
    return _build_proposal(code.strip("\n"), selection, added, blank=2)


def _build_proposal(code: str, selection: Selection, added: tuple[Hunk, ...], *, blank: int) -> EditProposal:
    """The code in its place, with at least so many blank lines before it where anything is before it."""
    target, at, newline = selection.snapshot, selection.start, selection.snapshot.newline
    newlines = blank + 1 if at else 0
    there = sum(target.data[:at].endswith(newline.encode() * count) for count in range(1, newlines + 1))
    text = f"{newline * (newlines - there)}{code.replace(chr(10), newline)}{newline}" if code.strip() else ""
    changed = (*added, Hunk(at, at, text))
    return EditProposal(selection, apply_to_selection(selection, changed), changed)
