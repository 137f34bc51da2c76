"""The window of a document stands while its user types at one place. Knows bytes only: whatever the tree makes of half a statement,
the pieces away from the cursor stay as they were cut, and so does the prompt before them.
"""

from pathlib import Path

import msgspec
from msgspec.structs import replace

from interfix.context.skeleton import shown
from interfix.context.window import window
from interfix.masking import mask
from interfix.syntax.snapshot import Snapshot
from interfix.values import Segment, SegmentKind

STAYS_BYTES = 600
"""The cursor may move so far from where the window was made before another is made."""
NOWHERE = -1


class Standing(msgspec.Struct, frozen=True):
    """A window and the text it holds for."""

    segments: tuple[Segment, ...]
    """As `window` has them."""
    root: Path | None
    """The workspace's folder."""
    offset: int
    """Byte offset of the cursor then."""
    line: int
    """Its line."""
    head: bytes
    """The text before the nearest code."""
    tail: bytes
    """The text behind the cursor's line."""
    reach: int
    """Bytes of the tail that the nearest code after the cursor takes; below 0 where the window cuts lines and so cannot stand."""


def standing(snapshot: Snapshot, offset: int, root: Path | None) -> Standing:
    """A new window at the byte `offset`, and what it holds for."""
    segments = window(snapshot, offset, root)
    line = snapshot.lines.at(offset)
    behind = snapshot.lines.end(snapshot.data, line)
    near, after = (next(s for s in segments if _nearest(s, kind)) for kind in (SegmentKind.PREFIX, SegmentKind.SUFFIX))
    start, end = snapshot.lines.start(near.line), offset + len(after.text.encode())
    exact = mask(shown(snapshot.data[start:offset])) == near.text and mask(shown(snapshot.data[offset:end])) == after.text
    reach = end - behind if exact else NOWHERE
    return Standing(segments, root, offset, line, snapshot.data[:start], snapshot.data[behind:], reach)


def moved(was: Standing, snapshot: Snapshot, offset: int, root: Path | None) -> Standing | None:
    """The same window where something was typed or deleted at its cursor; None where another one is due."""
    data, start = snapshot.data, len(was.head)
    end = len(data) - len(was.tail)
    inside = start <= offset <= end and was.reach >= 0 and abs(offset - was.offset) <= STAYS_BYTES
    if root != was.root or not inside or not data.startswith(was.head) or not data.endswith(was.tail):
        return None
    lines = snapshot.lines.at(end) - was.line
    segments = []
    for segment in was.segments:
        if _nearest(segment, SegmentKind.PREFIX):
            segments.append(segment.showing(mask(shown(data[start:offset])), segment.line))
        elif _nearest(segment, SegmentKind.SUFFIX):
            segments.append(segment.showing(mask(shown(data[offset : end + was.reach])), snapshot.lines.at(offset)))
        elif segment.kind is SegmentKind.SUFFIX and lines:
            segments.append(replace(segment, line=segment.line + lines))
        else:
            segments.append(segment)
    return replace(was, segments=tuple(segments), line=was.line + lines)


def _nearest(segment: Segment, kind: SegmentKind) -> bool:
    return segment.rank == 0 and segment.kind is kind
