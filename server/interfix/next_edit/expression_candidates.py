"""A line was changed around expressions that stayed: others that are like it but for these, changed in the same way."""

import math
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from interfix.completion.indent_style import get_indent
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.expression_matches import (
    ExpressionMatch,
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
    context, table, history = search.context, search.table, search.history
    if len(example.old) != 1 or not example.new or example.renames or (not context.explicit and is_local(search, example)):
        return
    here = [each for each in history.examples if each.uri == context.snapshot.uri and each.line >= 0]
    made = {line for each in here for line in range(each.line, each.line + max(1, len(each.new)))}
    base = get_indent(example.new[0])
    new = "\n".join(line.removeprefix(base) for line in example.new)
    explained = sum(_explains(example, new, each) for each in history.examples if each.number != example.number)
    if count_gone(split_line_tokens(example.old[0]), split_line_tokens(new)) < MIN_GONE:
        return
    matches = [each for each in find_expression_matches(table, example.old[0], new) if each.line not in made]
    for match in matches:
        yield _build(search, example, match, (explained, len(matches)))


def _explains(example: Example, new: str, other: Example) -> bool:
    """Whether another edit did the same to other expressions."""
    if len(other.old) != 1 or len(other.new) != len(example.new):
        return False
    match = match_expressions(0, *map(split_line_tokens, (example.old[0].strip(), new.strip(), other.old[0].strip())))
    base = get_indent(other.new[0])
    return match is not None and match.text == "\n".join(line.removeprefix(base) for line in other.new)


def _build(search: EditSearch, example: Example, match: ExpressionMatch, counts: tuple[int, int]) -> Candidate:
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


def _weigh(search: EditSearch, example: Example, match: ExpressionMatch, counts: Sequence[int]) -> dict[str, float]:
    explained, sites = counts
    context, history = search.context, search.history
    distance = match.line - context.snapshot.lines.find_line(context.offset)
    sizes = [len(split_line_tokens(text).tokens) for pair in match.expressions for text in pair]
    gone = count_gone(split_line_tokens(example.old[0]), split_line_tokens("\n".join(example.new)))
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
