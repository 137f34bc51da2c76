"""Takes the documentation out of an answer and puts it to the code as it was."""

from textwrap import dedent

from interfix.commands.answer_code_extraction import extract_code
from interfix.commands.answer_placement import apply_to_selection, place_answer
from interfix.commands.edit_hunks import Hunk
from interfix.commands.rules import EditProposal
from interfix.commands.selection import Selection
from interfix.output.markdown_code import fence_code
from interfix.syntax.definition_outline import OutlineEntry, build_outline
from interfix.syntax.snapshot import Snapshot

DefinitionPath = tuple[str, ...]
"""The names of a definition and of those it lies in, outermost first."""


def include_comments_above(selection: Selection) -> Selection:
    """The selection and the comments that document its first definition: they are its to replace."""
    snapshot = selection.snapshot
    for entry in build_outline(snapshot):
        first = snapshot.lines.find_line(entry.scope.start) == snapshot.lines.find_line(selection.start)
        if first and entry.docstring_range and entry.docstring_range[1] <= selection.start:
            start = snapshot.lines.find_start(snapshot.lines.find_line(entry.docstring_range[0]))
            return Selection(snapshot, start, selection.end)
    return selection


def merge_documentation(answer: str, selection: Selection, instruction: str = "") -> EditProposal:
    """The selection with what the answer says about each definition of the same name; the rest of the answer is dropped.

    Where the selection defines nothing, the answer stands as it is; where the answer does not either, it may be what is to stand
    above the first definition.
    """
    proposal = place_answer(answer, selection, instruction)
    ours = collect_definitions(selection)
    if not ours:
        return proposal
    if not collect_definitions(proposal.after):
        proposal = place_answer(_append_definition(answer, selection, next(iter(ours.values()))), selection, instruction)
    theirs = collect_definitions(proposal.after)
    hunks = []
    for path, entry in ours.items():
        other = theirs.get(path)
        if other is not None and other.docstring_range is not None:
            hunks.append(_documentation_hunk(selection.snapshot, entry, proposal.after.snapshot, other, other.docstring_range))
    changed = tuple(sorted((hunk for hunk in hunks if hunk), key=lambda hunk: hunk.start))
    return EditProposal(selection, apply_to_selection(selection, changed), changed, instruction)


def collect_definitions(selection: Selection) -> dict[DefinitionPath, OutlineEntry]:
    """The definitions of a selection, the first of each name."""
    entries = build_outline(selection.snapshot)
    definitions: dict[DefinitionPath, OutlineEntry] = {}
    paths: list[DefinitionPath] = []
    for entry in entries:
        outer = paths[entry.parent] if entry.parent >= 0 else ()
        paths.append((*outer, entry.scope.name))
        if selection.start <= entry.scope.start and entry.scope.end <= selection.end and entry.scope.kind != "variable":
            definitions.setdefault(paths[-1], entry)
    return definitions


def has_inner_docstring(entry: OutlineEntry) -> bool:
    """Whether a definition's documentation stands in its body, as Python's does."""
    return entry.docstring_range is not None and entry.docstring_range[0] >= entry.scope.signature_end


def _append_definition(answer: str, selection: Selection, entry: OutlineEntry) -> str:
    """An answer that may be nothing but the comments above the first definition, with that definition under it."""
    lines, data = selection.snapshot.lines, selection.snapshot.data
    below = data[lines.find_start(lines.find_line(entry.scope.start)) : entry.scope.end].decode("utf-8", "replace")
    return fence_code(f"{extract_code(answer, selection.code)}\n{dedent(below)}", "")


def _documentation_hunk(
    ours: Snapshot, entry: OutlineEntry, theirs: Snapshot, other: OutlineEntry, doc: tuple[int, int]
) -> Hunk | None:
    text = theirs.data[slice(*doc)].decode("utf-8", "replace")
    if entry.docstring_range is not None and has_inner_docstring(entry) == has_inner_docstring(other):
        same = ours.data[slice(*entry.docstring_range)].decode("utf-8", "replace") == text
        return None if same else Hunk(*entry.docstring_range, text)
    at = entry.scope.body_start if has_inner_docstring(other) else entry.scope.start
    line = ours.lines.find_start(ours.lines.find_line(at))
    margin = ours.data[line:at].decode("utf-8", "replace")
    return Hunk(at, at, f"{text}{ours.newline}{margin if not margin.strip() else ''}")
