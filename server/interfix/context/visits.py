"""Where the user has been and what was edited, newest first. Knows documents by their paths, and no cursor but those it is told."""

import threading
from collections import OrderedDict

import msgspec

MOST_PLACES = 16
"""Places that are kept, as many as llama.vim's ring holds."""
APART_LINES = 32
"""Places of one file that are nearer to each other are one place."""


class Visit(msgspec.Struct, frozen=True):
    """A place in a file."""

    path: str
    """The file, relative to the workspace."""
    first: int
    """Its first line, from 0."""
    last: int
    """Its last line."""


class Visits:
    """The last places of a workspace: those the cursor was at, and those that were edited. Safe to use from several threads."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, int], Visit] = OrderedDict()
        self._edited: list[Visit] = []
        self._lock = threading.Lock()

    def visited(self, path: str, line: int) -> None:
        """The user looks at a line."""
        with self._lock:
            for key in [key for key in self._seen if key[0] == path and abs(key[1] - line) < APART_LINES]:
                del self._seen[key]
            self._seen[path, line] = Visit(path, line, line)
            while len(self._seen) > MOST_PLACES:
                self._seen.popitem(last=False)

    def edited(self, path: str, first: int, last: int, grown: int) -> None:
        """The lines `first` to `last`, as they are now, were changed, and the file has `grown` by so many lines by it.

        Edits side by side are one, and those below move along.
        """
        with self._lock:
            moved = [_moved(edit, path, first, grown) for edit in self._edited]
            joined = [edit for edit in moved if edit.path == path and edit.first <= last + 2 and first - 2 <= edit.last]
            whole = Visit(path, min([first, *(edit.first for edit in joined)]), max([last, *(edit.last for edit in joined)]))
            self._edited = [whole, *(edit for edit in moved if edit not in joined)][:MOST_PLACES]

    def places(self) -> list[Visit]:
        """Where the cursor was, newest first."""
        with self._lock:
            return list(self._seen.values())[::-1]

    def edits(self) -> list[Visit]:
        """What was edited, newest first."""
        with self._lock:
            return list(self._edited)


def _moved(edit: Visit, path: str, line: int, grown: int) -> Visit:
    if edit.path != path or edit.last < line or not grown:
        return edit
    first = edit.first + grown if edit.first > line else edit.first
    return Visit(path, max(0, first), max(0, first, edit.last + grown))
