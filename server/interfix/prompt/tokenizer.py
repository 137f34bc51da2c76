"""The tokeniser protocol: all that a prompt layout needs of a model."""

from typing import Protocol

import msgspec


class FimTokens(msgspec.Struct, frozen=True):
    """Token ids of the fill-in-the-middle markers a vocabulary has; -1 where it has none."""

    prefix: int = -1
    """Before the text left of the hole."""
    suffix: int = -1
    """Before the text right of the hole."""
    middle: int = -1
    """Before the hole's text, which the model writes."""
    repository: int = -1
    """Before a repository's name."""
    file: int = -1
    """Before a file's path."""
    pad: int = -1
    """Filler; a model that writes it has nothing to say."""

    def is_complete(self) -> bool:
        """Whether prefix, suffix and middle are all there."""
        return min(self.prefix, self.suffix, self.middle) >= 0

    def collect_ids(self) -> frozenset[int]:
        """Every marker the vocabulary has: a model that writes one has left the hole."""
        return frozenset(
            marker for marker in (self.prefix, self.suffix, self.middle, self.repository, self.file, self.pad) if marker >= 0
        )


class Tokenizer(Protocol):
    """Text to tokens and back, as the model's own vocabulary has it."""

    @property
    def fim(self) -> FimTokens:
        """The fill-in-the-middle markers."""
        ...

    @property
    def bos(self) -> int:
        """The token every prompt begins with, -1 where the model wants none."""
        ...

    @property
    def bos_text(self) -> str:
        """How the token that begins a text is spelled, whether or not every prompt begins with it; empty where there is none."""
        ...

    @property
    def eos_text(self) -> str:
        """How the token that ends a text is spelled; empty where there is none."""
        ...

    def find_token(self, text: str) -> int:
        """The token that is spelled exactly so, -1 where the vocabulary has none."""
        ...

    def encode(self, text: str) -> list[int]:
        """Tokens of somebody's text, wherever it stands: nothing in it becomes a control token, no space is put before it."""
        ...

    def encode_markup(self, text: str, *, first: bool = False) -> list[int]:
        """Tokens of a template's own text, in which control tokens are spelled out.

        `first` is the beginning of a prompt, which some vocabularies want a space before.
        """
        ...

    def token_to_piece(self, token: int) -> bytes:
        """The UTF-8 bytes of one token; may begin or end inside a character."""
        ...
