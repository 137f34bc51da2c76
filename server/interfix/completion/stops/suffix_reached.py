"""The completion has reached what already stands after the cursor. Compares lines, not trees."""

from interfix.completion.hole import InfillHole

MIN_DISTINCTIVE_CHARACTERS = 6
"""A line of fewer characters, or without a letter or digit, says nothing: `}` and `end` stand in every file."""


def stop_at_suffix(hole: InfillHole, text: str) -> int | None:
    """A whole line of the completion is the next line of the file, at the same indentation if it is a line of its own there."""
    expected = next(iter(hole.following_lines), "")
    if not is_distinctive(expected):
        return None
    start = 0
    for index, line in enumerate(text.split("\n")[:-1]):
        if index > 0 or hole.is_line_start:
            whole = hole.line_prefix + line if index == 0 else line
            same = line.strip() == expected.strip() if expected is hole.line_suffix else whole.rstrip() == expected.rstrip()
            if same:
                return start
        start += len(line) + 1
    return None


def is_distinctive(line: str) -> bool:
    """Whether finding the same line again means anything."""
    bare = line.strip()
    return len(bare) >= MIN_DISTINCTIVE_CHARACTERS and any(character.isalnum() for character in bare)
