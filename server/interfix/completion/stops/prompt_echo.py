"""The model repeats its prompt. Compares whole lines with those above the cursor."""

from interfix.completion.hole import InfillHole
from interfix.completion.stops.suffix_reached import is_distinctive

MIN_ECHOED_LINES = 8
"""So many telling lines in a row that stand above in the same order: fewer may be a pattern that the file repeats on purpose."""


def stop_at_prompt_echo(hole: InfillHole, text: str) -> int | None:
    """The last whole lines of the completion are a run of lines above the cursor: it ends where that run begins."""
    lines = [line for line in (hole.line_prefix + text).split("\n")[:-1] if line.strip()]
    if sum(map(is_distinctive, lines)) < MIN_ECHOED_LINES:
        return None
    last = _select_last_lines(lines)
    above = [line.rstrip() for line in hole.lines_above if line.strip()]
    runs = (above[start : start + len(last)] for start in range(len(above) - len(last) + 1) if above[start] == last[0])
    if last not in runs:
        return None
    begin = ("\n" + text).rfind("\n" + "\n".join(text.rstrip("\n").split("\n")[-len(last) :]))
    return max(0, begin)


def _select_last_lines(lines: list[str]) -> list[str]:
    """The fewest last lines that hold `MIN_ECHOED_LINES` telling ones."""
    start = len(lines)
    telling_count = 0
    while telling_count < MIN_ECHOED_LINES:
        start -= 1
        telling_count += is_distinctive(lines[start])
    return [line.rstrip() for line in lines[start:]]
