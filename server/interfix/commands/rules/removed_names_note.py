"""Lists the names that are no longer defined, called or imported."""

import re

from interfix.commands.rules import EditProposal, RuleResult
from interfix.commands.selection import Selection
from interfix.syntax.identifiers_in_range import find_identifier_spans
from interfix.syntax.imports import parse_imports

_CALL = re.compile(rb"\s*\(")


def check_removed_names(proposal: EditProposal) -> RuleResult:
    """It may be what was wanted, and may be a loss: the user is to see it."""
    before, after = proposal.before, proposal.after
    defined = before.find_definitions().keys() - after.find_definitions().keys()
    called = _called_names(before) - _called_names(after) - before.find_definitions().keys()
    lost = _imported_names(before) - _imported_names(after)
    sentences = [
        f"No longer {what} here: {', '.join(sorted(names))}."
        for what, names in (("defined", defined), ("called", called), ("imported", lost))
        if names
    ]
    return RuleResult(note=" ".join(sentences))


def _called_names(selection: Selection) -> set[str]:
    data = selection.snapshot.data
    return {
        data[start:end].decode("utf-8", "replace")
        for start, end in find_identifier_spans(selection.snapshot, selection.start, selection.end)
        if _CALL.match(data, end)
    }


def _imported_names(selection: Selection) -> set[str]:
    """What imports in the selection name; those that a change adds above it are not lost."""
    names = set()
    for each in parse_imports(selection.snapshot):
        if selection.start <= each.start and each.end <= selection.end:
            names |= set(each.names) or {each.module}
    return names
