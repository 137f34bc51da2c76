"""Text of a snapshot that a model can be shown: of whole lines, or of bytes."""

from interfix.syntax.snapshot import Snapshot


def extract_lines(snapshot: Snapshot, first: int, last: int) -> str:
    """The text of the lines `first` up to but not `last`."""
    if first >= last:
        return ""
    return decode_text(snapshot.data[snapshot.lines.find_start(first) : snapshot.lines.find_next_start(snapshot.data, last - 1)])


def extract_text(snapshot: Snapshot, start: int, end: int) -> str:
    """The text of the bytes `start` up to but not `end`."""
    return decode_text(snapshot.data[start:end])


def decode_text(data: bytes) -> str:
    """Bytes of a snapshot as text: a lone surrogate, which no tokeniser takes, becomes a replacement."""
    return data.decode("utf-8", "replace")
