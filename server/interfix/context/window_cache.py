"""Keeps the window of a document while its user types at one place. Whatever the tree makes of half a statement,
the pieces away from the cursor stay as they were cut, and so does the prompt before them.
"""

from pathlib import Path

import msgspec
from msgspec.structs import replace

from interfix.context.window_segments import build_window
from interfix.inference_types import Segment, SegmentKind
from interfix.masking import mask
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import decode_text

MAX_MOVE_BYTES = 600
"""The cursor may move so far from where the window was made before another is made."""
NOT_REUSABLE = -1


class CachedWindow(msgspec.Struct, frozen=True):
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
    suffix_bytes: int
    """Bytes of the tail that the nearest code after the cursor takes; below 0 where the window cuts lines and so cannot stand."""


def cache_window(snapshot: Snapshot, offset: int, root: Path | None) -> CachedWindow:
    """A new window at the byte `offset`, and what it holds for."""
    segments = build_window(snapshot, offset, root)
    line = snapshot.lines.find_line(offset)
    behind = snapshot.lines.find_end(snapshot.data, line)
    near, after = (next(s for s in segments if _is_nearest(s, kind)) for kind in (SegmentKind.PREFIX, SegmentKind.SUFFIX))
    start, end = snapshot.lines.find_start(near.line), offset + len(after.text.encode())
    exact = (
        mask(decode_text(snapshot.data[start:offset])) == near.text and mask(decode_text(snapshot.data[offset:end])) == after.text
    )
    reach = end - behind if exact else NOT_REUSABLE
    return CachedWindow(segments, root, offset, line, snapshot.data[:start], snapshot.data[behind:], reach)


def update_window(cached: CachedWindow, snapshot: Snapshot, offset: int, root: Path | None) -> CachedWindow | None:
    """The same window where something was typed or deleted at its cursor; None where another one is due."""
    data, start = snapshot.data, len(cached.head)
    end = len(data) - len(cached.tail)
    inside = start <= offset <= end and cached.suffix_bytes >= 0 and abs(offset - cached.offset) <= MAX_MOVE_BYTES
    if root != cached.root or not inside or not data.startswith(cached.head) or not data.endswith(cached.tail):
        return None
    lines = snapshot.lines.find_line(end) - cached.line
    segments = []
    for segment in cached.segments:
        if _is_nearest(segment, SegmentKind.PREFIX):
            segments.append(segment.with_text(mask(decode_text(data[start:offset])), segment.line))
        elif _is_nearest(segment, SegmentKind.SUFFIX):
            segments.append(
                segment.with_text(mask(decode_text(data[offset : end + cached.suffix_bytes])), snapshot.lines.find_line(offset))
            )
        elif segment.kind is SegmentKind.SUFFIX and lines:
            segments.append(replace(segment, line=segment.line + lines))
        else:
            segments.append(segment)
    return replace(cached, segments=tuple(segments), line=cached.line + lines)


def _is_nearest(segment: Segment, kind: SegmentKind) -> bool:
    return segment.rank == 0 and segment.kind is kind
