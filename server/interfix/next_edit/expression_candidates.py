"""A line was changed around expressions that stayed: others that are like it but for these, changed in the same way."""

import math
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from interfix.completion.indent_style import get_indent
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.expression_matches import (
    ExpressionMatch,
    LineTokens,
    count_gone,
    find_expression_matches,
    match_expressions,
    split_line_tokens,
)
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.rewrites import Example
from interfix.next_edit.template_candidates import is_local

MAX_EXAMPLES = 8
"""Changed lines for which others are looked for, the newest."""
MIN_GONE = 2
"""A change that took away fewer tokens says too little of lines that are only like its own."""
EXPRESSION = "expression"
"""The kind of these candidates."""


def list_expression_candidates(search: EditSearch) -> list[Candidate]:
    """All lines that are like changed ones but for whole expressions."""
    return [each for example in search.history.examples[:MAX_EXAMPLES] for each in _list_of_example(search, example)]


def _list_of_example(search: EditSearch, example: Example) -> Iterator[Candidate]:
    if len(example.old) != 1 or not example.new or example.renames:
        return
    old, new = split_line_tokens(example.old[0].strip()), split_line_tokens(_drop_indent(example.new))
    if count_gone(old, new) < MIN_GONE or (not search.context.explicit and is_local(search, example)):
        return
    matches = [each for each in find_expression_matches(search.table, old, new) if each.line not in search.made_lines]
    if matches:
        others = (each for each in search.history.examples if each.number != example.number)
        explained = sum(_explains(old, new, each) for each in others)
        yield from (_build(search, example, match, (explained, len(matches), count_gone(old, new))) for match in matches)


def _drop_indent(lines: Sequence[str]) -> str:
    """Lines as one text, without what the first of them is indented by."""
    base = get_indent(lines[0])
    return "\n".join(line.removeprefix(base) for line in lines).strip()


def _explains(old: LineTokens, new: LineTokens, other: Example) -> bool:
    """Whether another edit did the same to other expressions."""
    if len(other.old) != 1 or not other.new:
        return False
    match = match_expressions(0, old, new, split_line_tokens(other.old[0].strip()))
    return match is not None and match.text == _drop_indent(other.new)


def _build(search: EditSearch, example: Example, match: ExpressionMatch, counts: tuple[int, int, int]) -> Candidate:
    context, table = search.context, search.table
    line = table.lines[match.line]
    indent = get_indent(line)
    text = context.snapshot.newline.join(indent + each if each.strip() else each for each in match.text.split("\n"))
    start = context.snapshot.lines.find_start(match.line)
    end = context.snapshot.lines.find_end(context.snapshot.data, match.line)
    return Candidate(
        "repeat",
        EXPRESSION,
        match.line,
        match.line + 1,
        (Replacement(start, end, text.encode("utf-8", "surrogatepass")),),
        _weigh(search, example, match, counts),
        f"{line.strip()} → {match.text.splitlines()[0].strip()}",
        example.number,
        example.accepted,
    )


def _weigh(search: EditSearch, example: Example, match: ExpressionMatch, counts: tuple[int, int, int]) -> dict[str, float]:
    explained, sites, gone = counts
    context, history = search.context, search.history
    distance = match.line - context.snapshot.lines.find_line(context.offset)
    sizes = [len(split_line_tokens(text).tokens) for pair in match.expressions for text in pair]
    return {
        "explained": math.log2(1 + explained),
        "alone": float(not any(each.number != example.number for each in history.examples)),
        "equal": match.equal,
        "expressions": len(match.expressions) / 2,
        "size": math.log2(1 + max(sizes)) / 2,
        "gone": math.log2(1 + gone) / 2,
        "likeness": fuzz.ratio(example.old[0].strip(), example.new[0].strip()) / 100,
        "new_lines": math.log2(1 + len(example.new)),
        "recent": float(example.number == history.newest),
        "sites": math.log2(sites),
        **({} if example.accepted else {"distance": math.log2(1 + abs(distance)) / 4, "behind": float(distance < 0)}),
    }
