"""Sweep's next-edit models (0.5B and 1.5B, and the second line of 7B), tuned from Qwen2.5-Coder.

Sources: the program beside the 1.5B's weights (`run_model.py`), whose layout other clients take for the 0.5B, too; of the second
line, its `inference.py` as two public ports of it describe it, which differ in the lines that are given (here all before the
cursor's). They write the layout without weights to try: unverified beyond that.
"""

import msgspec

from interfix.inference_types import EditWindow
from interfix.prompt.families.family import Family
from interfix.prompt.families.next_edit_format import EditPromptParts, Marker, insert_cursor

FILE_MARKER = Marker("<|file_sep|>")
CURSOR_MARK = "<|cursor|>"
STOP_TOKENS = (
    *("<|file_sep|>", "<|repo_name|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>"),
    *("<|im_start|>", "<|im_end|>", "<|endoftext|>"),
)


class SweepFormat(msgspec.Struct, frozen=True):
    """The region as it was, as it is, and as it will be: a file each."""

    text_marks: tuple[str, ...] = ()
    stop_texts: tuple[str, ...] = ()

    def render(self, parts: EditPromptParts) -> list[str]:
        window = parts.window
        pieces: list[str] = []
        for file in parts.files:
            pieces += [FILE_MARKER, f"{file.path}\n{file.text}\n"]
        for edit in parts.edits:
            pieces += [FILE_MARKER, f"{edit.path}.diff\noriginal:\n{_strip(edit.before)}\nupdated:\n{_strip(edit.after)}\n"]
        pieces += [FILE_MARKER, f"original/{window.path}\n{_strip(window.original)}\n"]
        pieces += [FILE_MARKER, f"current/{window.path}\n{_strip(window.region)}\n"]
        return [*pieces, FILE_MARKER, f"updated/{window.path}"]

    def read_answer(self, answer: str, window: EditWindow) -> str | None:  # noqa: ARG002 (see `NextEditFormat`)
        return answer.removeprefix("\n")


class SweepV2Format(msgspec.Struct, frozen=True):
    """The same with the whole file before it, line numbers, the cursor, and the lines before the cursor's given already."""

    text_marks: tuple[str, ...] = (CURSOR_MARK,)
    stop_texts: tuple[str, ...] = ()

    def render(self, parts: EditPromptParts) -> list[str]:
        window = parts.window
        location = f"{window.path}:{window.line + 1}:{window.line + _count_lines(window.region)}"
        around = f"{window.before}{window.original}{window.after}"
        pieces: list[str] = []
        for file in parts.files:
            pieces += [FILE_MARKER, f"{file.path}\n{file.text}\n"]
        pieces += [FILE_MARKER, f"{window.path}\n{around}\n"]
        for edit in parts.edits:
            old, new = _strip(edit.before), _strip(edit.after)
            lines = f"{edit.line + 1}:{edit.line + _count_lines(old)}"
            pieces += [FILE_MARKER, f"{edit.path}:{lines}\noriginal:\n{old}\nupdated:\n{new}\n"]
        pieces += [FILE_MARKER, f"original/{location}\n{_strip(window.original)}\n"]
        pieces += [FILE_MARKER, f"current/{location}\n{_strip(insert_cursor(window, CURSOR_MARK))}\n"]
        return [*pieces, FILE_MARKER, f"updated/{location}\n{_give_lines(window)}"]

    def read_answer(self, answer: str, window: EditWindow) -> str | None:
        return _give_lines(window) + answer


def _give_lines(window: EditWindow) -> str:
    """The lines before the cursor's."""
    until = window.region.encode()[: window.cursor].rfind(b"\n") + 1
    return window.region.encode()[:until].decode()


def _count_lines(text: str) -> int:
    return _strip(text).count("\n") + 1


def _strip(text: str) -> str:
    return text.removesuffix("\n")


_REASON = "It was tuned to propose the next edit in a layout of its own, not to fill a hole."

SWEEP_V2 = Family(
    name="sweep-v2",
    name_pattern=r"(?<![a-z])sweep.*next[-_ ]?edit[-_ ]?v2",
    no_infill_reason=_REASON,
    infill_stop_tokens=STOP_TOKENS,
    next_edit_format=SweepV2Format(),
)
SWEEP = Family(
    name="sweep",
    name_pattern=r"(?<![a-z])(sweep[-_ ]?(next|edit|\d)|sweepai)",
    no_infill_reason=_REASON,
    infill_stop_tokens=STOP_TOKENS,
    next_edit_format=SweepFormat(),
)
