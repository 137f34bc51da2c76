"""What a file offers to somebody who uses certain names: their definitions, without or with bodies. Knows no cursor."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

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
KEPT_OFFERS = 64
"""Files of which is remembered what they define: as many as a workspace keeps parsed."""
LEAST_SHARE = 0.3
"""A definition whose name has less than this of the weight of the file's heaviest takes room that others need."""
_FURTHER = 0.1
"""What the other definitions of a file count beside its heaviest."""
_MEMBER = 0.8
"""A member that is named counts nearly as much as the definition that holds it would."""
_ASSIGNED = re.compile(rb"(?:(?:export|pub|static|const|let|var|val|type|final|#define|typedef)\s+)*(\w+)\s*[:=(<]")


class _Offer(msgspec.Struct, frozen=True):
    """What a file defines."""

    scopes: tuple[Scope, ...]
    """All its scopes."""
    names: tuple[tuple[str, float, range], ...]
    """Each name, what it counts for the definition it stands in, and that definition's lines."""


def named(path: str, snapshot: Snapshot, weights: Mapping[str, float]) -> Chunk | None:
    """The definitions with a name in `weights`, the heaviest, in the file's order; None where it has none of them."""
    offer = _offer(snapshot)
    heaviest: dict[range, float] = {}
    for name, counts, lines in offer.names:
        if name in weights:
            heaviest[lines] = max(heaviest.get(lines, 0.0), weights[name] * counts)
    scored = sorted(((weight, lines) for lines, weight in heaviest.items()), key=lambda item: (-item[0], item[1].start))
    best = _fitting(snapshot, offer.scopes, scored, weights)
    if not best:
        return None
    shown = sorted(best, key=lambda lines: lines.start)
    texts = {lines: lines_of(snapshot, lines.start, lines.stop) for lines in shown}
    whole = _together([texts[lines] if len(lines) <= MOST_LINES else best[lines] for lines in shown])
    short = _together([best[lines] for lines in shown])
    return Chunk(
        path,
        shown[0].start,
        whole,
        scored[0][0] + _FURTHER * sum(weight for weight, lines in scored if lines in best),
        brief=short if short != whole else "",
        shows=frozenset(texts.values()),
        sure=scored[0][0] >= INHERITED,
    )


@lru_cache(maxsize=KEPT_OFFERS)
def _offer(snapshot: Snapshot) -> _Offer:
    """What a file defines; asked for by several sources at every line."""
    scopes = scopes_in(snapshot, 0, len(snapshot.data))
    pieces = definitions(snapshot, 0, len(snapshot.lines), -1, scopes)
    headers = [snapshot.lines.at(scope.header) for scope in scopes]
    names: list[tuple[str, float, range]] = []
    for piece in pieces:
        inside = [scope for scope, line in zip(scopes, headers, strict=True) if line in piece]
        top = min((scope.start for scope in inside), default=0)
        names += [(scope.name, 1.0 if scope.start == top else _MEMBER, piece) for scope in inside]
    taken = {line for piece in pieces for line in piece}
    return _Offer(scopes, (*names, *((name, 1.0, lines) for name, lines in _plain(snapshot, taken))))


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
