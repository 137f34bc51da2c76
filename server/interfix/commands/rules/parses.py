"""The file has no more parse errors than before."""

from interfix.commands.rules import EditProposal, RuleResult


def check_parses(proposal: EditProposal) -> RuleResult:
    """Code that is broken elsewhere may stay so."""
    before, after = proposal.before.snapshot, proposal.after.snapshot
    if before.tree is None:
        return RuleResult(note="There is no grammar for this file, so nothing was checked.")
    if after.count_errors() > before.count_errors():
        name = before.language.name if before.language else "code"
        return RuleResult(fault=f"with it the file is no longer valid {name}")
    return RuleResult(check="no new syntax errors" if after.count_errors() else "parses")
