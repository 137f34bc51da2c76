"""What was to be documented is, in the place where its language looks for it."""

from interfix.commands.documentation import documentable, inside
from interfix.commands.rules import Proposal, Ruling


def documented(proposal: Proposal) -> Ruling:
    """The outermost definitions count; the model may pass over small ones within."""
    language = proposal.before.snapshot.language
    entries = documentable(proposal.after)
    depth = min(map(len, entries), default=0)
    tops = {path: entry for path, entry in entries.items() if len(path) == depth}
    bare = [path[-1] for path, entry in tops.items() if entry.doc is None]
    if bare:
        return Ruling(fault=f"{', '.join(bare)} is not documented")
    misplaced = [path[-1] for path, entry in tops.items() if language and language.block == "indent" and not inside(entry)]
    if misplaced:
        return Ruling(fault=f"the documentation of {', '.join(misplaced)} is not a docstring inside of it")
    return Ruling()
