"""Which lines of a file bring names into it. Knows only the tree; without one there are none."""

from interfix.syntax.queries import matches
from interfix.syntax.snapshot import Snapshot


def imports(snapshot: Snapshot, end: int) -> tuple[tuple[int, int], ...]:
    """The byte ranges of the top-level imports, packages and includes that begin before the byte `end`, in the text's order."""
    if end <= 0:
        return ()
    nodes = (node for captures in matches(snapshot, "imports", 0, end, depth=0) for node in captures.get("import", ()))
    return tuple(sorted({(node.start_byte, node.end_byte) for node in nodes if node.start_byte < end}))
