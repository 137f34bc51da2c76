"""The completion has reached what already stands after the cursor. Compares lines, not trees."""

from interfix.completion.hole import InfillHole

MIN_DISTINCTIVE_CHARACTERS = 6
"""A line of fewer characters, or without a letter or digit, says nothing: `}` and `end` stand in every file."""


def stop_at_suffix(hole: InfillHole, text: str) -> int | None:
    """A whole line of the completion is the next line of the file, at the same indentation if it is a line of its own there.

    Of a line that the file has in several places, or that opens a block, the next one has to be the same as well.
    """
    expected = next(iter(hole.following_lines), "")
    if not is_distinctive(expected):
        return None
    start = 0
    lines = text.split("\n")[:-1]
    second = next(iter(hole.following_lines[1:2]), None) if hole.is_pattern(expected) or hole.opens_block(expected) else None
    for index, line in enumerate(lines):
        if index > 0 or hole.is_line_start:
            whole = hole.line_prefix + line if index == 0 else line
            same = line.strip() == expected.strip() if expected is hole.line_suffix else whole.rstrip() == expected.rstrip()
            later = next((other for other in lines[index + 1 :] if other.strip()), "")
            if same and (second is None or later.rstrip() == second.rstrip()):
                return start
        start += len(line) + 1
    return None


def is_distinctive(line: str) -> bool:
    """Whether finding the same line again means anything."""
    bare = line.strip()
    return len(bare) >= MIN_DISTINCTIVE_CHARACTERS and any(character.isalnum() for character in bare)
