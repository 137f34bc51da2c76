"""`similar`: code elsewhere that looks like the code around the cursor. Compares words."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from interfix.context.context_source import Chunk, ContextQuery, make_chunk
from interfix.context.similarity import WordSet, compute_jaccard, extract_words, slide_passages
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import extract_lines

PASSAGE_LINES = 20
"""Lines of a passage that is compared, and of the code at the cursor that it is compared with."""
MIN_SIMILARITY = 0.12
"""Less alike is chance."""
MAX_FILES = 16
"""Files compared passage by passage, beside what the index finds in all the others."""
MAX_CACHED_FILES = 48
"""Files whose passages' words are kept."""
MAX_CHUNKS = 6
"""Passages that are offered, one a file."""


class SimilarCodeSource:
    """The files the user has been in and those beside this one by Jaccard, all others by the index's BM25."""

    name = "similar"

    def __init__(self) -> None:
        self._passages = _PassageCache()

    def find(self, query: ContextQuery) -> list[Chunk]:
        """The most similar passage of each file."""
        around = "\n".join((*query.text_before.split("\n")[-PASSAGE_LINES:], *query.text_after.split("\n")[: PASSAGE_LINES // 4]))
        cursor_words = extract_words(around)
        best: dict[str, tuple[float, Snapshot, range]] = {}
        for path, snapshot, lines, words in self._list_candidates(query, around):
            if query.cancel_event.is_set():
                break
            score = compute_jaccard(cursor_words, words)
            if score >= MIN_SIMILARITY and (path not in best or score > best[path][0]):
                best[path] = score, snapshot, lines
        best_passages = sorted(best.items(), key=lambda item: -item[1][0])[:MAX_CHUNKS]
        return [make_chunk(path, snapshot, lines, score) for path, (score, snapshot, lines) in best_passages]

    def _list_candidates(self, query: ContextQuery, cursor_text: str) -> Iterator[tuple[str, Snapshot, range, WordSet]]:
        index = query.workspace.index
        for passage in index.find_similar(cursor_text, MAX_FILES) if index is not None else ():
            if passage.path != query.path and (snapshot := query.workspace.read(passage.path)) is not None:
                lines = range(passage.line, passage.line + passage.text.count("\n") + 1)
                yield passage.path, snapshot, lines, _extract_passage_words(snapshot, lines)
        for path in _candidate_files(query):
            if query.cancel_event.is_set():
                return
            if (snapshot := query.workspace.read(path)) is not None:
                for lines, words in self._passages.read(query.workspace.root / path, snapshot):
                    yield path, snapshot, lines, words


class _PassageCache:
    """The words of each passage of the files that were looked at last, while their text is the same. Safe for several threads."""

    def __init__(self) -> None:
        self._files: OrderedDict[Path, tuple[bytes, list[tuple[range, WordSet]]]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, file: Path, snapshot: Snapshot) -> list[tuple[range, WordSet]]:
        with self._lock:
            data, passages = self._files.get(file, (None, []))
        if data != snapshot.data:
            passages = [(lines, _extract_passage_words(snapshot, lines)) for lines in slide_passages(snapshot, PASSAGE_LINES)]
        with self._lock:
            self._files[file] = snapshot.data, passages
            self._files.move_to_end(file)
            while len(self._files) > MAX_CACHED_FILES:
                self._files.popitem(last=False)
        return passages


def _extract_passage_words(snapshot: Snapshot, lines: range) -> WordSet:
    return extract_words(extract_lines(snapshot, lines.start, min(lines.stop, len(snapshot.lines))))


def _candidate_files(query: ContextQuery) -> list[str]:
    visited = [visit.path for visit in query.workspace.recent_locations.list_visits()]
    ending = PurePosixPath(query.path).suffix
    beside = [path for path in query.workspace.list_files(query.directory) if PurePosixPath(path).suffix == ending]
    return [path for path in dict.fromkeys([*visited, *beside]) if path != query.path][:MAX_FILES]
