"""What was defined is defined still, under the same name and signature, unless the user asked for another."""

import re

from interfix.commands.rules import Proposal, Ruling
from interfix.commands.selection import Selection
from interfix.syntax.outline import identifiers
from interfix.syntax.parse import signatures
from interfix.syntax.scopes import Scope, scopes_in

_RENAMES = re.compile(r"\b(?:renam|remov|delet|inlin|merg|replac|drop|get rid|convert|turn)", re.IGNORECASE)


def kept(proposal: Proposal) -> Ruling:
    """The outermost definitions of the selection stay: others may use them. What they became is told where they may go."""
    before, after = proposal.before, proposal.after
    tops = _outermost(before)
    if not tops:
        return Ruling()
    gone = [scope.name for scope in tops if scope.name not in after.names()]
    used = set(identifiers(before.snapshot, 0, before.start)) | set(
        identifiers(before.snapshot, before.end, len(before.snapshot.data))
    )
    asked = _asked([scope.name for scope in tops], proposal.words)
    unasked = [name for name in gone if not asked and (name in used or not name.startswith("_"))]
    if unasked:
        return Ruling(fault=f"it no longer defines {', '.join(unasked)}")
    if gone:
        return Ruling(note=f"No longer defined: {', '.join(gone)}.")
    first, now = _signatures(before, tops), _signatures(after, _outermost(after))
    changed = [signature for signature in first if signature not in now]
    if changed:
        return Ruling(note=f"The signature changed: {', '.join(f'`{signature}`' for signature in changed)}.")
    return Ruling(check="signature kept" if len(tops) == 1 else "signatures kept")


def _asked(names: list[str], words: str) -> bool:
    """Whether something may go; a function that is called merge is not to be merged for that."""
    for name in names:
        words = re.sub(rf"\b{re.escape(name)}\b", "", words)
    return bool(_RENAMES.search(words))


def _outermost(selection: Selection) -> list[Scope]:
    found: list[Scope] = []
    for scope in scopes_in(selection.snapshot, selection.start, selection.end):
        inside = selection.start <= scope.start and scope.end <= selection.end
        if inside and not (found and scope.end <= found[-1].end):
            found.append(scope)
    return found


def _signatures(selection: Selection, scopes: list[Scope]) -> list[str]:
    return [found[0] for scope in scopes if (found := signatures(selection.snapshot, scope.start, scope.end))]
