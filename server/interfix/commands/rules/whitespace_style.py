"""Lines end and are indented as in the rest of the file."""

import re

from interfix.commands.rules import EditProposal, RuleResult
from interfix.syntax.query_matches import find_text_spans
from interfix.syntax.snapshot import Snapshot

_INDENTATION = re.compile(rb"[ \t]*(?=[^\s])")
_LINE_ENDS = re.compile(rb"\r\n|\n|\r")


def check_whitespace_style(proposal: EditProposal) -> RuleResult:
    """One kind of line ending, the file's; no tabs where the file has spaces, and the other way round."""
    before, after = proposal.before, proposal.after
    old, new = before.snapshot.data[before.start : before.end], after.snapshot.data[after.start : after.end]
    strange = set(_LINE_ENDS.findall(new)) - set(_LINE_ENDS.findall(old)) - {before.snapshot.newline.encode()}
    if strange:
        return RuleResult(fault="its lines do not end as those of the file do")
    ours, theirs = (
        _indent_characters(before.snapshot, 0, len(before.snapshot.data)),
        _indent_characters(after.snapshot, after.start, after.end),
    )
    if ours and theirs - ours:
        kinds = {b"\t": "tabs", b" ": "spaces"}
        kind = kinds[next(iter(theirs - ours))]
        return RuleResult(fault=f"it is indented with {kind}, which the file is not")
    return RuleResult()


def _indent_characters(snapshot: Snapshot, start: int, end: int) -> set[bytes]:
    """Tab, space, both or none: what the lines begin with that are no text of a string or comment."""
    inside = find_text_spans(snapshot, start, end)
    characters = set[bytes]()
    for line in range(snapshot.lines.find_line(start), snapshot.lines.find_line(end) + 1):
        first = snapshot.lines.find_start(line)
        space = _INDENTATION.match(snapshot.data, first)
        if space and not any(a < first < b for a, b in inside):
            characters |= {bytes([byte]) for byte in space[0]}
    return characters
