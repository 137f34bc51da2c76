"""The segments of the chunks of other files, and their place in a prompt."""

from collections.abc import Sequence

from interfix.context import prompt_segment_ranks
from interfix.context.context_source import Chunk
from interfix.context.stable_chunk_selection import SelectedChunk, sort_by_score
from interfix.inference_types import Segment, SegmentKind
from interfix.masking import mask

TOP_FILES = 4
"""So many other files come before this file's own code away from the cursor."""


def build_file_segments(chunks: Sequence[SelectedChunk]) -> tuple[Segment, ...]:
    """The chosen chunks, ranked by their worth."""
    worth = {each.chunk.path: i for i, each in enumerate(sort_by_score(chunks))}
    return tuple(_file_segment(each, worth[each.chunk.path]) for each in chunks)


def build_line_segments(chunks: Sequence[Chunk]) -> tuple[Segment, ...]:
    """Chunks of lines that are like the cursor's, the most alike nearest to it."""
    return tuple(
        Segment(
            SegmentKind.FILE,
            mask(chunk.text),
            prompt_segment_ranks.SIMILAR_LINES,
            path=mask(chunk.prompt_path),
            line=chunk.line,
            source="lines",
            is_worth_no_wait=True,
        )
        for chunk in sorted(chunks, key=lambda chunk: chunk.score)
    )


def insert_files(own: tuple[Segment, ...], files: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The window with other files before it, behind the repository's name."""
    return (*own[:1], *files, *own[1:]) if own[0].kind is SegmentKind.REPOSITORY else (*files, *own)


def _file_segment(each: SelectedChunk, position: int) -> Segment:
    chunk = each.chunk
    first = (
        prompt_segment_ranks.REMAINING_FILES
        if position >= TOP_FILES
        else prompt_segment_ranks.RECEIVER_FILES
        if chunk.defines_receiver
        else prompt_segment_ranks.NAMED_FILES
        if chunk.is_named
        else prompt_segment_ranks.FILES
    ) + position
    rank, brief_rank = (prompt_segment_ranks.FILE_BODIES + position, first) if chunk.brief and position < TOP_FILES else (first, 0)
    brief = mask(chunk.brief if brief_rank else "")
    return Segment(SegmentKind.FILE, mask(chunk.text), rank, brief, brief_rank, mask(chunk.prompt_path), chunk.line, each.source)
