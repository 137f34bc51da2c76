"""Prefix, suffix, middle: the plain layout, for any vocabulary with the three markers. Shows no other files."""

from collections.abc import Sequence

from interfix.prompt.tokenizer import Tokenizer
from interfix.values import Segment, SegmentKind


class PrefixSuffixMiddle:
    """`<prefix>P<suffix>S<middle>`, after the token that the model wants at the start of every prompt."""

    name = "prefix-suffix-middle"

    def overhead(self, segments: Sequence[Segment], tokenizer: Tokenizer) -> int:  # noqa: ARG002
        return 3 + (tokenizer.bos >= 0)

    def segment_overhead(self, segment: Segment, tokenizer: Tokenizer) -> int:  # noqa: ARG002
        return 0

    def arrange(self, shown: Sequence[tuple[Segment, list[int]]], tokenizer: Tokenizer) -> list[int]:
        fim = tokenizer.fim
        prompt = [tokenizer.bos] if tokenizer.bos >= 0 else []
        prompt += [fim.prefix, *joined(shown, SegmentKind.PREFIX)]
        prompt += [fim.suffix, *joined(shown, SegmentKind.SUFFIX)]
        return [*prompt, fim.middle]

    def suffix(self, prompt: Sequence[int], tokenizer: Tokenizer) -> tuple[int, int]:
        return prompt.index(tokenizer.fim.suffix), len(prompt) - 1


def joined(shown: Sequence[tuple[Segment, list[int]]], kind: SegmentKind) -> list[int]:
    """The tokens of every shown segment of one kind, in order."""
    return [token for segment, tokens in shown if segment.kind is kind for token in tokens]
