"""An answer put where it belongs in the file, as a proposal for the rules to judge. Judges nothing itself."""

from interfix.commands.answer import code_in, indented_like
from interfix.commands.edit import Hunk, hunks
from interfix.commands.imports import lifted
from interfix.commands.rules import Proposal
from interfix.commands.selection import Selection


def placed(answer: str, selection: Selection, words: str = "") -> Proposal:
    """The code of an answer at the selection's indentation and with the file's line endings, its imports among the file's own."""
    code, added = lifted(code_in(answer, selection.code), selection)
    return proposal(indented_like(code, selection.code), selection, added, words)


def proposal(code: str, selection: Selection, added: tuple[Hunk, ...] = (), words: str = "") -> Proposal:
    """The code in the place of the selection; the selection's own text where only trailing space differs."""
    snapshot = selection.snapshot
    if _lines(code) == _lines(selection.code):
        text = snapshot.data[selection.start : selection.end].decode("utf-8", "surrogatepass")
        added = ()
    else:
        text = code.replace("\n", snapshot.newline)
    stop = selection.stop
    ending = snapshot.data[selection.end : stop].decode()  # compared as well, or the last line would differ whenever one is added
    changed = (*added, *hunks(snapshot, selection.start, stop, text + ending))
    return Proposal(selection, after(selection, changed), changed, words)


def after(selection: Selection, changed: tuple[Hunk, ...]) -> Selection:
    """What stands in the selection's place once the hunks are made; those above it move it."""
    snapshot, start, end = selection.snapshot, selection.start, selection.end
    for hunk in reversed(changed):
        snapshot = snapshot.replaced(hunk.start, hunk.end, hunk.text)
        grown = len(hunk.data) - (hunk.end - hunk.start)
        if hunk.start < selection.start:
            start += grown
        end += grown
    return Selection(snapshot, start, end)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]
