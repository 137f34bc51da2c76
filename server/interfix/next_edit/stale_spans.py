"""Lines that the last edits have left behind, where rules know the place and not what is to stand there."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
from rapidfuzz import fuzz

from interfix.next_edit.call_sites import list_calls
from interfix.next_edit.code_tokens import is_word, split_tokens
from interfix.next_edit.edit_log import widen_to_lines
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders.delegation import list_passing_lines
from interfix.next_edit.finders.signature import accepts_call, list_added_parameters
from interfix.next_edit.line_search_index import MAX_LINE_CHARACTERS, LineTable
from interfix.next_edit.ranking import RankedEdit
from interfix.next_edit.rewrites import Example

MAX_EXAMPLES = 8
"""Changed lines for which others like them are looked for, the newest."""
MAX_SPAN_LINES = 6
"""Lines of a span."""
MIN_LIKENESS = 0.6
"""Lines are alike whose characters are the same to this share."""
MIN_INSERT_LIKENESS = 0.75
"""The same where nothing was taken away that would tell them."""
MAX_LEFTOVERS = 6
"""Lines that hold a word which an edit took away; more of them are no sign."""


class StaleSpan(msgspec.Struct, frozen=True):
    """Whole lines that may have to change."""

    first: int
    """Zero-based, the first of them."""
    end: int
    """Behind the last of them."""
    finder: str
    """What found it: signature, likeness, leftover, or the finder whose edit was not certain enough."""
    evidence: dict[str, float]
    """By name; each is of the order of one."""
    number: int
    """The number of the newest edit that it follows from."""
    reason: str = ""
    """Why it is stale, in words for people."""
    proposed: bytes | None = None
    """What a rule that was not certain enough would make of the lines; None: no rule would."""


def list_stale_spans(search: EditSearch, ranked: Sequence[RankedEdit]) -> list[StaleSpan]:
    """The spans that are to be weighed, of which none overlaps another of the same finder. `ranked` are the edits of rules that
    were not certain enough.
    """
    edited = _list_edited_lines(search)
    alike = [*_list_alike_spans(search), *_list_leftovers(search)]
    spans = [*_list_call_spans(search), *_list_unsure_spans(search, ranked), *alike, *_join_neighbours(alike)]
    fitting = [each for each in spans if each.end - each.first <= MAX_SPAN_LINES and edited.isdisjoint(range(each.first, each.end))]
    return _join_evidence(search, fitting)


def _list_call_spans(search: EditSearch) -> Iterator[StaleSpan]:
    """Calls of a function that takes one more value, which no rule knows, and lines in it that pass on its other values."""
    snapshot = search.context.snapshot
    for change in search.signature_changes:
        added = list_added_parameters(change.old, change.new) if change.old is not None and change.new is not None else []
        if change.old is None or not added:
            continue
        for line in list_passing_lines(search, change, added):
            reason = f"{change.name} takes {added[0].name} now, and passes on other values here"
            yield StaleSpan(line, line + 1, "signature", {"passing": 1.0}, change.number, reason)
        for call in list_calls(snapshot, search.table, change) or () if not all(each.is_optional for each in added) else ():
            if accepts_call(change.old, call.arguments):
                first, last = snapshot.lines.find_line(call.start), snapshot.lines.find_line(call.list.end - 1)
                evidence = {"call": 1.0, "certain": float(call.is_certain)}
                yield StaleSpan(first, last + 1, "signature", evidence, change.number, f"{change.name} takes {added[0].name} now")


def _list_unsure_spans(search: EditSearch, ranked: Sequence[RankedEdit]) -> Iterator[StaleSpan]:
    for edit in ranked:
        first = edit.parts[0].candidate
        replacement, lines = edit.replacement, search.context.snapshot.lines
        low, high = lines.find_line(replacement.start), lines.find_line(max(replacement.start, replacement.end - 1)) + 1
        if replacement.start == replacement.end and b"\n" in replacement.text and replacement.start == lines.find_start(low):
            continue  # lines are inserted: nothing there is stale
        data, start, end = (
            search.context.snapshot.data,
            lines.find_start(low),
            lines.find_end(search.context.snapshot.data, high - 1),
        )
        proposed = data[start : replacement.start] + replacement.text + data[replacement.end : end]
        evidence = {"unsure": 1.0, "certainty": edit.certainty, "rename": float(first.finder == "rename")}
        reason = f"{first.finder}: {first.label}" if first.label else first.finder
        yield StaleSpan(low, high, first.finder, evidence, first.number, reason, proposed)


def _list_alike_spans(search: EditSearch) -> Iterator[StaleSpan]:
    """Lines that are like some that were changed."""
    for age, example in enumerate(search.history.examples[:MAX_EXAMPLES]):
        if not 0 < len(example.old) <= MAX_SPAN_LINES or not any(map(str.strip, example.old)):
            continue
        gone = _list_gone_tokens(example)
        for first in _find_alike(search.table, example, gone):
            lines = search.table.lines[first : first + len(example.old)]
            evidence = {
                "alike": 1.0,
                "age": math.log2(1 + age),
                "likeness": _measure_likeness(example.old, lines),
                "shares": _measure_share(gone, lines),
                "only_added": float(not gone),
                "height": math.log2(len(lines)),
            }
            yield StaleSpan(
                first, first + len(lines), "likeness", evidence, example.number, f"like a line that was {example.old[0].strip()}"
            )


def _find_alike(table: LineTable, example: Example, gone: Counter[str]) -> Iterator[int]:
    """Where lines begin that are like the old ones of an example, and have something of what was taken from them."""
    head = next(line for line in example.old if line.strip()).strip()
    skip = next(at for at, line in enumerate(example.old) if line.strip())
    least = MIN_LIKENESS if gone else MIN_INSERT_LIKENESS
    for number, line in enumerate(table.lines):
        if len(line) > MAX_LINE_CHARACTERS or fuzz.ratio(head, line.strip(), score_cutoff=100 * least) == 0:
            continue
        first = number - skip
        lines = table.lines[max(0, first) : first + len(example.old)]
        if first < 0 or len(lines) < len(example.old) or _measure_likeness(example.old, lines) < least:
            continue
        if not gone or _measure_share(gone, lines) > 0:
            yield first


def _list_leftovers(search: EditSearch) -> Iterator[StaleSpan]:
    """Lines that hold a word which the newest edits took away, and which few other lines have."""
    seen: set[str] = set()
    for age, example in enumerate(search.history.examples[:MAX_EXAMPLES]):
        for word in _list_gone_tokens(example):
            if not is_word(word) or len(word) < 3 or word in seen:
                continue
            seen.add(word)
            lines = [at for at in search.table.find_lines(word) if word in search.table.split_line(at)[1]]
            for line in lines if len(lines) <= MAX_LEFTOVERS else ():
                evidence = {"leftover": 1.0, "leftover_age": math.log2(1 + age), "leftover_lines": math.log2(len(lines))}
                yield StaleSpan(line, line + 1, "leftover", evidence, example.number, f"{word} is still here")


def _join_neighbours(spans: Sequence[StaleSpan]) -> Iterator[StaleSpan]:
    """One span for several lines, one below the other, each of which may have to change."""
    run: list[StaleSpan] = []
    for span in sorted(spans, key=lambda each: (each.first, each.end)):
        if run and span.first == run[-1].first:
            continue
        if run and span.first != run[-1].end:
            yield from _join_run(run)
            run = []
        run.append(span)
    yield from _join_run(run)


def _join_run(run: Sequence[StaleSpan]) -> Iterator[StaleSpan]:
    if len(run) > 1:
        evidence = {**run[0].evidence, "joined": 1.0}
        yield msgspec.structs.replace(run[0], end=run[-1].end, evidence=evidence)


def _list_gone_tokens(example: Example) -> Counter[str]:
    """Tokens that an example's lines have no more, white space aside."""
    old, new = (
        Counter(each for each in split_tokens("\n".join(lines)) if not each.isspace()) for lines in (example.old, example.new)
    )
    return old - new


def _measure_likeness(old: Sequence[str], lines: Sequence[str]) -> float:
    return sum(fuzz.ratio(one.strip(), other.strip()) for one, other in zip(old, lines, strict=True)) / (100 * len(old))


def _measure_share(gone: Counter[str], lines: Sequence[str]) -> float:
    """How much of the tokens that were taken away is in some lines, 0 to 1."""
    if not gone:
        return 0.0
    there = Counter(split_tokens("\n".join(lines)))
    return sum((gone & there).values()) / gone.total()


def _list_edited_lines(search: EditSearch) -> set[int]:
    """The lines of the document that edits touch."""
    snapshot, edited = search.context.snapshot, set[int]()
    for edit in search.context.edits:
        if edit.uri == snapshot.uri and edit.start >= 0:
            lines = widen_to_lines(snapshot.data, edit)
            edited |= (
                {*range(snapshot.lines.find_line(lines.start), snapshot.lines.find_line(max(lines.start, lines.end - 1)) + 1)}
                if lines.new
                else set()
            )
    return edited


def _join_evidence(search: EditSearch, spans: Sequence[StaleSpan]) -> list[StaleSpan]:
    """One span for each range of lines, with all that speaks for it."""
    cursor = search.context.snapshot.lines.find_line(search.context.offset)
    joined: dict[tuple[int, int], StaleSpan] = {}
    for span in spans:
        held = joined.get((span.first, span.end))
        evidence = span.evidence if held is None else {**span.evidence, **held.evidence}
        joined[span.first, span.end] = msgspec.structs.replace(held or span, evidence=evidence)
    joined_spans = []
    for span in joined.values():
        distance = span.first - cursor
        shared = {
            "distance": math.log2(1 + abs(distance)) / 4,
            "above": float(distance < 0),
            "recent": float(span.number == search.history.newest),
            "spans": math.log2(len(joined)) / 2,
            "support": math.log2(1 + len({each.number for each in search.history.examples})) / 2,
        }
        joined_spans.append(msgspec.structs.replace(span, evidence={**span.evidence, **shared}))
    return joined_spans
