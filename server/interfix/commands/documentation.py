"""Takes the documentation out of an answer and puts it to the code as it was. Knows no model and judges nothing."""

from textwrap import dedent

from interfix.commands.answer import code_in
from interfix.commands.edit import Hunk
from interfix.commands.placing import after, placed
from interfix.commands.prompts import fenced
from interfix.commands.rules import Proposal
from interfix.commands.selection import Selection
from interfix.syntax.outline import Entry, outline
from interfix.syntax.snapshot import Snapshot

Path = tuple[str, ...]
"""The names of a definition and of those it lies in, outermost first."""


def with_comments_above(selection: Selection) -> Selection:
    """The selection and the comments that document its first definition: they are its to replace."""
    snapshot = selection.snapshot
    for entry in outline(snapshot):
        first = snapshot.lines.at(entry.scope.start) == snapshot.lines.at(selection.start)
        if first and entry.doc and entry.doc[1] <= selection.start:
            start = snapshot.lines.start(snapshot.lines.at(entry.doc[0]))
            return Selection(snapshot, start, selection.end)
    return selection


def transplanted(answer: str, selection: Selection, words: str = "") -> Proposal:
    """The selection with what the answer says about each definition of the same name; the rest of the answer is dropped.

    Where the selection defines nothing, the answer stands as it is; where the answer does not either, it may be what is to stand
    above the first definition.
    """
    proposal = placed(answer, selection, words)
    ours = documentable(selection)
    if not ours:
        return proposal
    if not documentable(proposal.after):
        proposal = placed(_with_definition(answer, selection, next(iter(ours.values()))), selection, words)
    theirs = documentable(proposal.after)
    hunks = []
    for path, entry in ours.items():
        other = theirs.get(path)
        if other is not None and other.doc is not None:
            hunks.append(_hunk(selection.snapshot, entry, proposal.after.snapshot, other, other.doc))
    changed = tuple(sorted((hunk for hunk in hunks if hunk), key=lambda hunk: hunk.start))
    return Proposal(selection, after(selection, changed), changed, words)


def documentable(selection: Selection) -> dict[Path, Entry]:
    """The definitions of a selection, the first of each name."""
    entries = outline(selection.snapshot)
    found: dict[Path, Entry] = {}
    paths: list[Path] = []
    for entry in entries:
        outer = paths[entry.parent] if entry.parent >= 0 else ()
        paths.append((*outer, entry.scope.name))
        if selection.start <= entry.scope.start and entry.scope.end <= selection.end and entry.scope.kind != "variable":
            found.setdefault(paths[-1], entry)
    return found


def inside(entry: Entry) -> bool:
    """Whether a definition's documentation stands in its body, as Python's does."""
    return entry.doc is not None and entry.doc[0] >= entry.scope.signature_end


def _with_definition(answer: str, selection: Selection, entry: Entry) -> str:
    """An answer that may be nothing but the comments above the first definition, with that definition under it."""
    lines, data = selection.snapshot.lines, selection.snapshot.data
    below = data[lines.start(lines.at(entry.scope.start)) : entry.scope.end].decode("utf-8", "replace")
    return fenced(f"{code_in(answer, selection.code)}\n{dedent(below)}", "")


def _hunk(ours: Snapshot, entry: Entry, theirs: Snapshot, other: Entry, doc: tuple[int, int]) -> Hunk | None:
    text = theirs.data[slice(*doc)].decode("utf-8", "replace")
    if entry.doc is not None and inside(entry) == inside(other):
        same = ours.data[slice(*entry.doc)].decode("utf-8", "replace") == text
        return None if same else Hunk(*entry.doc, text)
    at = entry.scope.body_start if inside(other) else entry.scope.start
    line = ours.lines.start(ours.lines.at(at))
    margin = ours.data[line:at].decode("utf-8", "replace")
    return Hunk(at, at, f"{text}{ours.newline}{margin if not margin.strip() else ''}")
