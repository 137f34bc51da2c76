"""`edits`: what the user has just changed, as it stands now. Knows nothing of how an edit came about."""

from interfix.context.place import Chunk, Place, chunk

AROUND_LINES = 4
"""Lines shown above and below an edit."""
FAR_LINES = 100
"""An edit of this file nearer to the cursor stands in the window anyway (Copilot's figure)."""
MOST_EDITS = 8
"""Edits that are shown, the newest."""
MOST_LINES = 40
"""Lines of one edit: of a larger one its end."""


class Edits:
    """The newest edit is the best."""

    name = "edits"

    def find(self, place: Place) -> list[Chunk]:
        """The edited lines with a few around them, one chunk an edit."""
        found: list[Chunk] = []
        for age, edit in enumerate(place.workspace.visits.edits()[:MOST_EDITS]):
            if edit.path == place.path and edit.first - FAR_LINES <= place.line <= edit.last + FAR_LINES:
                continue
            snapshot = place.snapshot if edit.path == place.path else place.workspace.read(edit.path)
            if snapshot is None or place.over.is_set():
                continue
            stop = edit.last + AROUND_LINES + 1
            start = max(0, edit.first - AROUND_LINES, stop - MOST_LINES)
            if start < len(snapshot.lines):
                found.append(chunk(edit.path, snapshot, range(start, stop), 10.0 - age))
        return found
