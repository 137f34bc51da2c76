"""Only comments and documentation change: the code has the same tokens, nested in the same way."""

from interfix.commands.rules import EditProposal, RuleResult
from interfix.syntax.comment_free_tokens import list_code_tokens


def check_comments_only(proposal: EditProposal) -> RuleResult:
    """Two texts whose trees without comments are the same say the same; without a grammar it cannot be told, and is refused."""
    before, after = proposal.before.snapshot, proposal.after.snapshot
    if before.tree is None:
        return RuleResult(fault="there is no grammar for this file, so whether the code stays as it is cannot be checked")
    if list_code_tokens(before) != list_code_tokens(after):
        return RuleResult(fault="it changes the code, and only comments and documentation may change")
    return RuleResult(check="code unchanged")
