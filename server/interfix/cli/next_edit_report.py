"""`interfix why --next-edit`: what follows from the changes of a file since its last commit, and on which evidence."""

from collections.abc import Iterator
from difflib import SequenceMatcher

import msgspec
from rich.table import Table

from interfix.cli import position_arguments
from interfix.cli.cli_settings import load_settings
from interfix.commands.staged_changes import read_committed_text
from interfix.next_edit.certainty import load_certainty
from interfix.next_edit.decision_explanation import (
    MAX_CONSIDERED,
    ConsideredEdit,
    EditDecision,
    describe_edit,
    explain_edit_decision,
)
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import Edit, EditLog
from interfix.next_edit.gate import RefusedEdits
from interfix.next_edit.predictor import weigh_edits
from interfix.output.console_output import Console, write_json
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding, Snapshot


class NextEditReport(msgspec.Struct, frozen=True):
    """What machines read."""

    summary: str
    """In one line, whether an edit would be shown and why."""
    change: str
    """What would change that; empty where one would be."""
    decision: EditDecision
    """What was weighed."""


def show_next_edit(place: str, *, json: bool) -> None:
    """Print it for a cursor. Raises `UsageError` where the file was never committed."""
    point = position_arguments.parse_position(place)
    settings = load_settings(point.snapshot.path)
    given = settings.next_edit.threshold
    threshold = load_certainty().threshold if given is None else given
    edits = list_uncommitted_edits(point.snapshot, point.offset)
    weighed = weigh_edits(EditContext(point.snapshot, point.offset, edits), threshold, RefusedEdits())
    decision = EditDecision(threshold, tuple(describe_edit(point.snapshot, *each) for each in weighed[:MAX_CONSIDERED]))
    explanation = explain_edit_decision(decision)
    if json:
        write_json(NextEditReport(explanation.summary, explanation.change, decision))
        return
    console = Console(stderr=True)
    console.print(" ".join(filter(None, (explanation.summary, explanation.change))), markup=False)
    if decision.considered:
        console.print(_build_table(decision.considered))


def list_uncommitted_edits(snapshot: Snapshot, offset: int) -> tuple[Edit, ...]:
    """What a file has that its last commit has not, as edits; the one nearest to a cursor counts as the newest."""
    committed = read_committed_text(snapshot.path)
    document, log = Document(snapshot.uri, committed), EditLog()
    for edit in _list_hunks(committed, snapshot.text, snapshot.lines.find_line(offset)):
        before = document.snapshot()
        log.record(before, document.apply([edit], before.version + 1, PositionEncoding.UTF32))
    return log.list_edits()


def _list_hunks(before: str, after: str, line: int) -> Iterator[DocumentEdit]:
    """The changes between two texts, each as whole lines where it stands when those before it are made."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    codes = [code for code in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"]
    codes.sort(key=lambda code: -abs(code[3] - line))
    for number, (_, i, j, k, m) in enumerate(codes):
        shift = sum((done[4] - done[3]) - (done[2] - done[1]) for done in codes[:number] if done[1] < i)
        yield DocumentEdit((i + shift, 0), (j + shift, 0), "".join(new[k:m]))


def _build_table(considered: tuple[ConsideredEdit, ...]) -> Table:
    table = Table(title_justify="left")
    for heading in ("edit", "finder", "line", "certain", "against it", "evidence"):
        table.add_column(heading, justify="right" if heading in ("line", "certain") else "left", overflow="fold")
    for each in considered:
        evidence = ", ".join(f"{name} {value:g}" for name, value in sorted(each.evidence.items()))
        against = each.obstacle.replace("_", " ")
        table.add_row(each.label, each.finder, str(each.line + 1), f"{each.certainty:.0%}", against, evidence)
    return table
