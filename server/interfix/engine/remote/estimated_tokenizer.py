"""A tokeniser for models whose vocabulary cannot be asked: cuts text as vocabularies of code do, and learns how far it is off.

Its tokens are numbers of its own; a prompt laid out with it is sent as text."""

import re
from collections import deque
from collections.abc import Iterable
from functools import lru_cache

from interfix.engine.remote.control_token_text import spell_control
from interfix.prompt.tokenizer import FimTokens

INITIAL_RATIO = 1.15
"""Real tokens for each of these before anything is known: more than the example of any language in `grammars/` takes of any of six
vocabularies (`tests/unit/engine/remote/test_estimated_tokenizer.py`)."""
RATIO_MARGIN = 1.03
"""More than the most that was seen lately."""
RATIO_WINDOW = 32
"""Prompts whose ratio is remembered."""
MIN_RATIO = 0.5

_PIECES = re.compile(
    r"[^\x00-\x7f]|[^\S\n]*\n\s*| ?[A-Z]?[a-z]{1,7}| ?[A-Z]{1,3}|\d| ?_|[^\S\n]+(?=\S)| ?[^\w\s]{1,2}|\s+|.", re.ASCII | re.DOTALL
)


class EstimatedTokenizer:
    """The `Tokenizer` of a family, by rule of thumb."""

    bos = -1
    bos_text = ""
    eos_text = ""
    fim = FimTokens()

    def __init__(self, controls: Iterable[str] = ()) -> None:
        """`controls` are the control tokens that the model is known to have."""
        self._id_by_piece: dict[bytes, int] = {}
        self._pieces: list[bytes] = []
        self._controls = {text: self._add_piece(spell_control(text).encode()) for text in controls}
        self._ratios: deque[float] = deque(maxlen=RATIO_WINDOW)
        self._encode_cached = lru_cache(512)(self._encode)

    def find_token(self, text: str) -> int:
        return self._controls.get(text, -1)

    def encode(self, text: str) -> list[int]:
        return list(self._encode_cached(text))

    def encode_markup(self, text: str, *, first: bool = False) -> list[int]:  # noqa: ARG002 (a server's own template is used)
        return self.encode(text)

    def token_to_piece(self, token: int) -> bytes:
        return self._pieces[token]

    @property
    def ratio(self) -> float:
        """Real tokens for each of its own, at most."""
        return max(self._ratios) * RATIO_MARGIN if self._ratios else INITIAL_RATIO

    def to_own_tokens(self, real_tokens: int) -> int:
        """How many of its own tokens fit into so many real ones."""
        return int(real_tokens / self.ratio)

    def to_real_tokens(self, own_tokens: int) -> int:
        """How many real tokens so many of its own are, at most."""
        return round(own_tokens * self.ratio)

    def learn_ratio(self, own_tokens: int, real_tokens: int) -> None:
        """A prompt of so many of its own tokens took so many real ones."""
        if own_tokens and real_tokens:
            self._ratios.append(max(MIN_RATIO, real_tokens / own_tokens))

    def _encode(self, text: str) -> tuple[int, ...]:
        pieces = (match.encode("utf-8", "replace") for match in _PIECES.findall(text))
        return tuple(self._id_by_piece[piece] if piece in self._id_by_piece else self._assign_id(piece) for piece in pieces)

    def _assign_id(self, piece: bytes) -> int:
        token = self._id_by_piece[piece] = self._add_piece(piece)
        return token

    def _add_piece(self, piece: bytes) -> int:
        self._pieces.append(piece)
        return len(self._pieces) - 1
