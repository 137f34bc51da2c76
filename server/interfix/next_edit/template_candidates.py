"""Whole lines that were changed, and others like them."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from interfix.completion.indent_style import get_indent
from interfix.next_edit.call_sites import is_in_scope
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.code_tokens import get_shape, is_word, split_tokens
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.one_off_changes import is_local_change
from interfix.next_edit.rewrite_candidates import find_new_text
from interfix.next_edit.rewrites import Example, History
from interfix.next_edit.template_matches import TemplateMatch, apply_template, find_template_matches, match_lines, split_parts
from interfix.next_edit.varying_part_derivation import apply_derived_parts, find_derived_parts
from interfix.syntax.enclosing_scopes import find_scopes
from interfix.syntax.name_place import TextKind, find_name_place

MAX_EXAMPLES = 12
"""Changed lines for which others are looked for, the newest."""
MAX_SITES = 60
"""Places of one of them."""
_CONDITIONAL = re.compile(r"\s*(?:if|unless|guard)\b")
INSERT_AGAIN = "insert_again"
"""The kind of lines that were inserted at the beginning of two functions, word for word, whose headers differ in one word."""
MAX_CANDIDATES = 80
"""Places of all of them."""


def list_template_candidates(search: EditSearch) -> list[Candidate]:
    """All lines that are like changed ones, changed as those were."""
    context, table, history = search.context, search.table, search.history
    candidates: list[Candidate] = []
    here = [each for each in history.examples if each.uri == context.snapshot.uri and each.line >= 0]
    # What was inserted stands behind or before its neighbours already.
    beside = {each.line + side for each in here if not each.old for side in (-1, len(each.new))}
    for example in history.examples[:MAX_EXAMPLES]:
        if not context.explicit and is_local(search, example):
            continue
        derived = find_derived_parts(table, example, [each for each in here if each is not example]) if example in here else ()
        if derived is None:
            continue  # what the user wrote was another thing each time
        open_parts = _list_open_parts(example, history.examples)
        for variant, old, new in _list_variants(example):
            matches = [
                match
                for match in find_template_matches(table, old, open_parts, example.line)
                if search.made_lines.isdisjoint(range(match.line, match.line + len(old)))
                and (variant == "lines" or match.line not in beside)
            ]
            if example.renames:
                # Lines that are only like it may hold other things of the same name; the rename finder knows.
                matches = [match for match in matches if not match.substitutes and not _is_other_thing(search, example, match.line)]
            following = min((match.line for match in matches if match.line > example.line), default=-1)
            for match in matches[:MAX_SITES]:
                values = apply_derived_parts(table, derived, match.line, is_next=match.line == following)
                if values is None:
                    continue
                lines = apply_template(new, {**dict(match.substitutes), **values})
                candidate = _build(context, table, history, (example, variant), (match, old, lines, len(matches)))
                if candidate is not None:
                    candidates.append(candidate)
        if len(candidates) > MAX_CANDIDATES:
            break
    return candidates


def is_local(search: EditSearch, example: Example) -> bool:
    """Whether lines were changed once, in what is only their own matter."""
    if any(_explains(example, each) for each in search.history.examples if each is not example):
        return False
    is_here = example.uri == search.context.snapshot.uri and example.line >= 0 and bool(example.changes)
    place = find_new_text(search.table, example.line, example.changes[0]) if is_here else -1
    kind = find_name_place(search.context.snapshot, place).kind if place >= 0 else TextKind.CODE
    return is_local_change(example.changes, kind, search.context.snapshot.language)


def _is_other_thing(search: EditSearch, example: Example, line: int) -> bool:
    """Whether a line has one of the renamed names for something that its own function declares."""
    snapshot, table = search.context.snapshot, search.table
    new = {token for each in example.new for token in split_tokens(each)}
    gone = {token for each in example.old for token in split_tokens(each) if is_word(token)} - new
    return any(is_in_scope(snapshot, name, table.find_byte(line, len(get_indent(table.lines[line])))) for name in gone)


def _list_variants(example: Example) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    """The lines to look for, and what to make of them."""
    if example.old:
        yield "lines", example.old, example.new
    else:
        if example.above.strip():
            yield "above", (example.above,), (example.above, *example.new)
        if example.below.strip():
            yield "below", (example.below,), (*example.new, example.below)


def _build(
    context: EditContext,
    table: LineTable,
    history: History,
    origin: tuple[Example, str],
    pairing: tuple[TemplateMatch, Sequence[str], Sequence[str], int],
) -> Candidate | None:
    (example, variant), (match, old, new, _) = origin, pairing
    snapshot, newline = context.snapshot, context.snapshot.newline
    indent, base = get_indent(table.lines[match.line]), get_indent(next(line for line in old if line.strip()))
    lines = [indent + line.removeprefix(base) if line.strip() else line for line in new]
    last = match.line + len(old)
    start, end = snapshot.lines.find_start(match.line), snapshot.lines.find_next_start(snapshot.data, last - 1)
    text = "".join(line + newline for line in lines).encode("utf-8", "surrogatepass")
    if not snapshot.data[start:end].endswith((b"\n", b"\r")) and lines:
        text = text[: -len(newline)]
    if snapshot.data[start:end] == text:
        return None
    line, end_line = match.line, last
    if variant == "above":
        line = end_line = last
    elif variant == "below":
        line = end_line = match.line
    kind = ("block" if match.substitutes else "same_block") if variant == "lines" else "insert_lines"
    if (
        kind == "insert_lines"
        and variant == "above"
        and _is_header(context, match.line)
        and any(_inserts_again(example, each) for each in history.examples if each is not example)
    ):
        kind = INSERT_AGAIN if _count_other_words(example.above, table.lines[match.line]) <= 1 else kind
    return Candidate(
        "repeat",
        kind,
        line,
        end_line,
        (Replacement(start, end, text),),
        _weigh(context, table, history, origin, pairing),
        f"{table.lines[match.line].strip()} → {(new[0].strip() if new else '')}",
        example.number,
        _is_accepted(history, example),
    )


def _weigh(
    context: EditContext,
    table: LineTable,
    history: History,
    origin: tuple[Example, str],
    pairing: tuple[TemplateMatch, Sequence[str], Sequence[str], int],
) -> dict[str, float]:
    (example, variant), (match, old, new, sites) = origin, pairing
    others = [each for each in history.examples if each.number != example.number]
    explained = sum(_explains(example, each) for each in others)
    parts = [part for line in example.new for part in split_parts(line) if part.isalnum()]
    gone = Counter(part for line in old for part in split_parts(line)) - Counter(
        part for line in example.new for part in split_parts(line)
    )
    used = sum(any(part == old_part for part in parts) for old_part, _ in match.substitutes)
    made = [each.line for each in history.examples if each.uri == context.snapshot.uri and each.line >= 0]
    below = table.lines[match.line + len(old)] if match.line + len(old) < len(table.lines) else ""
    above = table.lines[match.line - 1] if match.line else ""
    return {
        "explained": math.log2(1 + explained),
        "alone": float(not others),
        "identical": float(not match.substitutes),
        "equal": match.equal,
        "substitutes": len(match.substitutes) / 2,
        "unused": (len(match.substitutes) - used) / 2,
        "moved": float(any(gone[part] for part, _ in match.substitutes)),
        "old_lines": math.log2(1 + len(old)),
        "new_lines": math.log2(1 + len(new)),
        "deleted": float(not new),
        "old_length": math.log2(1 + sum(len(each.strip()) for each in old)) / 4,
        "recent": float(example.number == history.newest),
        "sites": math.log2(sites),
        # Of a change that is gone through by accepting, the order is the predictor's: each place counts as the next one.
        **({} if _is_accepted(history, example) else _weigh_position(context, made, match.line)),
        "above_like": _compare_line(example.above, above),
        "below_like": _compare_line(example.below, below),
        "from_below": float(variant == "below"),
        "conditional": float(_CONDITIONAL.match(example.new[0]) is not None if example.new else False),
        "same_indent": float(get_indent(table.lines[match.line]) == get_indent(next(each for each in old if each.strip()))),
    }


def _is_accepted(history: History, example: Example) -> bool:
    """Whether the user took the same change as a next edit at some place."""
    return example.accepted or any(each.accepted and _explains(example, each) for each in history.examples)


def _weigh_position(context: EditContext, made: Sequence[int], line: int) -> dict[str, float]:
    distance = line - context.snapshot.lines.find_line(context.offset)
    return {
        "distance": math.log2(1 + abs(distance)) / 4,
        "behind": float(distance < 0),
        "site_above": float(bool(made) and line < min(made)),
    }


def _compare_line(one: str, other: str) -> float:
    """1 where two lines are the same, 0.5 where they are alike but for some words, else 0."""
    if one.strip() == other.strip():
        return 1.0
    return 0.5 if match_lines(0, [split_parts(one.strip())], [split_parts(other.strip())]) is not None else 0.0


def _count_other_words(one: str, other: str) -> int:
    """How many words two lines of one shape do not share."""
    pairs = zip(split_tokens(one.strip()), split_tokens(other.strip()), strict=False)
    return sum(a != b for a, b in pairs)


def _is_header(context: EditContext, line: int) -> bool:
    """Whether a line is the header of a function, so that what was inserted below it begins its body."""
    snapshot = context.snapshot
    start, end = snapshot.lines.find_start(line), snapshot.lines.find_end(snapshot.data, line)
    return any(
        scope.kind == "function" and start <= scope.header_start and scope.signature_end <= end
        for scope in find_scopes(snapshot, start, end)
    )


def _inserts_again(example: Example, other: Example) -> bool:
    """Whether another edit put the same lines below a line that is like the one above this one's."""
    if other.old or [line.strip() for line in example.new] != [line.strip() for line in other.new]:
        return False
    one, two = example.above, other.above
    return bool(two.strip()) and get_shape(one) == get_shape(two) and _count_other_words(one, two) <= 1


def _list_open_parts(example: Example, others: Sequence[Example]) -> set[str]:
    """The parts of an old text for which others stood where the user made the same change."""
    matches = [_compare_change(example, each) for each in others if each is not example]
    return {part for match in matches if match is not None for part, _ in match.substitutes}


def _explains(example: Example, other: Example) -> bool:
    """Whether another edit is what this one leads to expect."""
    if len(example.old) != len(other.old) or not example.old:
        return not example.old and not other.old and len(example.new) == len(other.new) and _fits(example.new, other.new)
    return _compare_change(example, other) is not None


def _compare_change(example: Example, other: Example) -> TemplateMatch | None:
    """What stands for the parts of an old text in another edit, if that did the same to it."""
    if len(example.old) != len(other.old) or not example.old:
        return None
    old, now = ([split_parts(line.strip()) for line in lines] for lines in (example.old, other.old))
    match = match_lines(0, old, now, least_share=0.0)
    if match is None:
        return None
    expected = apply_template(example.new, dict(match.substitutes))
    return match if [line.strip() for line in expected] == [line.strip() for line in other.new] else None


def _fits(one: Sequence[str], other: Sequence[str]) -> bool:
    old, now = ([split_parts(line.strip()) for line in lines] for lines in (one, other))
    return match_lines(0, old, now) is not None
