"""Lines end and are indented as in the rest of the file."""

import re

from interfix.commands.rules import Proposal, Ruling
from interfix.syntax.queries import texts
from interfix.syntax.snapshot import Snapshot

_SPACE = re.compile(rb"[ \t]*(?=[^\s])")
_ENDS = re.compile(rb"\r\n|\n|\r")


def layout(proposal: Proposal) -> Ruling:
    """One kind of line ending, the file's; no tabs where the file has spaces, and the other way round."""
    before, after = proposal.before, proposal.after
    old, new = before.snapshot.data[before.start : before.end], after.snapshot.data[after.start : after.end]
    strange = set(_ENDS.findall(new)) - set(_ENDS.findall(old)) - {before.snapshot.newline.encode()}
    if strange:
        return Ruling(fault="its lines do not end as those of the file do")
    ours, theirs = _indented_by(before.snapshot, 0, len(before.snapshot.data)), _indented_by(after.snapshot, after.start, after.end)
    if ours and theirs - ours:
        kinds = {b"\t": "tabs", b" ": "spaces"}
        said = kinds[next(iter(theirs - ours))]
        return Ruling(fault=f"it is indented with {said}, which the file is not")
    return Ruling()


def _indented_by(snapshot: Snapshot, start: int, end: int) -> set[bytes]:
    """Tab, space, both or none: what the lines begin with that are no text of a string or comment."""
    inside = texts(snapshot, start, end)
    found = set[bytes]()
    for line in range(snapshot.lines.at(start), snapshot.lines.at(end) + 1):
        first = snapshot.lines.start(line)
        space = _SPACE.match(snapshot.data, first)
        if space and not any(a < first < b for a, b in inside):
            found |= {bytes([byte]) for byte in space[0]}
    return found
