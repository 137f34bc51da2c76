"""`similar`: code elsewhere that looks like the code around the cursor. Compares words; knows no syntax."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from interfix.context.context_source import Chunk, ContextQuery, make_chunk
from interfix.context.similarity import extract_words, jaccard, slide_windows
from interfix.syntax.snapshot import Snapshot

WINDOW_LINES = 20
"""Lines of a window that is compared, and of the code at the cursor that it is compared with."""
MIN_SIMILARITY = 0.12
"""Less alike is chance."""
MAX_FILES = 16
"""Files compared window by window, beside what the index finds in all the others."""
MAX_CHUNKS = 6
"""Windows that are offered, one a file."""


class SimilarCodeSource:
    """The files the user has been in and those beside this one by Jaccard, all others by the index's BM25."""

    name = "similar"

    def find(self, query: ContextQuery) -> list[Chunk]:
        """The most similar window of each file."""
        around = "\n".join((*query.text_before.split("\n")[-WINDOW_LINES:], *query.text_after.split("\n")[: WINDOW_LINES // 4]))
        wanted = extract_words(around)
        best: dict[str, Chunk] = {}
        for path, snapshot, lines in _candidate_windows(query, around):
            if query.cancel_event.is_set():
                break
            one = make_chunk(path, snapshot, lines, 0.0)
            score = jaccard(wanted, extract_words(one.text))
            if score >= MIN_SIMILARITY and (path not in best or score > best[path].score):
                best[path] = Chunk(path, one.line, one.text, score)
        return sorted(best.values(), key=lambda found: -found.score)[:MAX_CHUNKS]


def _candidate_windows(query: ContextQuery, cursor_text: str) -> Iterator[tuple[str, Snapshot, range]]:
    index = query.workspace.index
    for passage in index.find_similar(cursor_text, MAX_FILES) if index is not None else ():
        if passage.path != query.path and (snapshot := query.workspace.read(passage.path)) is not None:
            yield passage.path, snapshot, range(passage.line, passage.line + passage.text.count("\n") + 1)
    for path in _candidate_files(query):
        if query.cancel_event.is_set():
            return
        if (snapshot := query.workspace.read(path)) is not None:
            for lines in slide_windows(snapshot, WINDOW_LINES):
                yield path, snapshot, lines


def _candidate_files(query: ContextQuery) -> list[str]:
    visited = [visit.path for visit in query.workspace.recent_locations.list_visits()]
    ending = PurePosixPath(query.path).suffix
    beside = [path for path in query.workspace.list_files(query.directory) if PurePosixPath(path).suffix == ending]
    return [path for path in dict.fromkeys([*visited, *beside]) if path != query.path][:MAX_FILES]
