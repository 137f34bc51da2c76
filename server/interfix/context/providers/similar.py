"""`similar`: code elsewhere that looks like the code around the cursor. Compares words; knows no syntax."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from interfix.context.place import Chunk, Place, chunk
from interfix.context.similarity import jaccard, windows, words
from interfix.syntax.snapshot import Snapshot

WINDOW_LINES = 20
"""Lines of a window that is compared, and of the code at the cursor that it is compared with."""
LEAST = 0.12
"""Less alike is chance."""
MOST_FILES = 16
"""Files compared window by window, beside what the index finds in all the others."""
MOST_CHUNKS = 6
"""Windows that are offered, one a file."""


class Similar:
    """The files the user has been in and those beside this one by Jaccard, all others by the index's BM25."""

    name = "similar"

    def find(self, place: Place) -> list[Chunk]:
        """The most similar window of each file."""
        around = "\n".join((*place.before.split("\n")[-WINDOW_LINES:], *place.after.split("\n")[: WINDOW_LINES // 4]))
        wanted = words(around)
        best: dict[str, Chunk] = {}
        for path, snapshot, lines in _windows(place, around):
            if place.over.is_set():
                break
            one = chunk(path, snapshot, lines, 0.0)
            score = jaccard(wanted, words(one.text))
            if score >= LEAST and (path not in best or score > best[path].score):
                best[path] = Chunk(path, one.line, one.text, score)
        return sorted(best.values(), key=lambda found: -found.score)[:MOST_CHUNKS]


def _windows(place: Place, around: str) -> Iterator[tuple[str, Snapshot, range]]:
    index = place.workspace.index
    for passage in index.similar(around, MOST_FILES) if index is not None else ():
        if passage.path != place.path and (snapshot := place.workspace.read(passage.path)) is not None:
            yield passage.path, snapshot, range(passage.line, passage.line + passage.text.count("\n") + 1)
    for path in _files(place):
        if place.over.is_set():
            return
        if (snapshot := place.workspace.read(path)) is not None:
            for lines in windows(snapshot, WINDOW_LINES):
                yield path, snapshot, lines


def _files(place: Place) -> list[str]:
    visited = [visit.path for visit in place.workspace.visits.places()]
    ending = PurePosixPath(place.path).suffix
    beside = [path for path in place.workspace.folder(place.directory) if PurePosixPath(path).suffix == ending]
    return [path for path in dict.fromkeys([*visited, *beside]) if path != place.path][:MOST_FILES]
