"""`lines`: lines of this file and of others that stand as the cursor's line does, with what is above and below them.

They are others at every line, so only who asks has them looked for: the prompt is decoded anew behind them.
"""

from collections.abc import Iterator, Sequence

import msgspec

from interfix.context.context_source import Chunk, ContextQuery, ensure_line_end
from interfix.context.display_paths import name_as_source
from interfix.context.line_likeness import NameRarity, describe_place, measure_likeness
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import extract_lines

MIN_LIKENESS = 1.6
"""Less alike is mostly chance: of lines that are so much alike, a third are what is typed next or have its names."""
MAX_MATCHES = 5
"""Most lines shown, each with those next to it."""
AROUND_LINES = 1
"""Shown above and below each."""
NEAR_LINES = (40, 20)
"""Lines before and after the cursor that the window shows by itself."""
MAX_OWN_LINES = 5000
"""Lines of this file that are compared, from its beginning."""
MAX_PASSAGES = 24
"""Passages of other files that are compared line by line, of those that the index finds."""
QUERY_LINES = 4
"""Lines before and after the cursor by which the index finds them."""


class _Match(msgspec.Struct, frozen=True):
    likeness: float
    path: str
    snapshot: Snapshot
    line: int


class SimilarLinesSource:
    """Compares what is typed of the line, and its neighbours; which passages of other files are looked at, the index says."""

    name = "lines"

    def find(self, query: ContextQuery) -> list[Chunk]:
        """One chunk a file, this one among them; its score is the likeness of its best line."""
        before, after = query.text_before.split("\n"), query.text_after.split("\n")[1:]
        place = describe_place(before[:-1], before[-1], after)
        texts = list(_list_texts(query, "\n".join((*before[-QUERY_LINES:], *after[:QUERY_LINES]))))
        rarity = NameRarity(line for _, _, _, lines in texts for line in lines)
        near = range(query.line - NEAR_LINES[0], query.line + NEAR_LINES[1])
        matches: dict[tuple[str, int], _Match] = {}
        for path, snapshot, first, lines in texts:
            if query.cancel_event.is_set():
                return []
            for i in range(len(lines)):
                is_shown = path == query.path and first + i in near
                if not is_shown and (likeness := measure_likeness(place, lines, i, rarity)) >= MIN_LIKENESS:
                    matches[path, first + i] = _Match(likeness, path, snapshot, first + i)
        best = sorted(matches.values(), key=lambda match: -match.likeness)[:MAX_MATCHES]
        paths = dict.fromkeys(match.path for match in best)
        return [
            _build_chunk([match for match in best if match.path == path], near if path == query.path else range(0))
            for path in paths
        ]


def _list_texts(query: ContextQuery, text: str) -> Iterator[tuple[str, Snapshot, int, Sequence[str]]]:
    """This file and the passages of others in its language: path, file, first line, lines."""
    own = query.snapshot
    yield query.path, own, 0, extract_lines(own, 0, min(len(own.lines), MAX_OWN_LINES)).split("\n")
    for passage in query.workspace.index.find_similar(text, MAX_PASSAGES) if query.workspace.index is not None else ():
        if query.cancel_event.is_set():
            return
        if passage.path == query.path or (snapshot := query.workspace.read(passage.path)) is None:
            continue
        stop = min(len(snapshot.lines), passage.line + passage.text.count("\n") + 1)
        if snapshot.language == own.language and passage.line < stop:
            yield passage.path, snapshot, passage.line, extract_lines(snapshot, passage.line, stop).split("\n")


def _build_chunk(matches: Sequence[_Match], hidden: range) -> Chunk:
    """The lines of one file, each run of them apart."""
    path, snapshot = matches[0].path, matches[0].snapshot
    visible = sorted(
        {
            line
            for match in matches
            for line in range(max(0, match.line - AROUND_LINES), min(len(snapshot.lines), match.line + AROUND_LINES + 1))
            if line not in hidden
        }
    )
    text = ""
    for before, line in zip((visible[0] - 1, *visible), visible, strict=False):
        text += "\n" * (line != before + 1) + ensure_line_end(extract_lines(snapshot, line, line + 1))
    return Chunk(path, name_as_source(path, snapshot), visible[0], text, matches[0].likeness)
