"""A name was typed that a server calls undefined: the import that other files of the workspace have for it, all the same one."""

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.import_diagnostics import list_undefined_names
from interfix.next_edit.next_edit_types import Replacement
from interfix.syntax.document import Snapshot
from interfix.syntax.imports import find_import_ranges, parse_imports

_NOT_THE_SAME = frozenset(["", "\n"])
"""Stands for an import that cannot be taken over as it is: two, so that there is never one way only."""
MAX_NAMES = 2
"""Undefined names that are looked for in one search."""


def find(search: EditSearch) -> list[Candidate]:
    """The imports of undefined names in the text that was edited, behind the imports that are there."""
    context, snapshot = search.context, search.context.snapshot
    if context.find_others is None or not context.diagnostics:
        return []
    candidates: list[Candidate] = []
    for name, start in list_undefined_names(context)[:MAX_NAMES]:
        numbers = [each.number for each in context.edits if each.uri == snapshot.uri and each.start <= start < each.end]
        ranges = find_import_ranges(snapshot, len(snapshot.data))
        statements = {text for each in context.find_others(name) for text in _list_statements(each, name)} if numbers else set()
        if len(statements) != 1 or not ranges or any(low <= start < high for low, high in ranges):
            continue
        at = snapshot.lines.find_next_start(snapshot.data, snapshot.lines.find_line(ranges[-1][1] - 1))
        line = snapshot.lines.find_line(at)
        text = statements.pop()
        replacement = Replacement(at, at, (text + snapshot.newline).encode("utf-8", "surrogatepass"))
        candidates.append(Candidate("missing_import", "missing_import", line, line, (replacement,), {}, text, max(numbers)))
    return candidates


def _list_statements(snapshot: Snapshot, name: str) -> set[str]:
    """How a file imports a name, where the same words would do elsewhere: of one line, and from no path of the file's own."""
    statements: set[str] = set()
    for each in parse_imports(snapshot):
        if name not in each.names:
            continue
        text = snapshot.data[each.start : each.end].decode("utf-8", "replace")
        alone = each.names == (name,) and "\n" not in text and not each.relative_level and not each.module.startswith(".")
        statements |= {text} if alone else _NOT_THE_SAME
    return statements
