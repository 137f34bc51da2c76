"""The file's own line ending, put back last: everything before it works with `\\n`."""

from interfix.completion.hole import Hole


def with_line_endings(hole: Hole, text: str) -> str:
    """`\\r\\n` where the file has that."""
    return text.replace("\n", hole.snapshot.newline)
