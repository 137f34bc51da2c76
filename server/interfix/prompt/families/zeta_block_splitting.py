"""Cuts a region into the blocks between which Zeta 2.1 has its numbered marks.

Source: the crate `zeta_prompt` of Zed, its format `V0318SeedMultiRegions`. A block ends at a blank line once it has six lines, as
long as six are left, and at the sixteenth otherwise; none begins, within five lines, with what only closes something.
"""

import re

MIN_BLOCK_LINES = 6
MAX_BLOCK_LINES = 16
MAX_NUDGE_LINES = 5

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_CLOSING_WORDS = ("break", "continue", "return", "throw", "end")


def split_blocks(text: str) -> list[str]:
    """The blocks, which joined are the text; one, however empty, where there is nothing to cut."""
    lines = _LINE.findall(text) or [""]
    starts = [0]
    at = 0
    while at < len(lines):
        start = _find_start(lines, starts[-1], at)
        if start > starts[-1]:
            starts.append(start)
            at = start
        at += 1
    return ["".join(lines[start:end]) for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]


def _find_start(lines: list[str], last_start: int, at: int) -> int:
    """The line that a new block begins with, seen from line `at`; 0 where none does."""
    length = at - last_start
    nudged = next((i for i in range(at, min(len(lines), at + MAX_NUDGE_LINES)) if _is_good_start(lines[i])), at)
    follows_blank = at > 0 and not lines[at - 1].strip() and lines[at].strip()
    if length >= MIN_BLOCK_LINES and follows_blank and len(lines) - nudged >= MIN_BLOCK_LINES:
        return nudged
    return nudged if length >= MAX_BLOCK_LINES else 0


def _is_good_start(line: str) -> bool:
    code = line.strip()
    return bool(code) and not code.startswith(("}", "]", ")")) and code.rstrip(";") not in _CLOSING_WORDS
