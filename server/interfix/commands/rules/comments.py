"""Only comments and documentation change: the code is the same, token for token and nested alike."""

from interfix.commands.rules import Proposal, Ruling
from interfix.syntax.leaves import code_leaves


def comments(proposal: Proposal) -> Ruling:
    """Two texts whose trees without comments are the same say the same; without a grammar it cannot be told, and is refused."""
    before, after = proposal.before.snapshot, proposal.after.snapshot
    if before.tree is None:
        return Ruling(fault="there is no grammar for this file, so whether the code stays as it is cannot be checked")
    if code_leaves(before) != code_leaves(after):
        return Ruling(fault="it changes the code, and only comments and documentation may change")
    return Ruling(check="code unchanged")
