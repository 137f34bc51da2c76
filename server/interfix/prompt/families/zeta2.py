"""Zed's Zeta 2 and 2.1, tuned from Seed-Coder-8B: suffix first, edits as diffs, and an editable region at the end of the prefix.

Source: the crate `zeta_prompt` of Zed: its formats `V0211SeedCoder` (Zeta 2) and `V0318SeedMultiRegions` (Zeta 2.1), and the
prompts in its tests.
"""

import re
from itertools import pairwise

import msgspec

from interfix.inference_types import EditWindow
from interfix.prompt.families.edit_diff import format_unified_diff
from interfix.prompt.families.family import Family
from interfix.prompt.families.next_edit_format import EditPromptParts, Marker, end_line, insert_cursor, split_last_newline
from interfix.prompt.families.zeta_block_splitting import split_blocks

PREFIX_MARKER, SUFFIX_MARKER, MIDDLE_MARKER = Marker("<[fim-prefix]>"), Marker("<[fim-suffix]>"), Marker("<[fim-middle]>")
FILE_MARKER = Marker("<filename>")
CURSOR_MARK = "<|user_cursor|>"
CURRENT_MARK, SPLIT_MARK, UPDATED_MARK = "<<<<<<< CURRENT", "=======", ">>>>>>> UPDATED"
NO_EDITS = "NO_EDITS"
_BLOCK_MARK = re.compile(r"<\|marker_(\d{1,6})\|>")


class Zeta2Format(msgspec.Struct, frozen=True):
    """The region stands between the marks of a merge conflict, and the answer is its other side."""

    text_marks: tuple[str, ...] = (CURSOR_MARK, CURRENT_MARK, f"\n{SPLIT_MARK}\n", UPDATED_MARK)
    stop_texts: tuple[str, ...] = (UPDATED_MARK,)

    def render(self, parts: EditPromptParts) -> list[str]:
        region, after = split_last_newline(parts.window)
        window_text = end_line(insert_cursor(parts.window, CURSOR_MARK, region))
        return [*_begin_prompt(parts, after), f"{CURRENT_MARK}\n{window_text}{SPLIT_MARK}\n", MIDDLE_MARKER]

    def read_answer(self, answer: str, window: EditWindow) -> str | None:  # noqa: ARG002 (see `NextEditFormat`)
        text = answer.replace(CURSOR_MARK, "")
        return None if text.strip() == NO_EDITS else text.removesuffix("\n")


class Zeta21Format(msgspec.Struct, frozen=True):
    """The region is cut into blocks by numbered marks, and the answer is the code between two of them."""

    text_marks: tuple[str, ...] = (CURSOR_MARK, "<|marker_")
    stop_texts: tuple[str, ...] = ()

    def render(self, parts: EditPromptParts) -> list[str]:
        window = parts.window
        region, after = split_last_newline(window)
        pieces = _begin_prompt(parts, after)
        cursor = min(len(window.region.encode()[: window.cursor].decode("utf-8", "ignore")), len(region))
        marked, start = "", 0
        for number, block in enumerate(split_blocks(region), start=1):
            end = start + len(block)
            if start <= cursor <= end and CURSOR_MARK not in marked:
                block = block[: cursor - start] + CURSOR_MARK + block[cursor - start :]
            marked += f"<|marker_{number}|>{block}"
            start = end
        return [*pieces, f"{marked}<|marker_{len(split_blocks(region)) + 1}|>\n", MIDDLE_MARKER]

    def read_answer(self, answer: str, window: EditWindow) -> str | None:
        marks = list(_BLOCK_MARK.finditer(answer))
        blocks = split_blocks(split_last_newline(window)[0])
        if len(marks) < 2:
            return None
        first, last = int(marks[0][1]), int(marks[-1][1])
        if not 1 <= first < last <= len(blocks) + 1:
            return None  # the same mark twice says that nothing is to be changed
        written = "".join(answer[mark.end() : following.start()] for mark, following in pairwise(marks))
        written = written.replace(CURSOR_MARK, "")
        if last <= len(blocks) and not written.endswith("\n"):
            written += "\n"  # what follows begins a line
        return "".join(blocks[: first - 1]) + written + "".join(blocks[last - 1 :])


def _begin_prompt(parts: EditPromptParts, after: str) -> list[str]:
    """What precedes the region."""
    pieces: list[str] = [SUFFIX_MARKER, end_line(after), PREFIX_MARKER]
    for file in parts.files:
        pieces += [FILE_MARKER, f"{file.path}\n{end_line(file.text)}\n"]
    if parts.edits:
        diffs = "".join(f"--- a/{edit.path}\n+++ b/{edit.path}\n{format_unified_diff(edit)}" for edit in parts.edits)
        pieces += [FILE_MARKER, f"edit_history\n{diffs}\n"]
    return [*pieces, FILE_MARKER, f"{parts.window.path}\n{parts.window.before}"]


_REASON = "It was tuned to propose the next edit in a layout of its own, not to fill a hole."
_STOP_TOKENS = ("<[end▁of▁sentence]>", "<filename>", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>")
_MARKERS = ("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>")

ZETA_2_1 = Family(
    name="zeta-2.1",
    name_pattern=r"(?<![a-z])zeta[-_ ]?2[._-]1(?!\d)",
    no_infill_reason=_REASON,
    fim_markers=_MARKERS,
    infill_stop_tokens=_STOP_TOKENS,
    next_edit_format=Zeta21Format(),
)
ZETA_2 = Family(
    name="zeta-2",
    name_pattern=r"(?<![a-z])zeta[-_ ]?2(?![\d])",
    no_infill_reason=_REASON,
    fim_markers=_MARKERS,
    infill_stop_tokens=_STOP_TOKENS,
    next_edit_format=Zeta2Format(),
)
