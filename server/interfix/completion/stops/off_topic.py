"""Text that is not this file's any more: a Markdown fence, the head of another file, the model talking about the code."""

import re

from interfix.completion.hole import InfillHole

_FENCE = re.compile(r"^[ \t]*```", re.MULTILINE)
_MARKER = re.compile(
    r"<\|(?:file_sep|repo_name|fim_\w+|im_start|im_end|endoftext|file_separator)\|>"
    r"|<(?:file_sep|repo_name|reponame|filename|fim_prefix|fim_suffix|fim_middle|EOT)>"
)
_PATH = re.compile(r"\n[ \t]*(?:(?:#|//|--|/\*)[ \t]*)?(?:[\w.-]+/)+[\w-]+\.\w{1,5}(?:[ \t]*\*/)?[ \t]*\n")
_PROSE = re.compile(r"^[ \t]*(?:[A-Z][a-z]*|I)(?: [\w'’`-]+,?){4,}[.:]?$")
_LONGEST = 400
"""A longer line is no sentence of a model's."""
_TALK = re.compile(r"^[ \t]*(?:Explanation|Note|Answer|Example usage|Here(?:'s| is| are)\b[^=(){}\[\];]*):?[ \t]*$")


def stop_at_fence(hole: InfillHole, text: str) -> int | None:
    """A Markdown fence ends code, except in a text that has fences, and in words such as a docstring or a README."""
    match = _FENCE.search(text)
    if match is None or "```" in hole.prefix or hole.in_text_file or hole.is_text_at(text, match.start(), within=True):
        return None
    return match.start()


def stop_at_file_marker(hole: InfillHole, text: str) -> int | None:
    """A control token spelled out, or a line that is nothing but a path: the model has begun another file.

    A file that has that marker in its own text may well go on with it, and words may name files.
    """
    marker = _MARKER.search(text)
    if marker and marker.group() not in hole.prefix:
        return marker.start()
    path = _PATH.search(text)
    if path is None or hole.in_text_file or hole.is_text_at(text, path.end() - 1, within=True):
        return None
    return path.start()


def stop_at_prose(hole: InfillHole, text: str) -> int | None:
    """A whole line of plain words outside strings, comments and the text of pages is the model talking."""
    if hole.is_prose:
        return None
    nesting = hole.scan_brackets(text)
    start = 0
    for index, line in enumerate(text.split("\n")[:-1]):
        if (index > 0 or hole.is_line_start) and start not in nesting.nested_line_starts and is_prose_line(line):
            first = start + len(line) - len(line.lstrip())
            if not hole.is_text_at(text[: start + len(line) + 1], first):
                return start
        start += len(line) + 1
    return None


def is_prose_line(line: str) -> bool:
    """A line of at least five plain words that begins as a sentence does, or a heading such as `Explanation:`."""
    return len(line) <= _LONGEST and bool(_PROSE.match(line) or _TALK.match(line))
