"""The fill-in-the-middle families, one file each. A family is chosen by what the vocabulary holds, never by a file's name."""

from collections.abc import Sequence
from typing import Protocol

from interfix.prompt.families.psm import PrefixSuffixMiddle
from interfix.prompt.families.qwen import QwenCoder
from interfix.prompt.tokenizer import Tokenizer
from interfix.values import Segment


class Family(Protocol):
    """How one family of models was trained to see a hole."""

    name: str
    """Name of the family, for people."""

    def overhead(self, segments: Sequence[Segment], tokenizer: Tokenizer) -> int:
        """Tokens of the markers around the prefix and the suffix."""
        ...

    def segment_overhead(self, segment: Segment, tokenizer: Tokenizer) -> int:
        """Tokens that one more repository or file segment costs beyond its text."""
        ...

    def arrange(self, shown: Sequence[tuple[Segment, list[int]]], tokenizer: Tokenizer) -> list[int]:
        """The prompt, from the segments that are shown and their tokens."""
        ...

    def suffix(self, prompt: Sequence[int], tokenizer: Tokenizer) -> tuple[int, int]:
        """Where an arranged prompt's suffix begins, its marker included, and ends; the same twice where it precedes the prefix."""
        ...


def family_of(tokenizer: Tokenizer) -> Family | None:
    """The family whose markers this vocabulary holds, or None where the model cannot infill."""
    fim = tokenizer.fim
    if not fim.complete():
        return None
    if fim.repository >= 0 and fim.file >= 0:
        return QwenCoder()
    return PrefixSuffixMiddle()
