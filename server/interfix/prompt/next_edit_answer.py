"""Reads a next-edit model's answer: the region's new text, or nothing. What is cut off, past the region or no code is no edit."""

from interfix.inference_types import EditWindow
from interfix.prompt.families.next_edit_format import NextEditFormat

MAX_GROWTH_LINES = 40
"""More lines than these are not added by one edit."""


def read_next_edit(answer: str, window: EditWindow, next_edit_format: NextEditFormat, *, is_whole: bool) -> str | None:
    """The region's new text; None where the model changes nothing, or its answer cannot be trusted.

    `is_whole` says whether the model came to an end by itself. The result ends with a newline where the region does.
    """
    if not is_whole:
        return None
    read = next_edit_format.read_answer(answer.replace("\r\n", "\n"), window)
    if read is None or any(mark in read for mark in next_edit_format.text_marks) or "\r" in read or "\0" in read:
        return None
    text = read.removesuffix("\n")
    region = window.region.removesuffix("\n")
    text = "\n".join(_cut_past_region(text.split("\n"), region.split("\n"), window.after.split("\n")))
    is_deleted = bool(region.strip()) and not text.strip()
    written = text.rstrip()
    is_cut_off = region.startswith(written + "\n") and bool(region[len(written) :].strip())
    is_flooded = text.count("\n") > region.count("\n") + MAX_GROWTH_LINES
    if text == region or is_deleted or is_cut_off or is_flooded:
        return None
    return text + window.region[len(region) :]


def _cut_past_region(lines: list[str], region: list[str], after: list[str]) -> list[str]:
    """Without lines at the end that repeat what follows the region: the model has gone on copying.

    They are cut only behind the region's last line, which shows that the model has left it.
    """
    for count in range(min(len(lines) - 1, len(after)), 0, -1):
        tail, last = lines[-count:], lines[-count - 1]
        if tail == after[:count] and any(map(str.strip, tail)) and last == region[-1] and region[-count:] != tail:
            return lines[:-count]
    return lines
