"""Every definition keeps its name and signature, unless the user asked for another."""

import re

from interfix.commands.rules import EditProposal, RuleResult
from interfix.commands.selection import Selection
from interfix.output.markdown_code import write_code_span
from interfix.syntax.enclosing_scopes import Scope, find_scopes
from interfix.syntax.identifiers_in_range import list_identifiers
from interfix.syntax.signatures_in_range import list_signatures

_REMOVAL_WORDS = re.compile(r"\b(?:renam|remov|delet|inlin|merg|replac|drop|get rid|convert|turn)", re.IGNORECASE)


def check_definitions_kept(proposal: EditProposal) -> RuleResult:
    """The outermost definitions of the selection stay: others may use them. What they became is told where they may go."""
    before, after = proposal.before, proposal.after
    tops = _outermost_definitions(before)
    if not tops:
        return RuleResult()
    gone = [scope.name for scope in tops if scope.name not in after.find_definitions()]
    used = set(list_identifiers(before.snapshot, 0, before.start)) | set(
        list_identifiers(before.snapshot, before.end, len(before.snapshot.data))
    )
    is_allowed = _allows_removal([scope.name for scope in tops], proposal.instruction)
    unasked = [name for name in gone if not is_allowed and (name in used or not name.startswith("_"))]
    if unasked:
        return RuleResult(fault=f"it no longer defines {', '.join(unasked)}")
    if gone:
        return RuleResult(note=f"No longer defined: {', '.join(gone)}.")
    changes = _list_signature_changes(_list_signatures(before, tops), _list_signatures(after, _outermost_definitions(after)))
    if changes:
        return RuleResult(note=f"The signature changed: {', '.join(changes)}.")
    return RuleResult(check="signature kept" if len(tops) == 1 else "signatures kept")


def _allows_removal(names: list[str], instruction: str) -> bool:
    """Whether something may go; a function that is called merge is not to be merged for that."""
    for name in names:
        instruction = re.sub(rf"\b{re.escape(name)}\b", "", instruction)
    return bool(_REMOVAL_WORDS.search(instruction))


def _outermost_definitions(selection: Selection) -> list[Scope]:
    outermost: list[Scope] = []
    for scope in find_scopes(selection.snapshot, selection.start, selection.end):
        inside = selection.start <= scope.start and scope.end <= selection.end
        if inside and not (outermost and scope.end <= outermost[-1].end):
            outermost.append(scope)
    return outermost


def _list_signatures(selection: Selection, scopes: list[Scope]) -> list[tuple[str, str]]:
    """The name and the signature of each definition."""
    return [
        (scope.name, signatures[0])
        for scope in scopes
        if (signatures := list_signatures(selection.snapshot, scope.start, scope.end))
    ]


def _list_signature_changes(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> list[str]:
    """Each signature that is gone, and what became of it where that can be told."""
    changes = []
    for name, old in before:
        if (name, old) not in after:
            now = [new for other, new in after if other == name and (name, new) not in before]
            changes.append(f"{write_code_span(old)} is now {write_code_span(now[0])}" if len(now) == 1 else write_code_span(old))
    return changes
