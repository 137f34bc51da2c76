"""The file's own line ending, put back last: everything before it works with `\\n`."""

from interfix.completion.hole import InfillHole


def restore_line_endings(hole: InfillHole, text: str) -> str:
    """`\\r\\n` where the file has that."""
    return text.replace("\n", hole.snapshot.newline)
