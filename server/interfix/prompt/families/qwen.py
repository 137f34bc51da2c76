"""Qwen2.5-Coder and Qwen3-Coder: prefix, suffix, middle, after the other files of the repository where there are any.

Source: the Qwen2.5-Coder technical report, section on file-level and repository-level pretraining.
"""

from collections.abc import Sequence

from interfix.prompt.families.psm import PrefixSuffixMiddle
from interfix.prompt.tokenizer import Tokenizer
from interfix.values import Segment, SegmentKind


class QwenCoder:
    """`<|repo_name|>r⏎<|file_sep|>path⏎code…<|file_sep|>path⏎<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>`; bare without files."""

    name = "qwen-coder"

    def __init__(self) -> None:
        self._bare = PrefixSuffixMiddle()

    def overhead(self, segments: Sequence[Segment], tokenizer: Tokenizer) -> int:
        bare = self._bare.overhead(segments, tokenizer)
        if not any(segment.kind is SegmentKind.FILE for segment in segments):
            return bare
        return bare + len(self._header(segments, tokenizer)) + len(self._own_path(segments, tokenizer))

    def segment_overhead(self, segment: Segment, tokenizer: Tokenizer) -> int:
        return 1 + len(tokenizer.encode(segment.path + "\n")) if segment.kind is SegmentKind.FILE else 0

    def arrange(self, shown: Sequence[tuple[Segment, list[int]]], tokenizer: Tokenizer) -> list[int]:
        bare = self._bare.arrange(shown, tokenizer)
        files = [(segment, tokens) for segment, tokens in shown if segment.kind is SegmentKind.FILE]
        if not files:
            return bare
        segments = [segment for segment, _ in shown]
        prompt = self._header(segments, tokenizer)
        for segment, tokens in files:
            prompt += [tokenizer.fim.file, *tokenizer.encode(segment.path + "\n"), *tokens]
        return [*prompt, *self._own_path(segments, tokenizer), *bare]

    def suffix(self, prompt: Sequence[int], tokenizer: Tokenizer) -> tuple[int, int]:
        return self._bare.suffix(prompt, tokenizer)

    @staticmethod
    def _header(segments: Sequence[Segment], tokenizer: Tokenizer) -> list[int]:
        name = next((segment.text for segment in segments if segment.kind is SegmentKind.REPOSITORY), "")
        return [tokenizer.fim.repository, *tokenizer.encode(name + "\n")] if name else []

    @staticmethod
    def _own_path(segments: Sequence[Segment], tokenizer: Tokenizer) -> list[int]:
        path = next((segment.path for segment in segments if segment.kind is SegmentKind.PREFIX and segment.path), "")
        return [tokenizer.fim.file, *tokenizer.encode(path + "\n")] if path else []
