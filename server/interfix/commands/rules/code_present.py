"""There is code in the answer."""

from interfix.commands.rules import EditProposal, RuleResult


def check_code_present(proposal: EditProposal) -> RuleResult:
    """An answer without any would delete what it was asked about."""
    return RuleResult(fault="" if proposal.after.code.strip() else "the answer holds no code")
