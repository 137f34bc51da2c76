"""The names that a range of a text uses. Without a tree there is nothing."""

from interfix.syntax.incremental_trees import Span
from interfix.syntax.injections import split_by_language
from interfix.syntax.query_matches import find_captures
from interfix.syntax.snapshot import Snapshot


def list_identifiers(snapshot: Snapshot, start: int, end: int) -> tuple[str, ...]:
    """The names that the bytes `start` to `end` use, each as often as it stands there, in the text's order."""
    return tuple(snapshot.data[slice(*span)].decode("utf-8", "replace") for span in find_identifier_spans(snapshot, start, end))


def find_identifier_spans(snapshot: Snapshot, start: int, end: int) -> list[Span]:
    """Where those names stand, in bytes."""
    spans = sorted(
        span
        for part in split_by_language(snapshot, start, end)
        for span in find_captures(part, "identifiers", "identifier", start, end)
    )
    return [span for span in spans if start <= span[0] and span[1] <= end]
