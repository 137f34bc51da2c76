"""A name was changed: its other uses, which the rest of the document has under the old name."""

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.rewrite_candidates import list_rewrite_candidates


def find(search: EditSearch) -> list[Candidate]:
    """Every other place of a word that gave way to another; in strings and comments only where one was edited there."""
    return list_rewrite_candidates(search, renames=True)
