"""The candidate that most finders of renamed things make: one text gives way to another where the user has not been."""

from collections.abc import Iterator

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.name_changes import is_edited
from interfix.next_edit.next_edit_types import Replacement


def offer_rename(search: EditSearch, finder: str, start: int, old: str, new: str, number: int) -> Iterator[Candidate]:
    """`new` in the place of `old`, which stands at the byte `start`; nothing where the user has changed that text.

    `finder` is its kind, too; `number` is that of the edit that it follows from.
    """
    end = start + len(old.encode())
    if not is_edited(search.context, start, end):
        line = search.context.snapshot.lines.find_line(start)
        replacement = Replacement(start, end, new.encode("utf-8", "surrogatepass"))
        yield Candidate(finder, finder, line, line + 1, (replacement,), {}, f"{old} → {new}", number)
