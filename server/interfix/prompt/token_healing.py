"""Which end of the prefix the answer writes once more, so that words are cut where the model is used to see them cut.

A cursor stands where no tokeniser would cut: behind `self.pa`, in front of `th`. The tokens of `pa` and `th` are not those of
`path`, and a model has hardly ever seen the one follow the other. So the prompt ends before the word, and the answer has to begin
with what is left out: it is chosen among the tokens that agree with it ("token healing", as the guidance library named it).
"""

from collections.abc import Sequence

from interfix.prompt.tokenizer import Tokenizer

MAX_HEALED_TOKENS = 6
"""A word of more tokens is cut inside: what is left out is written anew, which costs a step a token."""
_LINE_ENDS = (b"\n", b"\r")


def find_healed_length(tokens: Sequence[int], tokenizer: Tokenizer) -> int:
    """How many tokens at the end of a prefix the answer writes once more: the last, or all of the word that it ends with. Never the
    first, and none that ends a line, for nothing goes on there.
    """
    count = 0
    while count < min(MAX_HEALED_TOKENS, len(tokens) - 1):
        piece = tokenizer.token_to_piece(tokens[-1 - count])
        if not piece or any(end in piece for end in _LINE_ENDS):
            break
        count += 1
        before = tokenizer.token_to_piece(tokens[-1 - count])
        if not (_is_word(piece[:1]) and _is_word(before[-1:])):
            break
    return count


def _is_word(byte: bytes) -> bool:
    """Whether it is of a letter or a digit, or of a character beyond ASCII."""
    return byte.isalnum() or byte >= b"\x80"
