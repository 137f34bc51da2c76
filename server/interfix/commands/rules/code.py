"""There is code in the answer."""

from interfix.commands.rules import Proposal, Ruling


def code(proposal: Proposal) -> Ruling:
    """An answer without any would delete what it was asked about."""
    return Ruling(fault="" if proposal.after.code.strip() else "the answer holds no code")
