"""The places that the user has visited or edited, newest first."""

import threading
from collections import OrderedDict

import msgspec

MAX_LOCATIONS = 16
"""Places that are kept, as many as llama.vim's ring holds."""
MERGE_LINES = 32
"""Places of one file that are nearer to each other are one place."""


class RecentLocation(msgspec.Struct, frozen=True):
    """A place in a file."""

    path: str
    """The file, relative to the workspace."""
    first_line: int
    """Its first line, from 0."""
    last_line: int
    """Its last line."""


class RecentLocations:
    """The last places of a workspace: those the cursor was at, and those that were edited. Safe to use from several threads."""

    def __init__(self) -> None:
        self._visits: OrderedDict[tuple[str, int], RecentLocation] = OrderedDict()
        self._edits: list[RecentLocation] = []
        self._lock = threading.Lock()

    def record_visit(self, path: str, line: int) -> None:
        """The user looks at a line."""
        with self._lock:
            for key in [key for key in self._visits if key[0] == path and abs(key[1] - line) < MERGE_LINES]:
                del self._visits[key]
            self._visits[path, line] = RecentLocation(path, line, line)
            while len(self._visits) > MAX_LOCATIONS:
                self._visits.popitem(last=False)

    def record_edit(self, path: str, first_line: int, last_line: int, line_delta: int) -> None:
        """The lines `first_line` to `last_line`, as they are now, were changed, and the file has grown by `line_delta` lines.

        Edits side by side are one, and those below move along.
        """
        with self._lock:
            moved = [_shift_edit(edit, path, first_line, line_delta) for edit in self._edits]
            joined = [
                edit
                for edit in moved
                if edit.path == path and edit.first_line <= last_line + 2 and first_line - 2 <= edit.last_line
            ]
            whole = RecentLocation(
                path,
                min([first_line, *(edit.first_line for edit in joined)]),
                max([last_line, *(edit.last_line for edit in joined)]),
            )
            self._edits = [whole, *(edit for edit in moved if edit not in joined)][:MAX_LOCATIONS]

    def list_visits(self) -> list[RecentLocation]:
        """Where the cursor was, newest first."""
        with self._lock:
            return list(self._visits.values())[::-1]

    def list_edits(self) -> list[RecentLocation]:
        """What was edited, newest first."""
        with self._lock:
            return list(self._edits)


def _shift_edit(edit: RecentLocation, path: str, line: int, line_delta: int) -> RecentLocation:
    if edit.path != path or edit.last_line < line or not line_delta:
        return edit
    first = edit.first_line + line_delta if edit.first_line > line else edit.first_line
    return RecentLocation(path, max(0, first), max(0, first, edit.last_line + line_delta))
