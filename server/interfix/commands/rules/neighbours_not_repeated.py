"""The lines right above and below the selection are not written again, and those below are still reached."""

import re

from interfix.commands.rules import EditProposal, RuleResult
from interfix.commands.selection import Selection
from interfix.output.markdown_code import write_code_span
from interfix.syntax.statements import ends_with_terminator

_MAX_LINES = 20
"""Lines of the neighbourhood that are compared."""
_CLOSERS = re.compile(r"\W*(?:\w{1,3}|begin|break|continue|done|else|endif|esac|pass|then)?\W*")
"""A line that stands often below another one like it."""


def check_neighbours_not_repeated(proposal: EditProposal) -> RuleResult:
    """An answer that goes on beyond the selection leaves its neighbours there twice, or code behind a second `return`."""
    before, after = proposal.before, proposal.after
    above, below = _lines_above(before), _lines_below(before)
    old, new = _code_lines(before.code), _code_lines(after.code)
    if repeated := _find_overlap(new, below) - _find_overlap(old, below):
        return RuleResult(fault=f"it repeats {_quote_first(repeated, below)}, which stands right below the selection")
    if repeated := _find_overlap(above, new) - _find_overlap(above, old):
        return RuleResult(fault=f"it repeats {_quote_first(repeated, above)}, which stands right above the selection")
    if _cuts_off_rest(after) and not _cuts_off_rest(before):
        return RuleResult(fault="with it the code right below the selection is never reached")
    return RuleResult()


def _quote_first(repeated: set[str], lines: list[str]) -> str:
    return write_code_span(min(repeated, key=lines.index).strip())


def _find_overlap(first: list[str], second: list[str]) -> set[str]:
    """The lines that the first text ends with and the second begins with, if they are more than brackets and the like."""
    for count in range(min(len(first), len(second)), 0, -1):
        lines = second[:count]
        if first[-count:] == lines and any(not _CLOSERS.fullmatch(line) for line in lines):
            return set(lines)
    return set()


def _lines_above(selection: Selection) -> list[str]:
    return _code_lines(_decode(selection.snapshot.data[: selection.start][-_MAX_LINES * 200 :]))[-_MAX_LINES:]


def _lines_below(selection: Selection) -> list[str]:
    start = selection.next_line_start
    return _code_lines(_decode(selection.snapshot.data[start : start + _MAX_LINES * 200]))[:_MAX_LINES]


def _code_lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _decode(data: bytes) -> str:
    return data.decode(errors="replace")


def _cuts_off_rest(selection: Selection) -> bool:
    text = selection.snapshot.data[selection.start : selection.end]
    start, end = selection.start + len(text) - len(text.lstrip()), selection.start + len(text.rstrip())
    return ends_with_terminator(selection.snapshot, start, end)
