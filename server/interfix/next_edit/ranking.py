"""From candidates to the edits that are offered: each weighed, joined with what belongs to its lines, and weighed as a whole."""

import math
from collections.abc import Sequence

import msgspec

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.certainty import CertaintyModel
from interfix.next_edit.code_tokens import split_tokens
from interfix.next_edit.expression_candidates import EXPRESSION
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.rewrite_candidates import ORPHAN, RENAME_DEFINITION, RENAME_IN_SCOPE
from interfix.next_edit.template_candidates import INSERT_AGAIN
from interfix.syntax.document import Snapshot

MAX_LINES = 12
"""Neighbouring lines that one edit changes at most."""
MAX_EDITS = 6
"""Edits that are weighed as a whole, the most certain."""
MIN_CERTAINTY = 0.05
"""Candidates below are not looked at any more."""
_OWN_TABLES = frozenset([RENAME_IN_SCOPE, RENAME_DEFINITION, ORPHAN, INSERT_AGAIN, EXPRESSION])
"""Kinds of which whole edits, too, are judged by tables of their own."""
EDIT_KIND = "edit_"
"""What the tables of weights for whole edits begin with; the finder's name follows."""


class Weighed(msgspec.Struct, frozen=True):
    """A candidate and how likely it is right by itself."""

    candidate: Candidate
    certainty: float

    @property
    def score(self) -> float:
        """The same as log odds."""
        return math.log(self.certainty / (1 - self.certainty))


class RankedEdit(msgspec.Struct, frozen=True):
    """An edit of neighbouring lines, as it may be offered."""

    parts: tuple[Weighed, ...]
    """The most certain first."""
    replacement: Replacement
    """All that it changes."""
    evidence: dict[str, float]
    """What is known of the whole, by name."""
    certainty: float
    """The probability that it is right, 0 to 1."""


def rank_edits(snapshot: Snapshot, candidates: Sequence[Candidate], model: CertaintyModel, offset: int) -> list[RankedEdit]:
    """The edits that candidates come to, in the order in which they are offered.

    First what goes on with a change that the user has begun to take, then the most certain. What is equal in that comes in turn:
    from the cursor down, then from the top.
    """
    near = snapshot.lines.find_line(offset)

    def order(each: Weighed) -> tuple[bool, float, bool, int]:
        goes_on = each.candidate.goes_on and each.certainty >= model.threshold
        return not goes_on, 0 if goes_on else -each.certainty, each.candidate.line < near, each.candidate.line

    weighed = [Weighed(each, min(0.999, model.estimate(each.kind, each.evidence))) for each in candidates]
    weighed = _drop_repeated(snapshot, [each for each in weighed if each.certainty >= MIN_CERTAINTY])
    weighed = sorted(_drop_parts(weighed), key=order)
    ranked_edits: list[RankedEdit] = []
    taken: set[int] = set()
    for number, first in enumerate(weighed):
        if len(ranked_edits) == MAX_EDITS:
            break
        if number in taken:
            continue
        parts = _join(first, [each for each in weighed if each.certainty >= model.joint_threshold])
        taken |= {at for at, each in enumerate(weighed) if each in parts}
        ordered = sorted((each for part in parts for each in part.candidate.replacements), key=lambda each: each.start)
        replacement = join_replacements(snapshot.data, ordered)
        evidence = _weigh_edit(parts, weighed)
        ranked_edits.append(
            RankedEdit(tuple(parts), replacement, evidence, model.estimate(EDIT_KIND + _find_table(parts), evidence))
        )
    return sorted(ranked_edits, key=lambda each: order(msgspec.structs.replace(each.parts[0], certainty=each.certainty)))


def _find_table(parts: Sequence[Weighed]) -> str:
    """By which weights an edit is judged: its finder's, or those of a kind that has its own for whole edits."""
    kinds = {each.candidate.kind for each in parts}
    return kinds.pop() if len(kinds) == 1 and kinds <= _OWN_TABLES else parts[0].candidate.finder


def _drop_repeated(snapshot: Snapshot, weighed: Sequence[Weighed]) -> list[Weighed]:
    """One of those that each time a change was made leads to, the most certain; and none that the tree vouches for already."""
    best: dict[tuple[str, tuple[Replacement, ...]], Weighed] = {}
    for each in sorted(weighed, key=lambda each: -each.certainty):
        best.setdefault((each.candidate.kind, each.candidate.replacements), each)
    proved = {each.candidate.replacements for each in best.values() if each.candidate.kind == RENAME_IN_SCOPE}

    def repeats(each: Weighed) -> bool:
        return each.candidate.kind != RENAME_IN_SCOPE and (
            (join_replacements(snapshot.data, each.candidate.replacements),) in proved
        )

    return [each for each in best.values() if not (proved and repeats(each))]


def _drop_parts(weighed: Sequence[Weighed]) -> list[Weighed]:
    """Without changes that are only a part of what the same edit made of a line, where the whole of it fits as well.

    The whole is then as certain as the most certain of its parts.
    """
    certainty = {id(each.candidate): each.certainty for each in weighed}
    dropped: set[int] = set()
    for part in weighed:
        wholes = [each for each in weighed if _contains(each.candidate, part.candidate)]
        if wholes:
            whole = max(wholes, key=lambda each: len(each.candidate.replacements))
            dropped.add(id(part.candidate))
            certainty[id(whole.candidate)] = max(certainty[id(whole.candidate)], part.certainty)
    return [Weighed(each.candidate, certainty[id(each.candidate)]) for each in weighed if id(each.candidate) not in dropped]


def _contains(whole: Candidate, part: Candidate) -> bool:
    if whole.line != part.line or len(whole.replacements) <= len(part.replacements):
        return False
    return all(each in whole.replacements for each in part.replacements)


def _join(first: Weighed, weighed: Sequence[Weighed]) -> list[Weighed]:
    """A candidate and all that is certain in its lines, and in the lines right above and below."""
    parts = [first]
    low, high = first.candidate.line, first.candidate.end_line
    rest = [each for each in weighed if each is not first]
    grown = True
    while grown and high - low < MAX_LINES:
        grown = False
        for each in list(rest):
            if each.candidate.line <= high and low <= each.candidate.end_line:
                rest.remove(each)
                if not any(_collide(each.candidate, part.candidate) for part in parts):
                    parts.append(each)
                    low, high, grown = min(low, each.candidate.line), max(high, each.candidate.end_line), True
    return parts


def _weigh_edit(parts: Sequence[Weighed], weighed: Sequence[Weighed]) -> dict[str, float]:
    first = parts[0]
    texts = {(each.start, each.end): each.text for part in parts for each in part.candidate.replacements}
    low, high = min(each.candidate.line for each in parts), max(each.candidate.end_line for each in parts)
    others = [each for each in weighed if each not in parts]
    inside = [each for each in others if low <= each.candidate.line < max(high, low + 1)]
    agreeing = [each for each in inside if _agrees(each.candidate, first.candidate)]
    rivals = [each.score for each in inside if each not in agreeing]
    # While the user goes through a change, its other places speak against none of them: only the order is open.
    outside = [each for each in others if each not in inside and not (first.candidate.goes_on and each.candidate.goes_on)]
    kind = first.candidate.kind
    return {
        "score": first.score,
        "least": min(each.score for each in parts),
        "joined": math.log2(len(parts)),
        "agreeing": float(bool(agreeing)),
        "agreeing_score": max((each.score for each in agreeing), default=-4.0),
        "rival": max(rivals, default=-4.0),
        "elsewhere": max((each.score for each in outside), default=-4.0),
        "elsewhere_count": math.log2(1 + len({each.candidate.line for each in outside if each.certainty > 0.3})),
        "changes": math.log2(len(texts)),
        "height": math.log2(1 + high - low),
        **{name: first.candidate.evidence.get(name, 0.0) for name in ("recent", "dangling", "defines", "foreign", "same_line")},
        "support": first.candidate.evidence.get("support", 0.0) + first.candidate.evidence.get("explained", 0.0),
        "whole": first.candidate.evidence.get("whole", 1.0),
        "near": 1 - min(1.0, first.candidate.evidence.get("distance", 0.0) / 2),
        f"kind_{kind}": 1.0,
    }


def _agrees(one: Candidate, other: Candidate) -> bool:
    """Whether one candidate, which takes the whole line, contains what the other makes of a part of it, or the other way round."""
    if one.kind == other.kind:
        return False
    wide, narrow = (one, other) if one.kind in ("block", "same_block", "insert_lines") else (other, one)
    return wide.line <= narrow.line < max(wide.end_line, wide.line + 1) and all(
        each.text.strip() in wide.replacements[0].text for each in narrow.replacements
    )


def join_replacements(data: bytes, replacements: Sequence[Replacement]) -> Replacement:
    """Several replacements of a text, in order, as one; without what is the same at either end."""
    start, end = replacements[0].start, replacements[-1].end
    text, at = b"", start
    for each in replacements:
        text += data[at : each.start] + each.text
        at = each.end
    return trim_replacement(data, Replacement(start, end, text))


def trim_replacement(data: bytes, replacement: Replacement) -> Replacement:
    """The same replacement without the tokens at either end that stay."""
    texts = data[replacement.start : replacement.end], replacement.text
    old, new = (split_tokens(text.decode("utf-8", "surrogatepass")) for text in texts)
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    tail = next((at for at in range(most - head) if old[-1 - at] != new[-1 - at]), most - head)
    parts = old[:head], old[len(old) - tail :], new[head : len(new) - tail]
    before, behind, text = ("".join(tokens).encode("utf-8", "surrogatepass") for tokens in parts)
    return Replacement(replacement.start + len(before), replacement.end - len(behind), text)


def _collide(one: Candidate, other: Candidate) -> bool:
    """Whether two candidates change the same text, or insert lines at one place: what stood above the lines and what stood below
    them both lead there, and would put them in twice.
    """
    if one.line == one.end_line == other.line == other.end_line:
        return True
    return any(_overlap(each, another) for each in one.replacements for another in other.replacements)


def _overlap(one: Replacement, other: Replacement) -> bool:
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end
