"""Takes the secrets out of what is about to be shown, wherever it comes from. Knows where to look, not what a secret is."""

from functools import lru_cache
from itertools import pairwise

from interfix.context.exclusion import masked
from interfix.syntax.snapshot import Snapshot

BLOCK_LINES = 64
"""Lines looked at together, so that typing has only its own block looked at again."""
BEFORE_LINES = 640
"""Lines before the cursor that are looked at: more than a window shows."""
AFTER_LINES = 256
"""Lines after the cursor that are looked at."""
_MANY_LINES = b"PRIVATE KEY"
"""What only a secret of many lines holds: where it is found, the lines are looked at as one."""


def covered(snapshot: Snapshot, offset: int) -> Snapshot:
    """The document with the secrets around the byte `offset` masked; every offset and line stays where it is."""
    line = snapshot.lines.at(offset)
    first = max(0, line - BEFORE_LINES) // BLOCK_LINES * BLOCK_LINES
    last = min(len(snapshot.lines), line + AFTER_LINES)
    end = snapshot.lines.after(snapshot.data, last - 1)
    starts = [*(snapshot.lines.start(at) for at in range(first, last, BLOCK_LINES)), end]
    if _MANY_LINES in snapshot.data[starts[0] : starts[-1]]:
        starts = [starts[0], starts[-1]]
    blocks = [snapshot.data[start:end] for start, end in pairwise(starts)]
    shown = [_masked(block) for block in blocks]
    if shown == blocks:
        return snapshot
    return snapshot.covered(snapshot.data[: starts[0]] + b"".join(shown) + snapshot.data[starts[-1] :])


@lru_cache(maxsize=512)
def without_secrets(text: str) -> str:
    """The text with its secrets masked."""
    return masked(text)[0]


@lru_cache(maxsize=512)
def _masked(block: bytes) -> bytes:
    text, secrets = masked(block.decode("utf-8", "surrogatepass"))
    return text.encode("utf-8", "surrogatepass") if secrets else block
