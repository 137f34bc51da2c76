"""What finds next edits: one rule a file, each a function of the search that returns candidates."""

from collections.abc import Callable, Collection, Mapping, Sequence

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders import (
    async_header,
    awaiting,
    closing_pair,
    delegation,
    documented_name,
    equal_key,
    extraction,
    heading_link,
    import_path,
    missing_import,
    named_test,
    open_bracket,
    parallel_members,
    qualified_member,
    reference,
    rename,
    rename_in_other_file,
    repeat,
    same_signature,
    signature,
    standard_import,
    string_template,
    unused_import,
)

Finder = Callable[[EditSearch], Sequence[Candidate]]

FINDERS: Mapping[str, Finder] = {
    "rename": rename.find,
    "rename_in_other_file": rename_in_other_file.find,
    "repeat": repeat.find,
    "signature": signature.find,
    "delegation": delegation.find,
    "members": parallel_members.find,
    "awaiting": awaiting.find,
    "async_header": async_header.find,
    "closing_pair": closing_pair.find,
    "open_bracket": open_bracket.find,
    "string_template": string_template.find,
    "extraction": extraction.find,
    "same_signature": same_signature.find,
    "qualified_member": qualified_member.find,
    "documented_name": documented_name.find,
    "reference": reference.find,
    "heading_link": heading_link.find,
    "import_path": import_path.find,
    "named_test": named_test.find,
    "equal_key": equal_key.find,
    "unused_import": unused_import.find,
    "missing_import": missing_import.find,
    "standard_import": standard_import.find,
}
"""By name, in the order in which they are asked."""


_LIKE = frozenset(["repeat", "rename"])
"""Those that look for what is like the place of a change."""
_OWN_PLACES = frozenset(["closing_pair", "async_header", "open_bracket", "equal_key"])
"""Those of changes that lead to one place, whatever is like it."""


def collect_candidates(search: EditSearch) -> list[Candidate]:
    """What all of them find. What belongs to a change comes before what is only like it: the calls of a function before other
    functions, the other tag of an element before other elements.
    """
    candidates = [candidate for find in FINDERS.values() for candidate in find(search)]
    candidates = rename_in_other_file.drop_others_names(search, candidates)
    followed = {each.number for each in candidates if each.kind in _OWN_PLACES or each.evidence.get("certain")}
    named = {(each.value.encode(), each.name.encode()) for each in search.extracted_names}
    return [
        each
        for each in candidates
        if each.finder not in _LIKE or not ((each.number in followed and not each.goes_on) or _puts(search, each, named))
    ]


def _puts(search: EditSearch, candidate: Candidate, named: Collection[tuple[bytes, bytes]]) -> bool:
    """Whether a candidate puts a name in the place of what it stands for: `extraction` knows where that may be."""
    if not named:
        return False
    snapshot = search.context.snapshot
    start, end = (
        snapshot.lines.find_start(candidate.line),
        snapshot.lines.find_end(snapshot.data, max(candidate.line, candidate.end_line - 1)),
    )
    old, new, at = snapshot.data[start:end], b"", start
    for each in candidate.replacements:
        new += snapshot.data[at : each.start] + each.text
        at = each.end
    new += snapshot.data[at:end]
    return any(old.count(value) > new.count(value) and name in new for value, name in named)
