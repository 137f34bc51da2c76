"""The definitions of a whole text. Without a tree there is nothing."""

from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from interfix.syntax.definitions import Scope, find_own_scopes
from interfix.syntax.incremental_trees import Span
from interfix.syntax.injections import split_by_language
from interfix.syntax.query_matches import find_captures, find_matches
from interfix.syntax.snapshot import Snapshot


class OutlineEntry(msgspec.Struct, frozen=True):
    """One definition of a text."""

    scope: Scope
    """Its kind, name and places. A constant, a type without members and the like has its body at its end."""
    docstring_range: tuple[int, int] | None
    """The bytes of its docstring, or of the comments right above it."""
    parent: int
    """Where in the outline the definition stands that it lies in; -1 at the top."""


def build_outline(snapshot: Snapshot) -> tuple[OutlineEntry, ...]:
    """All definitions of a text, in its order; those in other languages among them."""
    size = len(snapshot.data)
    documented = [each for part in split_by_language(snapshot, 0, size) for each in _find_documented(part, size)]
    documented.sort(key=lambda each: (each[0].start, -each[0].end))
    entries: list[OutlineEntry] = []
    around: list[int] = []
    for scope, doc in documented:
        while around and not _contains(entries[around[-1]].scope, scope):
            around.pop()
        entries.append(OutlineEntry(scope, doc, around[-1] if around else -1))
        around.append(len(entries) - 1)
    return tuple(entries)


def _find_documented(snapshot: Snapshot, size: int) -> Iterator[tuple[Scope, Span | None]]:
    scopes = find_own_scopes(snapshot, 0, size)
    own = {(scope.start, scope.name) for scope in scopes}
    others = (scope for scope in _find_definitions(snapshot, size) if (scope.start, scope.name) not in own)
    leads = dict(find_captures(snapshot, "blocks", "lead", 0, size))
    comments = set(find_captures(snapshot, "comments", "comment", 0, size))
    above = sorted(comments.union(find_captures(snapshot, "comments", "attribute", 0, size)))
    for scope in (*scopes, *others):
        lead = (scope.body_start, leads[scope.body_start]) if scope.body_start in leads else None
        yield scope, lead or _find_comments_above(snapshot, above, comments, scope.start)


def _find_definitions(snapshot: Snapshot, size: int) -> Iterator[Scope]:
    """What has no scope of its own; its header is its first line."""
    seen = set()
    for captures in find_matches(snapshot, "definitions", 0, size):
        kind, (node, *_) = next((name, nodes) for name, nodes in captures.items() if name.startswith("definition."))
        name = captures["name"][0]
        if name.start_byte in seen:
            continue
        seen.add(name.start_byte)
        start, end = node.start_byte, node.start_byte + len(snapshot.data[node.start_byte : node.end_byte].rstrip())
        yield Scope(
            kind=kind.removeprefix("definition."),
            name=_decode_range(snapshot, name.start_byte, name.end_byte),
            start=start,
            end=end,
            body_start=end,
            signature_end=max(name.end_byte, min(end, snapshot.lines.find_end(snapshot.data, snapshot.lines.find_line(start)))),
            header_start=start,
        )


def _find_comments_above(snapshot: Snapshot, above: list[Span], comments: set[Span], start: int) -> Span | None:
    """The comments that end on the line above `start` or follow each other down to it, each beginning its line."""
    top, spans = start, list[Span]()
    for span in reversed(above[: bisect_right(above, (start, -1))]):
        end = span[0] + len(snapshot.data[slice(*span)].rstrip())
        gap = snapshot.data[end:top]
        line = snapshot.lines.find_start(snapshot.lines.find_line(span[0]))
        if gap.strip() or gap.count(b"\n") > 1 or snapshot.data[line : span[0]].strip():
            break
        top = span[0]
        if span in comments:
            spans.append((top, end))
    return (spans[-1][0], spans[0][1]) if spans else None


def _contains(outer: Scope, inner: Scope) -> bool:
    return inner.end <= outer.end and (inner.start, inner.end) != (outer.start, outer.end)


def _decode_range(snapshot: Snapshot, start: int, end: int) -> str:
    return snapshot.data[start:end].decode("utf-8", "replace")
