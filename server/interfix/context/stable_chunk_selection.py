"""Which chunks of other files are worth their tokens, and in which order they stand.

What is in the prompt stays, where it stands, until it is clearly worse: each change before the cursor's file makes the engine
decode all that comes after it again.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from interfix.context.context_source import Chunk
from interfix.context.similarity import measure_repetition

MAX_CHUNKS = 8
"""Chunks that are kept, one a file."""
RANK_FUSION_CONSTANT = 10.0
"""The constant of reciprocal rank fusion: the first of a source counts so much more than its tenth."""
RECEIVER_BONUS = 1.0
"""What is sure comes before what many sources agree on."""
MAX_REPETITION = 0.5
"""A chunk with a larger share of its lines at the cursor makes the model repeat them (llama.vim's figure)."""
STAY_FACTOR = 1.5
"""So many times better a chunk must be to take the place of one in the prompt."""
FADE_FACTOR = 0.7
"""What is in the prompt and no source offers any more loses so much of its score each time."""


class SelectedChunk(msgspec.Struct, frozen=True):
    """A chunk in the prompt."""

    chunk: Chunk
    """What is shown."""
    source: str
    """The source that thought most of it."""
    score: float
    """Its score over all sources; comparable with others of one choice."""


class OmittedChunk(msgspec.Struct, frozen=True):
    """A chunk that was found and not chosen, or a file that may not be shown."""

    source: str
    """Who found it."""
    path: str
    """Its file."""
    why: str
    """The rule that kept it out, in words that follow the path."""


def select_chunks(
    chunks_by_source: Mapping[str, Sequence[Chunk]], cursor_text: str, previous: Sequence[SelectedChunk] = ()
) -> tuple[tuple[SelectedChunk, ...], tuple[OmittedChunk, ...]]:
    """What to show of what the sources found, in prompt order, and what was left out. `previous` is what the last prompt had."""
    left: list[OmittedChunk] = []
    fused: dict[str, SelectedChunk] = {}
    for source, chunks in chunks_by_source.items():
        ranked = sorted(chunks, key=lambda chunk: -chunk.score)
        for rank, chunk in enumerate(ranked):
            if measure_repetition(chunk.text, cursor_text) > MAX_REPETITION:
                left.append(OmittedChunk(source, chunk.path, "repeats the code at the cursor"))
                continue
            score, fused_before = RECEIVER_BONUS * chunk.defines_receiver + 1 / (RANK_FUSION_CONSTANT + rank), fused.get(chunk.path)
            if fused_before is None:
                fused[chunk.path] = SelectedChunk(chunk, source, score)
            else:
                fused[chunk.path] = SelectedChunk(fused_before.chunk, fused_before.source, fused_before.score + score)
    for each in previous:
        now = fused.get(each.chunk.path)
        if now is None:
            fused[each.chunk.path] = SelectedChunk(each.chunk, each.source, each.score * FADE_FACTOR)
        elif _covers(each.chunk, now.chunk):
            fused[each.chunk.path] = SelectedChunk(each.chunk, each.source, now.score)
    places = {each.chunk.path: i for i, each in enumerate(previous)}
    by_worth = sorted(fused.values(), key=lambda each: -each.score * (STAY_FACTOR if each.chunk.path in places else 1))
    left += [OmittedChunk(each.source, each.chunk.path, "others are worth more") for each in by_worth[MAX_CHUNKS:]]
    shown = by_worth[:MAX_CHUNKS]
    return tuple(sorted(shown, key=lambda each: places.get(each.chunk.path, len(places)))), tuple(left)


def sort_by_score(chunks: Iterable[SelectedChunk]) -> list[SelectedChunk]:
    """The best first."""
    return sorted(chunks, key=lambda each: -each.score)


def _covers(one: Chunk, other: Chunk) -> bool:
    """Whether one chunk shows what another does: its definitions, if perhaps other members of them, or else all its lines.

    What is sure has to be shown with the very members that were chosen for it, and as needed as it is.
    """
    if other.defines_receiver:
        return one.defines_receiver and _lines(other.brief or other.text) <= _lines(one.brief or one.text)
    return other.definitions <= one.definitions if other.definitions else _lines(other.text) <= _lines(one.text)


def _lines(text: str) -> set[str]:
    return set(text.splitlines())
