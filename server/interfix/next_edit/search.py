"""One search for the next edit: the request, the document's lines, and what was edited."""

from functools import cached_property

from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.line_table import LineTable
from interfix.next_edit.rewrites import History, collect_history


class EditSearch:
    """What all finders look at, made once."""

    def __init__(self, context: EditContext) -> None:
        self.context = context
        self.table = LineTable(context.snapshot)

    @cached_property
    def history(self) -> History:
        """What the last edits come to."""
        return collect_history(self.context.snapshot, self.context.edits)
