"""Zed's Zeta, tuned from Qwen2.5-Coder-7B: an instruction, the edits as diffs, and an excerpt with an editable region.

Source: Zed's crate `zeta`, and prompts and answers that a user recorded between Zed and a server of the model (g0t4/zed-zeta-server
on GitHub). The instruction is part of what the model was trained on.
"""

import msgspec

from interfix.inference_types import EditWindow, PastEdit
from interfix.prompt.families.edit_diff import format_unified_diff
from interfix.prompt.families.family import Family
from interfix.prompt.families.next_edit_format import EditPromptParts, insert_cursor, split_last_newline

START_MARK, END_MARK = "<|editable_region_start|>", "<|editable_region_end|>"
CURSOR_MARK, FILE_MARK = "<|user_cursor_is_here|>", "<|start_of_file|>"
_INSTRUCTION = (
    "### Instruction:\nYou are a code completion assistant and your task is to analyze user edits and then rewrite an excerpt that "
    "the user provides, suggesting the appropriate edits within the excerpt, taking into account the cursor location.\n\n"
)


class ZetaFormat(msgspec.Struct, frozen=True):
    """All of it is plain text."""

    text_marks: tuple[str, ...] = (START_MARK, END_MARK, CURSOR_MARK, FILE_MARK)
    stop_texts: tuple[str, ...] = (END_MARK,)

    def render(self, parts: EditPromptParts) -> list[str]:
        window = parts.window
        region, after = split_last_newline(window)
        begin = f"{FILE_MARK}\n" if window.begins_file or not window.before else ""
        excerpt = f"{begin}{window.before}{START_MARK}\n{insert_cursor(window, CURSOR_MARK, region)}\n{END_MARK}{after}"
        edits = "\n\n".join(map(_format_edit, parts.edits))
        return [
            f"{_INSTRUCTION}### User Edits:\n\n{edits}\n\n",
            f"### User Excerpt:\n\n```{window.path}\n{excerpt.removesuffix(chr(10))}\n```\n\n### Response:\n",
        ]

    def read_answer(self, answer: str, window: EditWindow) -> str | None:  # noqa: ARG002 (see `NextEditFormat`)
        start = answer.find(START_MARK)
        if start < 0:
            return None
        region = answer[start + len(START_MARK) :].removeprefix("\n").replace(CURSOR_MARK, "")
        return region.removesuffix("\n")


def _format_edit(edit: PastEdit) -> str:
    return f'User edited "{edit.path}":\n```diff\n{format_unified_diff(edit)}\n```'


ZETA = Family(
    name="zeta",
    name_pattern=r"(?<![a-z])zeta(?![a-z])",
    no_infill_reason="It was tuned to propose the next edit in a layout of its own, not to fill a hole.",
    infill_stop_tokens=("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|file_sep|>"),
    next_edit_format=ZetaFormat(),
)
