"""A value or an expression was given a name: where it still stands, the name takes its place."""

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.name_changes import is_edited
from interfix.next_edit.next_edit_types import Replacement

MAX_PLACES = 40
"""Places of one value that are offered."""


def find(search: EditSearch) -> list[Candidate]:
    """The other places of what the newest edits declared under a name, where that name is known and stands for the same."""
    lines = search.context.snapshot.lines
    candidates: list[Candidate] = []
    for each in search.extracted_names:
        for start, end in each.spans[:MAX_PLACES]:
            if not is_edited(search.context, start, end):
                line = lines.find_line(start)
                replacement = Replacement(start, end, each.name.encode())
                label = f"{each.value} → {each.name}"
                candidates.append(Candidate("extraction", "extraction", line, line + 1, (replacement,), {}, label, each.number))
    return candidates
