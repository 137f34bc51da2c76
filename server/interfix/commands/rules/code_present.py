"""There is code in the answer."""

from interfix.commands.rules import Proposal, RuleResult


def check_code_present(proposal: Proposal) -> RuleResult:
    """An answer without any would delete what it was asked about."""
    return RuleResult(fault="" if proposal.after.code.strip() else "the answer holds no code")
