"""Documents without the secrets in them: whole ones are masked before anything is cut out of them."""

from collections.abc import Sequence

from interfix.masking import SecretSpan, blank_out_spans, find_secrets
from interfix.syntax.snapshot import Snapshot

STEP_LINES = 64
"""What is masked begins at a multiple of this line, so that typing has only the lines around it looked at again."""
BEFORE_LINES = 640
"""Lines before the cursor that are looked at: more than a window shows."""
AFTER_LINES = 256
"""Lines after the cursor that are looked at."""


def mask_around(snapshot: Snapshot, start: int, end: int | None = None) -> Snapshot:
    """The document with the secrets around the bytes `start` to `end` masked; every offset and line stays where it is."""
    first, last = compute_mask_lines(snapshot, start, start if end is None else end)
    return _with_mask(snapshot, snapshot.lines.find_start(first), snapshot.lines.find_next_start(snapshot.data, last - 1))


def mask_document(snapshot: Snapshot, secret_spans: Sequence[SecretSpan] | None = None) -> Snapshot:
    """The whole document with its secrets masked; `secret_spans` is where they are, characters, if that was found out before."""
    return _with_mask(snapshot, 0, len(snapshot.data), secret_spans)


def compute_mask_lines(snapshot: Snapshot, start: int, end: int) -> tuple[int, int]:
    """The lines to look at for what may be shown of the bytes `start` to `end`: the first, and the one behind the last."""
    first = max(0, snapshot.lines.find_line(start) - BEFORE_LINES) // STEP_LINES * STEP_LINES
    return first, min(len(snapshot.lines), snapshot.lines.find_line(end) + AFTER_LINES)


def _with_mask(snapshot: Snapshot, start: int, end: int, secret_spans: Sequence[SecretSpan] | None = None) -> Snapshot:
    text = snapshot.data[start:end].decode("utf-8", "surrogatepass")
    spans = find_secrets(text) if secret_spans is None else secret_spans
    if not spans:
        return snapshot
    masked = blank_out_spans(text, spans)
    return snapshot.mask_with(snapshot.data[:start] + masked.encode("utf-8", "surrogatepass") + snapshot.data[end:])
