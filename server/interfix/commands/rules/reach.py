"""Nothing changes but what the command covers, and imports."""

from bisect import bisect_right

from interfix.commands.rules import Proposal, Ruling
from interfix.syntax.imports import imports
from interfix.syntax.snapshot import Snapshot


def reach(proposal: Proposal) -> Ruling:
    """Whatever the code or the model says, a hunk lies in the selection or adds lines that are imports through and through."""
    before, after = proposal.before, proposal.after.snapshot
    shift = 0
    for hunk in proposal.hunks:
        start = hunk.start + shift
        inside = before.start <= hunk.start and hunk.end <= before.stop
        if not inside and not (hunk.start == hunk.end and _only_imports(after, start, start + len(hunk.data))):
            line = before.snapshot.lines.at(hunk.start) + 1
            return Ruling(fault=f"it changes line {line}, which is outside of what was asked about")
        shift += len(hunk.data) - (hunk.end - hunk.start)
    return Ruling()


def _only_imports(snapshot: Snapshot, start: int, end: int) -> bool:
    spans = imports(snapshot, end)
    starts = [span[0] for span in spans]
    for line in range(snapshot.lines.at(start), snapshot.lines.at(max(start, end - 1)) + 1):
        first, last = max(start, snapshot.lines.start(line)), min(end, snapshot.lines.end(snapshot.data, line))
        if not snapshot.data[first:last].strip():
            continue
        at = bisect_right(starts, first) - 1
        if at < 0 or spans[at][1] < last:
            return False
    return True
