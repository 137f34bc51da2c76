"""Puts an answer where it belongs in the file, as a proposal for the rules to judge."""

from interfix.commands.answer_code_extraction import extract_code, reindent
from interfix.commands.edit_hunks import Hunk, compute_hunks
from interfix.commands.import_merge import split_imports
from interfix.commands.rules import EditProposal
from interfix.commands.selection import Selection
from interfix.syntax.name_place import TextKind, find_name_place

_MAX_COMMENT_LINES = 60
"""Lines of a comment above a selection that are looked at."""


def place_answer(answer: str, selection: Selection, instruction: str = "") -> EditProposal:
    """The code of an answer at the selection's indentation and with the file's line endings, its imports among the file's own."""
    code, added = split_imports(extract_code(answer, selection.code), selection)
    code = _drop_comment_above(code, selection)
    return build_proposal(reindent(code, selection.code), selection, added, instruction)


def _drop_comment_above(code: str, selection: Selection) -> str:
    """The code without the comment that it begins with, where that stands right above the selection already.

    A definition is often written whole, with the comment that documents it, though the selection begins behind that.
    """
    data, stop = selection.snapshot.data, selection.snapshot.lines.find_start(selection.snapshot.lines.find_line(selection.start))
    above: list[str] = []
    for line in reversed(data[:stop].splitlines(keepends=True)[-_MAX_COMMENT_LINES:]):
        stop -= len(line)
        start = stop + len(line) - len(line.lstrip())
        if not line.strip() or find_name_place(selection.snapshot, start).kind is not TextKind.COMMENT:
            break
        above.insert(0, line.decode("utf-8", "replace").strip())
    lines, own = code.splitlines(keepends=True), selection.code.splitlines()
    for count in range(min(len(above), len(lines)), 0, -1):
        first = [line.strip() for line in lines[:count]]
        if first == above[-count:] and first != [line.strip() for line in own[:count]]:
            return "".join(lines[count:])
    return code


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
