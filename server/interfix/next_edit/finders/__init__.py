"""What finds next edits: one rule a file, each a function of the search that returns candidates."""

from collections.abc import Callable, Mapping, Sequence

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders import (
    async_header,
    awaiting,
    closing_pair,
    missing_import,
    parallel_members,
    rename,
    repeat,
    signature,
    standard_import,
    unused_import,
)

Finder = Callable[[EditSearch], Sequence[Candidate]]

FINDERS: Mapping[str, Finder] = {
    "rename": rename.find,
    "repeat": repeat.find,
    "signature": signature.find,
    "members": parallel_members.find,
    "awaiting": awaiting.find,
    "async_header": async_header.find,
    "closing_pair": closing_pair.find,
    "unused_import": unused_import.find,
    "missing_import": missing_import.find,
    "standard_import": standard_import.find,
}
"""By name, in the order in which they are asked."""


_LIKE = frozenset(["repeat", "rename"])
"""Those that look for what is like the place of a change."""


def collect_candidates(search: EditSearch) -> list[Candidate]:
    """What all of them find. What belongs to a change comes before what is only like it: the calls of a function before other
    functions, the other tag of an element before other elements.
    """
    candidates = [candidate for find in FINDERS.values() for candidate in find(search)]
    followed = {each.number for each in candidates if each.kind in ("closing_pair", "async_header") or each.evidence.get("certain")}
    return [each for each in candidates if each.finder not in _LIKE or each.goes_on or each.number not in followed]
