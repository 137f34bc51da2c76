"""What is no longer defined, called or imported is named."""

import re

from interfix.commands.rules import Proposal, Ruling
from interfix.commands.selection import Selection
from interfix.syntax.imports import imported
from interfix.syntax.outline import identifier_spans

_CALL = re.compile(rb"\s*\(")


def vanished(proposal: Proposal) -> Ruling:
    """It may be what was wanted, and may be a loss: the user is to see it."""
    before, after = proposal.before, proposal.after
    defined = before.names().keys() - after.names().keys()
    called = _called(before) - _called(after) - before.names().keys()
    lost = _imported(before) - _imported(after)
    said = [
        f"No longer {what} here: {', '.join(sorted(names))}."
        for what, names in (("defined", defined), ("called", called), ("imported", lost))
        if names
    ]
    return Ruling(note=" ".join(said))


def _called(selection: Selection) -> set[str]:
    data = selection.snapshot.data
    return {
        data[start:end].decode("utf-8", "replace")
        for start, end in identifier_spans(selection.snapshot, selection.start, selection.end)
        if _CALL.match(data, end)
    }


def _imported(selection: Selection) -> set[str]:
    """What imports in the selection name; those that a change adds above it are not lost."""
    found = set()
    for each in imported(selection.snapshot):
        if selection.start <= each.start and each.end <= selection.end:
            found |= set(each.names) or {each.module}
    return found
