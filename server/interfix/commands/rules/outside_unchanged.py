"""The code around the selection is unchanged and not repeated in the answer."""

from collections import Counter

from interfix.commands.rules import EditProposal, RuleResult
from interfix.commands.selection import Selection
from interfix.output.markdown_code import write_code_span
from interfix.syntax.enclosing_scopes import find_scopes
from interfix.syntax.signatures_in_range import list_signatures


def check_outside_unchanged(proposal: EditProposal) -> RuleResult:
    """The definitions before, behind and around the selection are the same ones as before."""
    before, after = proposal.before, proposal.after
    if gone := _outside_signatures(before) - _outside_signatures(after) - _extended_signatures(proposal):
        return RuleResult(fault=f"it breaks into {_format_first(gone)}, which is outside of what was asked about")
    if before.start < len(before.snapshot.data) and _enclosing_names(before) != _enclosing_names(after):
        return RuleResult(fault="it does not stay inside of what it stands in")
    new = after.find_definitions().items() - before.find_definitions().items()
    enclosing = {(scope.name, scope.kind) for scope in before.find_enclosing_scopes()}
    if repeated := sorted(name for name, kind in new & enclosing):
        return RuleResult(fault=f"it repeats {', '.join(repeated)}, which stands around the code already")
    own = Counter(list_signatures(after.snapshot, after.start, after.end)) - Counter(
        list_signatures(before.snapshot, before.start, before.end)
    )
    if twice := [signature for signature in own if signature in _outside_signatures(before) and "(" in signature]:
        return RuleResult(fault=f"it repeats {write_code_span(twice[0])}, which stands elsewhere in the file")
    return RuleResult()


def _outside_signatures(selection: Selection) -> Counter[str]:
    snapshot = selection.snapshot
    behind = list_signatures(snapshot, selection.end, len(snapshot.data))
    return Counter((*list_signatures(snapshot, 0, selection.start), *behind))


def _extended_signatures(proposal: EditProposal) -> Counter[str]:
    """What ends with the addition now, and ended before it."""
    snapshot = proposal.before.snapshot
    scopes = find_scopes(snapshot, 0, proposal.before.start) if proposal.container else ()
    return Counter(list_signatures(snapshot, each.start, each.end)[0] for each in scopes if each.name == proposal.container)


def _enclosing_names(selection: Selection) -> list[str]:
    return [scope.name for scope in selection.find_enclosing_scopes()]


def _format_first(signatures: Counter[str]) -> str:
    return write_code_span(next(iter(signatures)))
