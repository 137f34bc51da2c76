"""`edits`: the code that the user has just changed, as it is now."""

from interfix.context.context_source import Chunk, ContextQuery, make_chunk

AROUND_LINES = 4
"""Lines shown above and below an edit."""
MIN_DISTANCE_LINES = 100
"""An edit of this file nearer to the cursor stands in the window anyway (Copilot's figure)."""
MAX_EDITS = 8
"""Edits that are shown, the newest."""
MAX_LINES = 40
"""Lines of one edit: of a larger one its end."""


class RecentEditsSource:
    """The newest edit is the best."""

    name = "edits"

    def find(self, query: ContextQuery) -> list[Chunk]:
        """The edited lines with a few around them, one chunk an edit."""
        chunks: list[Chunk] = []
        for age, edit in enumerate(query.workspace.recent_locations.list_edits()[:MAX_EDITS]):
            if (
                edit.path == query.path
                and edit.first_line - MIN_DISTANCE_LINES <= query.line <= edit.last_line + MIN_DISTANCE_LINES
            ):
                continue
            snapshot = query.snapshot if edit.path == query.path else query.workspace.read(edit.path)
            if snapshot is None or query.cancel_event.is_set():
                continue
            stop = edit.last_line + AROUND_LINES + 1
            start = max(0, edit.first_line - AROUND_LINES, stop - MAX_LINES)
            if start < len(snapshot.lines):
                chunks.append(make_chunk(edit.path, snapshot, range(start, stop), 10.0 - age))
        return chunks
