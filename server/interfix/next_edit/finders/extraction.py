"""A value or an expression was given a name: where it still stands, the name takes its place."""

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.renamed_text import offer_rename

MAX_PLACES = 40
"""Places of one value that are offered."""


def find(search: EditSearch) -> list[Candidate]:
    """The other places of what the newest edits declared under a name, where that name is known and stands for the same."""
    return [
        candidate
        for each in search.extracted_names
        for start, _ in each.spans[:MAX_PLACES]
        for candidate in offer_rename(search, "extraction", start, each.value, each.name, each.number)
    ]
