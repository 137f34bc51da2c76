"""How right a next edit is, by what the file's author did."""

from collections.abc import Sequence
from difflib import SequenceMatcher

import msgspec
from rapidfuzz.distance import Indel

from interfix.bench.next_edit_cases import CaseHunk, EditCase


class EditScore(msgspec.Struct, frozen=True):
    """What came of one case."""

    is_wanted: bool
    """Whether the author changed more."""
    is_shown: bool
    """Whether something was suggested."""
    is_exact: bool = False
    """Whether it is what the author did in these lines: one hunk, or several."""
    is_closer: bool = False
    """Whether the file is nearer to the author's than before: fewer characters to insert and delete."""


def score_edit(case: EditCase, text: str | None) -> EditScore:
    """The score of the whole file with the suggested edit made; None: nothing was suggested."""
    is_wanted, has_answer = bool(case.remaining), text is not None and text != case.text
    if text is None or not has_answer or not is_wanted:
        return EditScore(is_wanted, has_answer)
    lines = case.text.splitlines(keepends=True)
    final = make_hunks(lines, case.remaining)
    closer = Indel.distance(text, final) < Indel.distance(case.text, final)
    return EditScore(is_wanted, has_answer, _is_exact(lines, text, case.remaining), closer)


def make_hunks(lines: Sequence[str], hunks: Sequence[CaseHunk]) -> str:
    """The text of lines in which hunks are made."""
    made = list(lines)
    for hunk in sorted(hunks, key=lambda hunk: -hunk.line):
        made[hunk.line : hunk.line + len(hunk.old.splitlines())] = [hunk.new]
    return "".join(made)


def _is_exact(lines: Sequence[str], text: str, hunks: Sequence[CaseHunk]) -> bool:
    now = text.splitlines(keepends=True)
    changed = [code for code in SequenceMatcher(None, lines, now, autojunk=False).get_opcodes() if code[0] != "equal"]
    low, high = changed[0][1], changed[-1][2]
    touched = [hunk for hunk in hunks if hunk.line <= high and low <= hunk.line + len(hunk.old.splitlines())]
    # The hunks at either end may only border on what was changed.
    choices = [touched[first:last] for first in range(min(2, len(touched))) for last in range(len(touched), first, -1)]
    return any(make_hunks(lines, choice) == text for choice in choices)
