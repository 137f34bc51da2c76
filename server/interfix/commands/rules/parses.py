"""The file parses as well as it did."""

from interfix.commands.rules import Proposal, Ruling


def parses(proposal: Proposal) -> Ruling:
    """Code that is broken elsewhere may stay so."""
    before, after = proposal.before.snapshot, proposal.after.snapshot
    if before.tree is None:
        return Ruling(note="There is no grammar for this file, so nothing was checked.")
    if after.errors() > before.errors():
        name = before.language.name if before.language else "code"
        return Ruling(fault=f"with it the file is no longer valid {name}")
    return Ruling(check="no new syntax errors" if after.errors() else "parses")
