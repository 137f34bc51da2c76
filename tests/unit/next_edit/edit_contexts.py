"""Documents in which something was edited."""

from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditLog
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding


def make_context(code: str, *changes: tuple[str, str], uri: str = "file:///a.py") -> EditContext:
    """The document after each of some texts, the first of its kind in it, gave way to another."""
    document, log = Document(uri, code), EditLog()
    end = 0
    for old, new in changes:
        before = document.snapshot()
        at = before.data.index(old.encode())
        start, stop = (before.to_position(place, PositionEncoding.UTF8) for place in (at, at + len(old.encode())))
        log.record(before, document.apply([DocumentEdit(start, stop, new)], before.version + 1, PositionEncoding.UTF8))
        end = at + len(new.encode())
    return EditContext(document.snapshot(), end, log.list_edits())
