"""What a file offers to somebody who uses certain names: their definitions, without or with bodies. Knows no cursor."""

import re
from collections.abc import Mapping, Sequence

from interfix.context.digest import DIGEST_CHARACTERS, digest
from interfix.context.pieces import definitions
from interfix.context.place import Chunk, ended
from interfix.context.receivers import AT_CURSOR, INHERITED
from interfix.context.skeleton import lines_of
from interfix.syntax.indentation import indent, text_of
from interfix.syntax.scopes import Scope, scopes_in
from interfix.syntax.snapshot import Snapshot

MOST_DEFINITIONS = 6
"""Definitions of one file that are shown together."""
MOST_CHARACTERS = 1000
"""Of their signatures, together."""
AT_CURSOR_CHARACTERS = 1000
"""Of those of the type of the object right before the cursor."""
MOST_LINES = 40
"""A longer definition is shown by its signatures only."""
LEAST_SHARE = 0.3
"""A definition whose name has less than this of the weight of the file's heaviest takes room that others need."""
_FURTHER = 0.1
"""What the other definitions of a file count beside its heaviest."""
_MEMBER = 0.8
"""A member that is named counts nearly as much as the definition that holds it would."""
_ASSIGNED = re.compile(rb"(?:(?:export|pub|static|const|let|var|val|type|final|#define|typedef)\s+)*(\w+)\s*[:=(<]")


def named(path: str, snapshot: Snapshot, weights: Mapping[str, float]) -> Chunk | None:
    """The definitions with a name in `weights`, the heaviest, in the file's order; None where it has none of them."""
    scopes = scopes_in(snapshot, 0, len(snapshot.data))
    pieces = definitions(snapshot, 0, len(snapshot.lines), -1, scopes)
    scored = [(weight, piece) for piece in pieces if (weight := _weight(snapshot, piece, scopes, weights))]
    taken = {line for piece in pieces for line in piece}
    scored += [(weights[name], lines) for name, lines in _plain(snapshot, taken) if name in weights]
    scored.sort(key=lambda item: (-item[0], item[1].start))
    best = _fitting(snapshot, scopes, scored, weights)
    if not best:
        return None
    lines = sorted(best, key=lambda each: each.start)
    texts = [lines_of(snapshot, each.start, each.stop) if len(each) <= MOST_LINES else best[each] for each in lines]
    whole, short = _together(texts), _together([best[each] for each in lines])
    heaviest = scored[0][0]
    score = heaviest + _FURTHER * sum(weight for weight, each in scored if each in best)
    return Chunk(
        path,
        lines[0].start,
        whole,
        score,
        brief=short if short != whole else "",
        shows=frozenset(lines_of(snapshot, each.start, each.stop) for each in lines),
        sure=heaviest >= INHERITED,
    )


def _fitting(
    snapshot: Snapshot, scopes: Sequence[Scope], scored: Sequence[tuple[float, range]], weights: Mapping[str, float]
) -> dict[range, str]:
    """The digests of the heaviest definitions that are worth their room, the first in any case."""
    found: dict[range, str] = {}
    room = MOST_CHARACTERS
    for weight, lines in scored[:MOST_DEFINITIONS]:
        if weight < LEAST_SHARE * scored[0][0]:
            break
        text = digest(snapshot, lines, scopes, weights, AT_CURSOR_CHARACTERS if weight >= AT_CURSOR else DIGEST_CHARACTERS)
        if not found or len(text) <= room:
            found[lines] = text
            room -= len(text)
    return found


def _weight(snapshot: Snapshot, piece: range, scopes: Sequence[Scope], weights: Mapping[str, float]) -> float:
    inside = [scope for scope in scopes if snapshot.lines.at(scope.header) in piece]
    top = min((scope.start for scope in inside), default=0)
    return max((weights.get(scope.name, 0.0) * (1 if scope.start == top else _MEMBER) for scope in inside), default=0.0)


def _plain(snapshot: Snapshot, taken: set[int]) -> list[tuple[str, range]]:
    """Names that are given at the top level without a scope of their own, such as constants, with the lines they take."""
    found: list[tuple[str, range]] = []
    for line in range(len(snapshot.lines)):
        if line in taken or indent(snapshot, line) != 0 or not (match := _ASSIGNED.match(text_of(snapshot, line))):
            continue
        end = line + 1
        while end < len(snapshot.lines) and end - line < MOST_LINES // 4 and end not in taken and indent(snapshot, end):
            end += 1
        if end < len(snapshot.lines) and end not in taken and text_of(snapshot, end)[:1] in (b")", b"}", b"]"):
            end += 1
        found.append((match[1].decode("utf-8", "replace"), range(line, end)))
    return found


def _together(texts: Sequence[str]) -> str:
    return "\n".join(ended(text.strip("\n")) for text in texts if text.strip())
