"""Only the selection and the imports change."""

from bisect import bisect_right

from interfix.commands.rules import EditProposal, RuleResult
from interfix.syntax.imports import find_import_ranges
from interfix.syntax.snapshot import Snapshot


def check_within_selection(proposal: EditProposal) -> RuleResult:
    """Whatever the code or the model says, a hunk lies in the selection or adds lines that are imports through and through."""
    before, after = proposal.before, proposal.after.snapshot
    shift = 0
    for hunk in proposal.hunks:
        start = hunk.start + shift
        inside = before.start <= hunk.start and hunk.end <= before.next_line_start
        if not inside and not (hunk.start == hunk.end and _holds_only_imports(after, start, start + len(hunk.data))):
            line = before.snapshot.lines.find_line(hunk.start) + 1
            return RuleResult(fault=f"it changes line {line}, which is outside of what was asked about")
        shift += len(hunk.data) - (hunk.end - hunk.start)
    return RuleResult()


def _holds_only_imports(snapshot: Snapshot, start: int, end: int) -> bool:
    spans = find_import_ranges(snapshot, end)
    starts = [span[0] for span in spans]
    for line in range(snapshot.lines.find_line(start), snapshot.lines.find_line(max(start, end - 1)) + 1):
        first, last = max(start, snapshot.lines.find_start(line)), min(end, snapshot.lines.find_end(snapshot.data, line))
        if not snapshot.data[first:last].strip():
            continue
        at = bisect_right(starts, first) - 1
        if at < 0 or spans[at][1] < last:
            return False
    return True
