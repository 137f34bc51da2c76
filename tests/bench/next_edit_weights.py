"""Measures how much each kind of evidence for a next edit counts: writes `next_edit/certainty.toml`.

Cases are those of `interfix bench nextedit`. Many cases of any origin, such as the differences between two releases of packages,
tell which evidence counts; fewer that are like single commits tell how much to trust it: the weights of the first are moved towards
them.
"""

import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from interfix.bench.next_edit_cases import EditCase, plan_keystrokes, read_edit_cases
from interfix.bench.next_edit_scores import make_hunks, score_edit
from interfix.completion.logistic_regression import fit_logistic
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.certainty import CertaintyModel, CertaintyTable, load_certainty
from interfix.next_edit.code_tokens import split_tokens
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditLog
from interfix.next_edit.expression_candidates import EXPRESSION
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders import FINDERS, collect_candidates
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.ranking import EDIT_KIND, rank_edits
from interfix.next_edit.rewrite_candidates import ORPHAN, RENAME_DEFINITION, RENAME_IN_SCOPE
from interfix.next_edit.template_candidates import INSERT_AGAIN
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding, Snapshot

THRESHOLD, EXPLICIT_THRESHOLD, JOINT_THRESHOLD = 0.6, 0.25, 0.4
"""From which certainty on an edit is shown unasked, shown to who asks, and joined with another."""
RENAME_IN_OTHER_FILE = CertaintyTable(1.792, {})
"""For uses in other files, of which cases know nothing: of 5 in the releases of 19 packages all followed (6 in 7, by Laplace's rule
of succession). Where a name is defined once, all of some 500 places in 8 repositories of 6 languages were right."""
IN_SCOPE = CertaintyTable(2.603, {})
"""For uses that a rename left without their declaration: 26 of 27 such edits were followed, in the public cases and in 500 of the
releases' (27 in 29, by Laplace). Too few for weights, and by the tree's word no other evidence is needed."""
ONE_KIND = CertaintyTable(1.1, {})
"""For the definition of a member of the own object, and for uses of a name whose import is gone: the public cases have one of each,
both followed (2 in 3, by Laplace), and by the tree's word no other evidence is needed."""
AGAIN = CertaintyTable(-1.18, {"behind": -1.5, "below_like": 2.57, "conditional": 2.0})
"""For lines that were put into two functions whose headers differ in one word. In files of 2026 a third such function began with
them too in 3 of 3 cases where its next line was the same, and in 3 of 15 others. That a condition is more likely is assumed."""
_BY_PROGRAM = {
    "signature": CertaintyTable(-1.0, {"certain": 4.7}),
    "members": CertaintyTable(2.08, {}),
    "standard_import": CertaintyTable(2.08, {}),
    "async_header": CertaintyTable(3.7, {}),
    "closing_pair": CertaintyTable(4.37, {}),
    "awaiting": CertaintyTable(-1.0, {"certain": 4.7}),
}
"""Finders of which cases have too few, measured on edits that a program made in files of 2026, and how many of those shown were
right: parameters swapped or taken away and the calls, 40 of 40; a parameter and what it is kept in, 7 of 7; an import and its only
use, 15 of 16; `await` and the header, 82 of 83; one tag of an element and the other, 78 of 78; `async` and the calls, 56 of 56.
Each by the rule of Laplace. That of a function which may be another of the name is assumed: it is not shown unasked."""
_FORM_PRIOR = 8, 9
"""What is taken of a rule that follows what has one form only, before it is measured: right so often, of so many."""
_BY_FORM_SEEN = {
    "same_signature": (17, 24),
    "extraction": (4, 8),
    "equal_key": (0, 4),
    "open_bracket": (0, 0),
    "string_template": (0, 0),
    "qualified_member": (0, 0),
    "documented_name": (0, 0),
    "reference": (0, 0),
    "heading_link": (0, 0),
    "import_path": (0, 0),
    "named_test": (0, 0),
}
"""Cases in which the nearest place was right, and all in which one was found, of 3,698 releases' and 246 commits'. Too few for
weights, and eight have none: they are as they were assumed. The four of `equal_key` are one file's, and all above the change, as
are the three wrong ones of `same_signature` that stand in another class: these authors go from the top down."""
_BY_FORM = {
    name: CertaintyTable(round(math.log((_FORM_PRIOR[0] + right) / (_FORM_PRIOR[1] - _FORM_PRIOR[0] + cases - right)), 3), {})
    for name, (right, cases) in _BY_FORM_SEEN.items()
}
_BY_DIAGNOSTICS = {
    "unused_import": CertaintyTable(1.1, {}),
    "missing_import": CertaintyTable(1.1, {}),
}
"""Where a server's diagnostics say what is wrong: assumed, below a measured edit."""
_BY_CASES = {"delegation": CertaintyTable(1.386, {})}
"""For a call that hands on all parameters: 3 of 3 in 3,698 steps of releases and 246 commits went on so (4 in 5, by Laplace), two
of them word for word; of 12 other calls with the last parameter, about 1."""
_UNMEASURED = _BY_PROGRAM | _BY_FORM | _BY_DIAGNOSTICS | _BY_CASES
_WHOLE = CertaintyTable(0.0, {"score": 1.0})
"""Their edits are as certain as their first part."""
_BIAS_DEVIATION, _WEIGHT_DEVIATION, _NEAR_DEVIATION = 5.0, 1.0, 0.4
_FEW_ROWS = 10
"""So few rows that are like single commits may all be right by chance, and move a bias less."""
_FEW_DEVIATION = 1.0
_MAX_EDITS = 1500
"""Cases of the first kind of which whole edits are weighed."""

Row = tuple[dict[str, float], bool, float]
"""Evidence, whether it was right, and how much it counts."""


class JudgedCase(msgspec.Struct, frozen=True):
    """A case with what was found for it."""

    case: EditCase
    snapshot: Snapshot
    cursor: int
    """Its byte offset."""
    candidates: list[Candidate]
    right: list[bool]


def measure(prior: Path, near: Path, out: Path, only: str = "") -> None:
    """Fit all weights to the cases of two files and write them; or those of one kind of candidate, and keep the others."""
    many, few = ([judge_case(case) for case in read_edit_cases(path)] for path in (prior, near))
    kinds = sorted(
        {candidate.kind for judged in many for candidate in judged.candidates} - {INSERT_AGAIN, ORPHAN, RENAME_DEFINITION}
    )
    if only and only not in kinds:
        raise SystemExit(f"No candidate is of the kind {only}; there are {', '.join(kinds)}.")
    tables = {kind: _fit([*_list_rows(many, kind)], [*_list_rows(few, kind)]) for kind in kinds if only in ("", kind)}
    if only:
        model = load_certainty()
        out.write_text(format_certainty(msgspec.structs.replace(model, kinds=model.kinds | tables)), "utf-8")
        return
    model = CertaintyModel(0.0, 0.0, JOINT_THRESHOLD, tables)
    some = random.Random(1).sample(many, min(len(many), _MAX_EDITS))
    for finder in FINDERS:
        if finder in _UNMEASURED:
            tables |= {finder: _UNMEASURED[finder], EDIT_KIND + finder: _WHOLE}
            continue
        tables[EDIT_KIND + finder] = _fit([*_list_edits(some, finder, model)], [*_list_edits(few, finder, model)])
    tables["rename_in_other_file"] = RENAME_IN_OTHER_FILE
    tables |= {RENAME_IN_SCOPE: IN_SCOPE, EDIT_KIND + RENAME_IN_SCOPE: IN_SCOPE}
    tables |= {prefix + kind: ONE_KIND for kind in (RENAME_DEFINITION, ORPHAN) for prefix in ("", EDIT_KIND)}
    tables |= {INSERT_AGAIN: AGAIN, EDIT_KIND + INSERT_AGAIN: _WHOLE}
    model = msgspec.structs.replace(model, kinds=tables)
    tables[EDIT_KIND + EXPRESSION] = _fit([*_list_expressions(some, model)], [*_list_expressions(few, model)])
    model = CertaintyModel(THRESHOLD, EXPLICIT_THRESHOLD, JOINT_THRESHOLD, tables)
    out.write_text(format_certainty(model), "utf-8")


def format_certainty(model: CertaintyModel) -> str:
    """All that is known of certainty, as `certainty.toml` has it: three numbers, then two tables a kind."""
    lines = ["# Measured by tests/bench/next_edit_weights.py; do not edit by hand."]
    lines += [f"{name} = {getattr(model, name)}" for name in ("threshold", "explicit_threshold", "joint_threshold")]
    for kind, table in model.kinds.items():
        lines += ["", f"[kinds.{kind}]", f"bias = {table.bias}", "", f"[kinds.{kind}.weights]"]
        lines += [f"{name} = {weight}" for name, weight in table.weights.items()]
    return "\n".join([*lines, ""])


def judge_case(case: EditCase) -> JudgedCase:
    """Make the edits of a case, and tell of each candidate whether it leads to what the author did."""
    context = replay_case(case)
    candidates, snapshot = collect_candidates(EditSearch(context)), context.snapshot
    right = [_is_right(case, snapshot, each.replacements) for each in candidates]
    return JudgedCase(case, snapshot, context.offset, candidates, right)


def replay_case(case: EditCase) -> EditContext:
    """Make the edits of a case."""
    document, log = Document(f"file:///project/{case.path}", case.before, language_id=case.language), EditLog()
    for hunk in case.history:
        for keys in plan_keystrokes(hunk):
            before = document.snapshot()
            edit = DocumentEdit(keys.start, keys.end, keys.text)
            log.record(before, document.apply([edit], before.version + 1, PositionEncoding.UTF32))
    snapshot = document.snapshot()
    cursor = snapshot.to_offset(case.line, case.column, PositionEncoding.UTF32)
    return EditContext(snapshot, cursor, log.list_edits())


def _is_right(case: EditCase, snapshot: Snapshot, replacements: Sequence[Replacement]) -> bool:
    """Whether a change takes the file as much nearer to the author's as it is large."""
    if not case.remaining:
        return False
    low, high = (snapshot.lines.find_line(at) for at in (replacements[0].start, replacements[-1].end))
    lines = snapshot.text.splitlines(keepends=True)
    touched = [each for each in case.remaining if each.line <= high and low <= each.line + len(each.old.splitlines())]
    made, cost = snapshot.data, 0
    for each in reversed(replacements):
        cost += Indel.distance(_split(snapshot.data[each.start : each.end].decode()), _split(each.text.decode()))
        made = made[: each.start] + each.text + made[each.end :]
    final = _split(make_hunks(lines, touched))
    return bool(touched) and Indel.distance(_split(made.decode()), final) <= Indel.distance(_split(snapshot.text), final) - max(
        1, cost
    )


def _split(text: str) -> list[str]:
    return [token for token in split_tokens(text) if not token.isspace()]


def _list_rows(cases: Sequence[JudgedCase], kind: str) -> Iterator[Row]:
    for judged in cases:
        candidates = [(each, right) for each, right in zip(judged.candidates, judged.right, strict=True) if each.kind == kind]
        # A case with many candidates counts more than one with few, but not as many times.
        yield from ((each.evidence, right, len(candidates) ** -0.5) for each, right in candidates)


def _list_edits(cases: Sequence[JudgedCase], finder: str, model: CertaintyModel) -> Iterator[Row]:
    for judged in cases:
        for edit in rank_edits(judged.snapshot, judged.candidates, model, judged.cursor)[:3]:
            if edit.parts[0].candidate.finder == finder:
                place, data = edit.replacement, judged.snapshot.data
                text = (data[: place.start] + place.text + data[place.end :]).decode()
                yield edit.evidence, score_edit(judged.case, text).is_exact, 1.0


def _list_expressions(cases: Sequence[JudgedCase], model: CertaintyModel) -> Iterator[Row]:
    """Whole edits of lines like others but for expressions: a line that is nearly right is no next edit yet."""
    for judged in cases:
        for edit in rank_edits(judged.snapshot, judged.candidates, model, judged.cursor)[:3]:
            if {each.candidate.kind for each in edit.parts} == {EXPRESSION}:
                place, data = edit.replacement, judged.snapshot.data
                text = (data[: place.start] + place.text + data[place.end :]).decode()
                yield {"score": edit.evidence["score"]}, score_edit(judged.case, text).is_exact, 1.0


def _fit(prior: Sequence[Row], near: Sequence[Row]) -> CertaintyTable:
    names = sorted({name for evidence, _, _ in prior for name in evidence})

    def arrange(rows: Sequence[Row]) -> NDArray[np.float64]:
        return np.array([[1.0, *(evidence.get(name, 0.0) for name in names)] for evidence, _, _ in rows]).reshape(
            -1, len(names) + 1
        )

    coefficients = np.zeros(len(names) + 1)
    near_bias = _BIAS_DEVIATION if len(near) > _FEW_ROWS else _FEW_DEVIATION
    for rows, bias, weight in ((prior, _BIAS_DEVIATION, _WEIGHT_DEVIATION), (near, near_bias, _NEAR_DEVIATION)):
        deviations = np.array([bias, *[weight] * len(names)])
        coefficients = fit_logistic(
            arrange(rows), [float(right) for _, right, _ in rows], coefficients, deviations, [count for *_, count in rows] or 1.0
        )
    return CertaintyTable(
        round(float(coefficients[0]), 3),
        {name: round(float(value), 3) for name, value in zip(names, coefficients[1:], strict=True)},
    )
