"""One search for the next edit: the request, the document's lines, and what was edited."""

from functools import cached_property

import msgspec

from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditKind
from interfix.next_edit.extracted_names import ExtractedName, list_extracted_names
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.moved_names import MovedName, list_moved_names
from interfix.next_edit.removed_import_names import find_orphaned_names
from interfix.next_edit.rewrites import History, collect_history
from interfix.next_edit.signatures import SignatureChange, list_signature_changes

MAX_ORIGINS = 3
"""Other open documents whose edits are followed, those that were edited last."""


class EditSearch:
    """What all finders look at, made once."""

    def __init__(self, context: EditContext) -> None:
        self.context = context
        self.table = LineTable(context.snapshot)

    @cached_property
    def history(self) -> History:
        """What the last edits come to."""
        return collect_history(self.context.snapshot, self.context.edits)

    @cached_property
    def made_lines(self) -> frozenset[int]:
        """The lines of the document, zero-based, that the last edits made or stand at."""
        here = (each for each in self.history.examples if each.uri == self.context.snapshot.uri and each.line >= 0)
        return frozenset(line for each in here for line in range(each.line, each.line + max(1, len(each.new))))

    @cached_property
    def extracted_names(self) -> tuple[ExtractedName, ...]:
        """The values and expressions that the user has given a name."""
        return list_extracted_names(self.context, self.table, self.history)

    @cached_property
    def signature_changes(self) -> tuple[SignatureChange, ...]:
        """The definitions of the document whose headers were edited, those of the newest edits first."""
        return tuple(list_signature_changes(self.context))

    @cached_property
    def moved_names(self) -> list[MovedName]:
        """The names that the last edits changed where the document defines them, the newest first."""
        return list_moved_names(self.table, self.history)

    @cached_property
    def orphaned_names(self) -> frozenset[str]:
        """The names whose import the user has taken away, and which the document still uses."""
        return find_orphaned_names(self.table, self.context.edits)

    @cached_property
    def others(self) -> list["EditSearch"]:
        """The same in other open documents that the user has edited, the newest edit first; in which only next edits were taken,
        last: what they followed from is elsewhere.
        """
        numbers: dict[str, tuple[bool, int]] = {}
        for each in (each for each in self.context.edits if each.start >= 0):
            is_own = each.kind is not EditKind.SUGGESTED
            numbers[each.uri] = max(numbers.get(each.uri, (False, 0)), (is_own, each.number))
        edited = [each for each in self.context.opened if each.uri in numbers and each.uri != self.context.snapshot.uri]
        newest = sorted(edited, key=lambda each: numbers[each.uri], reverse=True)[:MAX_ORIGINS]
        return [EditSearch(msgspec.structs.replace(self.context, snapshot=each, offset=0, opened=())) for each in newest]
