"""Finds the definitions of given names in a file, without or with bodies."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from interfix.context.context_source import Chunk, ensure_line_end
from interfix.context.display_paths import name_as_source
from interfix.context.index import WorkspaceIndex
from interfix.context.skeletons import (
    SUMMARY_CHARACTERS,
    CodeScopes,
    find_code_scopes,
    find_definition_ranges,
    summarize_definition,
)
from interfix.context.type_inference import ANCESTOR_WEIGHT, RECEIVER_WEIGHT
from interfix.syntax.indent_structure import get_line_text, measure_line_indent
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import extract_lines

MAX_DEFINITIONS = 6
"""Definitions of one file that are shown together."""
MAX_CHARACTERS = 1000
"""Of their signatures, together."""
RECEIVER_CHARACTERS = 1000
"""Of those of the type of the object right before the cursor."""
MAX_LINES = 40
"""A longer definition is shown by its signatures only."""
MAX_CACHED_FILES = 64
"""Files of which is remembered what they define: as many as a workspace keeps parsed."""
NAMED_WEIGHT = 0.9
"""What a name weighs that stands on the cursor's line or on the one above."""
MIN_SHARE = 0.3
"""A definition whose name has less than this of the weight of the file's heaviest takes room that others need."""
_FURTHER_WEIGHT = 0.1
"""What the other definitions of a file count beside its heaviest."""
_MEMBER_WEIGHT = 0.8
"""A member that is named counts nearly as much as the definition that holds it would."""
_TOP_LEVEL_NAME = re.compile(rb"(?:(?:export|pub|static|const|let|var|val|type|final|#define|typedef)\s+)*(\w+)\s*[:=(<]")


class _FileDefinitions(msgspec.Struct, frozen=True):
    """What a file defines."""

    code: CodeScopes
    """Its text with all its scopes."""
    names: tuple[tuple[str, float, range], ...]
    """Each name, what it counts for the definition it stands in, and that definition's lines."""


def look_up_definitions(path: str, snapshot: Snapshot, weights: Mapping[str, float], index: WorkspaceIndex | None) -> Chunk | None:
    """The definitions with a name in `weights`, the heaviest, in the file's order; None where it has none of them.

    Nothing is parsed where the index has read the file as it is.
    """
    offer = _file_definitions(path, snapshot, index)
    heaviest: dict[range, float] = {}
    for name, counts, lines in offer.names:
        if name in weights:
            heaviest[lines] = max(heaviest.get(lines, 0.0), weights[name] * counts)
    scored = sorted(((weight, lines) for lines, weight in heaviest.items()), key=lambda item: (-item[0], item[1].start))
    best = _fit_summaries(offer.code, scored, weights)
    if not best:
        return None
    in_order = sorted(best, key=lambda lines: lines.start)
    texts = {lines: extract_lines(snapshot, lines.start, lines.stop) for lines in in_order}
    whole = _join_texts([texts[lines] if len(lines) <= MAX_LINES else best[lines] for lines in in_order])
    short = _join_texts([best[lines] for lines in in_order])
    return Chunk(
        path,
        name_as_source(path, snapshot),
        in_order[0].start,
        whole,
        scored[0][0] + _FURTHER_WEIGHT * sum(weight for weight, lines in scored if lines in best),
        brief=short if short != whole else "",
        definitions=frozenset(texts.values()),
        defines_receiver=scored[0][0] >= ANCESTOR_WEIGHT,
        is_named=scored[0][0] >= NAMED_WEIGHT,
    )


@lru_cache(maxsize=MAX_CACHED_FILES)
def _file_definitions(path: str, snapshot: Snapshot, index: WorkspaceIndex | None) -> _FileDefinitions:
    """What a file defines; asked for by several sources at every line."""
    structure = index.read_structure(path, snapshot.data) if index is not None else None
    code = find_code_scopes(snapshot) if structure is None else CodeScopes(snapshot, structure.scopes, structure)
    scopes = code.scopes
    pieces = find_definition_ranges(code, range(len(snapshot.lines)), -1)
    headers = [snapshot.lines.find_line(scope.header_start) for scope in scopes]
    names: list[tuple[str, float, range]] = []
    for piece in pieces:
        inside = [scope for scope, line in zip(scopes, headers, strict=True) if line in piece]
        top = min((scope.start for scope in inside), default=0)
        names += [(scope.name, 1.0 if scope.start == top else _MEMBER_WEIGHT, piece) for scope in inside]
    taken = {line for piece in pieces for line in piece}
    return _FileDefinitions(code, (*names, *((name, 1.0, lines) for name, lines in _top_level_names(snapshot, taken))))


def _fit_summaries(code: CodeScopes, scored: Sequence[tuple[float, range]], weights: Mapping[str, float]) -> dict[range, str]:
    """The digests of the heaviest definitions that are worth their room, the first in any case."""
    summaries: dict[range, str] = {}
    room = MAX_CHARACTERS
    for weight, lines in scored[:MAX_DEFINITIONS]:
        if weight < MIN_SHARE * scored[0][0]:
            break
        text = summarize_definition(code, lines, weights, RECEIVER_CHARACTERS if weight >= RECEIVER_WEIGHT else SUMMARY_CHARACTERS)
        if not summaries or len(text) <= room:
            summaries[lines] = text
            room -= len(text)
    return summaries


def _top_level_names(snapshot: Snapshot, taken: set[int]) -> list[tuple[str, range]]:
    """Names that are given at the top level without a scope of their own, such as constants, with the lines they take."""
    names: list[tuple[str, range]] = []
    for line in range(len(snapshot.lines)):
        if (
            line in taken
            or measure_line_indent(snapshot, line) != 0
            or not (match := _TOP_LEVEL_NAME.match(get_line_text(snapshot, line)))
        ):
            continue
        end = line + 1
        while end < len(snapshot.lines) and end - line < MAX_LINES // 4 and end not in taken and measure_line_indent(snapshot, end):
            end += 1
        if end < len(snapshot.lines) and end not in taken and get_line_text(snapshot, end)[:1] in (b")", b"}", b"]"):
            end += 1
        names.append((match[1].decode("utf-8", "replace"), range(line, end)))
    return names


def _join_texts(texts: Sequence[str]) -> str:
    return "\n".join(ensure_line_end(text.strip("\n")) for text in texts if text.strip())
