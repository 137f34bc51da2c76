"""A tokeniser for models whose vocabulary cannot be asked: cuts text as vocabularies of code do, and learns how far it is off.

Knows no server. Its tokens are numbers of its own; a prompt laid out with it is sent as text.
"""

import re
from collections import deque
from collections.abc import Iterable
from functools import lru_cache

from interfix.engine.remote.spelling import spelled
from interfix.prompt.tokenizer import FimIds

FIRST_RATIO = 1.15
"""Real tokens for each of these before anything is known: more than the example of any language in `grammars/` takes of any of six
vocabularies (`tests/unit/engine/remote/test_estimate.py`)."""
MARGIN = 1.03
"""More than the most that was seen lately."""
REMEMBERED = 32
"""Prompts whose ratio is remembered."""
LEAST_RATIO = 0.5

_PIECES = re.compile(
    r"[^\x00-\x7f]|[^\S\n]*\n\s*| ?[A-Z]?[a-z]{1,7}| ?[A-Z]{1,3}|\d| ?_|[^\S\n]+(?=\S)| ?[^\w\s]{1,2}|\s+|.", re.ASCII | re.DOTALL
)


class Estimate:
    """The `Tokenizer` of a family, by rule of thumb."""

    bos = -1
    bos_text = ""
    eos_text = ""
    fim = FimIds()

    def __init__(self, controls: Iterable[str] = ()) -> None:
        """`controls` are the control tokens that the model is known to have."""
        self._ids: dict[bytes, int] = {}
        self._pieces: list[bytes] = []
        self._controls = {text: self._new(spelled(text).encode()) for text in controls}
        self._ratios: deque[float] = deque(maxlen=REMEMBERED)
        self._cut = lru_cache(512)(self._encoded)

    def find(self, text: str) -> int:
        return self._controls.get(text, -1)

    def encode(self, text: str) -> list[int]:
        return list(self._cut(text))

    def encode_markup(self, text: str, *, first: bool = False) -> list[int]:  # noqa: ARG002 (a server's own template is used)
        return self.encode(text)

    def piece(self, token: int) -> bytes:
        return self._pieces[token]

    @property
    def ratio(self) -> float:
        """Real tokens for each of its own, at most."""
        return max(self._ratios) * MARGIN if self._ratios else FIRST_RATIO

    def room(self, tokens: int) -> int:
        """How many of its own tokens fit into so many real ones."""
        return int(tokens / self.ratio)

    def real(self, tokens: int) -> int:
        """How many real tokens so many of its own are, at most."""
        return round(tokens * self.ratio)

    def learn(self, own: int, real: int) -> None:
        """A prompt of so many of its own tokens took so many real ones."""
        if own and real:
            self._ratios.append(max(LEAST_RATIO, real / own))

    def _encoded(self, text: str) -> tuple[int, ...]:
        pieces = (match.encode("utf-8", "replace") for match in _PIECES.findall(text))
        return tuple(self._ids[piece] if piece in self._ids else self._named(piece) for piece in pieces)

    def _named(self, piece: bytes) -> int:
        token = self._ids[piece] = self._new(piece)
        return token

    def _new(self, piece: bytes) -> int:
        self._pieces.append(piece)
        return len(self._pieces) - 1
