"""Puts an answer where it belongs in the file, as a proposal for the rules to judge."""

from interfix.commands.code_extraction import extract_code, reindent
from interfix.commands.edit_hunks import Hunk, compute_hunks
from interfix.commands.import_merge import split_imports
from interfix.commands.rules import EditProposal
from interfix.commands.selection import Selection


def place_answer(answer: str, selection: Selection, instruction: str = "") -> EditProposal:
    """The code of an answer at the selection's indentation and with the file's line endings, its imports among the file's own."""
    code, added = split_imports(extract_code(answer, selection.code), selection)
    return build_proposal(reindent(code, selection.code), selection, added, instruction)


def build_proposal(code: str, selection: Selection, added: tuple[Hunk, ...] = (), instruction: str = "") -> EditProposal:
    """The code in the place of the selection; the selection's own text where only trailing space differs."""
    snapshot = selection.snapshot
    if _stripped_lines(code) == _stripped_lines(selection.code):
        text = snapshot.data[selection.start : selection.end].decode("utf-8", "surrogatepass")
        added = ()
    else:
        text = code.replace("\n", snapshot.newline)
    stop = selection.next_line_start
    ending = snapshot.data[selection.end : stop].decode()  # compared as well, or the last line would differ whenever one is added
    changed = (*added, *compute_hunks(snapshot, selection.start, stop, text + ending))
    return EditProposal(selection, apply_to_selection(selection, changed), changed, instruction)


def apply_to_selection(selection: Selection, hunks: tuple[Hunk, ...]) -> Selection:
    """What stands in the selection's place once the hunks are made; those above it move it."""
    snapshot, start, end = selection.snapshot, selection.start, selection.end
    for hunk in reversed(hunks):
        snapshot = snapshot.replace_range(hunk.start, hunk.end, hunk.text)
        grown = len(hunk.data) - (hunk.end - hunk.start)
        if hunk.start < selection.start:
            start += grown
        end += grown
    return Selection(snapshot, start, end)


def _stripped_lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]
