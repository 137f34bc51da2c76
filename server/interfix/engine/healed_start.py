"""Has an answer begin with the end of the prefix that its prompt leaves out (`prompt/token_healing.py` says why)."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt


class PieceIndex:
    """The tokens of a vocabulary by their bytes."""

    def __init__(self, pieces: Iterable[tuple[bytes, int]]) -> None:
        """The bytes of each token and its id, without those that no text has."""
        ordered = sorted(pieces)
        self._pieces = [piece for piece, _ in ordered]
        self._tokens = np.array([token for _, token in ordered], dtype=np.int64)

    def find_longer(self, text: bytes) -> npt.NDArray[np.int64]:
        """The tokens that begin with `text`."""
        return self._find_between(text, text[:-1] + bytes((text[-1] + 1,)))  # no text has the byte 0xFF

    def find_spelled(self, text: bytes) -> npt.NDArray[np.int64]:
        """The tokens that are `text`."""
        return self._find_between(text, text + b"\0")

    def _find_between(self, first: bytes, end: bytes) -> npt.NDArray[np.int64]:
        return self._tokens[bisect_left(self._pieces, first) : bisect_left(self._pieces, end)]


class HealedStart:
    """Follows an answer through the text that it has to begin with and that is told to nobody."""

    def __init__(self, tokens: Sequence[int], index: PieceIndex | None, token_to_piece: Callable[[int], bytes]) -> None:
        """`tokens` are those that the prompt leaves out; without an index there must be none."""
        self.rest = b"".join(map(token_to_piece, tokens))
        """What is still to come of the text."""
        self._expected = list(tokens)
        self._lead: tuple[int, ...] = ()
        self._lead_logprob = 0.0
        self._index = index
        self._token_to_piece = token_to_piece

    def restrict(self, logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The logits of the tokens that agree with what is still to come; those of all others are infinitely low.

        A token that is only a part of it agrees if the tokeniser cuts there. Any other part may be likelier than all that agrees
        because something else would follow: eight spaces where twelve are typed, a word where its plural is.
        """
        if not self.rest or self._index is None:
            return logits
        agreeing = [self._index.find_longer(self.rest)]
        if self._expected:
            agreeing.append(np.array(self._expected[:1], dtype=np.int64))
        if len(self.rest) > 1 and self.rest.endswith((b" ", b"\t")):  # the last space goes to the word behind it
            agreeing.append(self._index.find_spelled(self.rest[:-1]))
        allowed = np.concatenate(agreeing)
        restricted = np.full_like(logits, -np.inf)
        restricted[allowed] = logits[allowed]
        return restricted

    def spell(self, token: int) -> bytes:
        """The bytes of a token that stand behind the text, if it comes next."""
        return self._token_to_piece(token)[len(self.rest) :]

    def is_lead(self, token: int) -> bool:
        """Whether a token brings nothing but what the answer has to begin with, if it comes next."""
        return bool(self.rest) and len(self._token_to_piece(token)) <= len(self.rest)

    def accept(self, token: int, logprob: float) -> bool:
        """This token comes next; whether it is a lead."""
        is_lead = self.is_lead(token)
        self._expected = self._expected[1:] if self._expected[:1] == [token] else []
        if self.rest:
            self.rest = self.rest[len(self._token_to_piece(token)) :]
        if is_lead:
            self._lead += (token,)
            self._lead_logprob += logprob
        return is_lead

    def take_lead(self) -> tuple[tuple[int, ...], float]:
        """The tokens that have brought nothing else, and the natural logarithm of their probability; once."""
        taken = self._lead, self._lead_logprob
        self._lead, self._lead_logprob = (), 0.0
        return taken
