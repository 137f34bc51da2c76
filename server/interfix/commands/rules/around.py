"""What stands around the selection stands there still, and is not said twice."""

from collections import Counter

from interfix.commands.rules import Proposal, Ruling
from interfix.commands.selection import Selection
from interfix.syntax.parse import signatures
from interfix.syntax.scopes import scopes_in


def around(proposal: Proposal) -> Ruling:
    """The definitions before, behind and around the selection are the same ones as before."""
    before, after = proposal.before, proposal.after
    if gone := _outside(before) - _outside(after) - _going_on(proposal):
        return Ruling(fault=f"it breaks into {_first(gone)}, which is outside of what was asked about")
    if before.start < len(before.snapshot.data) and _names(before) != _names(after):
        return Ruling(fault="it does not stay inside of what it stands in")
    new = after.names().items() - before.names().items()
    enclosing = {(scope.name, scope.kind) for scope in before.around()}
    if repeated := sorted(name for name, kind in new & enclosing):
        return Ruling(fault=f"it repeats {', '.join(repeated)}, which stands around the code already")
    own = Counter(signatures(after.snapshot, after.start, after.end)) - Counter(
        signatures(before.snapshot, before.start, before.end)
    )
    if twice := [signature for signature in own if signature in _outside(before) and "(" in signature]:
        return Ruling(fault=f"it repeats `{twice[0]}`, which stands elsewhere in the file")
    return Ruling()


def _outside(selection: Selection) -> Counter[str]:
    snapshot = selection.snapshot
    behind = signatures(snapshot, selection.end, len(snapshot.data))
    return Counter((*signatures(snapshot, 0, selection.start), *behind))


def _going_on(proposal: Proposal) -> Counter[str]:
    """What ends with the addition now, and ended before it."""
    snapshot = proposal.before.snapshot
    scopes = scopes_in(snapshot, 0, proposal.before.start) if proposal.into else ()
    return Counter(signatures(snapshot, each.start, each.end)[0] for each in scopes if each.name == proposal.into)


def _names(selection: Selection) -> list[str]:
    return [scope.name for scope in selection.around()]


def _first(found: Counter[str]) -> str:
    return f"`{next(iter(found))}`"
