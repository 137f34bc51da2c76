"""Each definition has its documentation, where the language expects it."""

from interfix.commands.documentation_merge import collect_definitions, has_inner_docstring
from interfix.commands.rules import EditProposal, RuleResult


def check_documentation_present(proposal: EditProposal) -> RuleResult:
    """The outermost definitions count; the model may pass over small ones within."""
    language = proposal.before.snapshot.language
    entries = collect_definitions(proposal.after)
    depth = min(map(len, entries), default=0)
    tops = {path: entry for path, entry in entries.items() if len(path) == depth}
    bare = [path[-1] for path, entry in tops.items() if entry.docstring_range is None]
    if bare:
        return RuleResult(fault=f"{', '.join(bare)} is not documented")
    misplaced = [
        path[-1] for path, entry in tops.items() if language and language.block == "indent" and not has_inner_docstring(entry)
    ]
    if misplaced:
        return RuleResult(fault=f"the documentation of {', '.join(misplaced)} is not a docstring inside of it")
    return RuleResult()
