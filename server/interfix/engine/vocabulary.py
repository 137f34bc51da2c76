"""The model's vocabulary and what its tokens say."""

import codecs
import ctypes
import logging
import os
import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path

from interfix.engine.healed_start import PieceIndex
from interfix.engine.llamacpp.loaded_library import llama
from interfix.errors import UnavailableError
from interfix.prompt.tokenizer import FimTokens

log = logging.getLogger(__name__)

CACHED_TEXTS = 512
"""Texts whose tokens are remembered."""
MAX_CACHED_CHARACTERS = 32_000
"""A longer text is not: it is nobody's segment of a prompt, and would take much memory."""


def load_vocabulary(path: Path) -> "Vocabulary":
    """The vocabulary of a model file alone, without its weights; it stays in memory. Raises `UnavailableError` where it has
    none."""
    params = llama.llama_model_default_params()
    params.vocab_only = True
    model = llama.llama_model_load_from_file(os.fsencode(path), params)
    if not model:
        raise UnavailableError(f"llama.cpp cannot read the vocabulary of {path.name}.")
    _loaded_models.append(model)  # a vocabulary points into its model
    return Vocabulary(llama.llama_model_get_vocab(model))


_loaded_models: list[object] = []


class Vocabulary:
    """The model's tokeniser; the `Tokenizer` that prompts are laid out with."""

    def __init__(self, pointer: object) -> None:
        self._vocab = pointer
        self._encode_cached = lru_cache(CACHED_TEXTS)(lambda text: tuple(self._text_tokens(text)))
        self.size = int(llama.llama_vocab_n_tokens(pointer))
        self.bos = int(llama.llama_vocab_bos(pointer)) if llama.llama_vocab_get_add_bos(pointer) else -1
        self.fim = FimTokens(
            prefix=llama.llama_vocab_fim_pre(pointer),
            suffix=llama.llama_vocab_fim_suf(pointer),
            middle=llama.llama_vocab_fim_mid(pointer),
            repository=llama.llama_vocab_fim_rep(pointer),
            file=llama.llama_vocab_fim_sep(pointer),
            pad=llama.llama_vocab_fim_pad(pointer),
        )

    def move(self, pointer: object) -> None:
        """Read from the vocabulary of the same model, loaded anew."""
        self._vocab = pointer

    @cached_property
    def bos_text(self) -> str:
        return self._spell_control(int(llama.llama_vocab_bos(self._vocab)))

    @cached_property
    def eos_text(self) -> str:
        return self._spell_control(int(llama.llama_vocab_eos(self._vocab)))

    def find_token(self, text: str) -> int:
        return self._controls.get(text, -1)

    def encode(self, text: str) -> list[int]:
        # Most pieces of a prompt are the same from one keystroke to the next.
        return self._text_tokens(text) if len(text) > MAX_CACHED_CHARACTERS else list(self._encode_cached(text))

    def encode_markup(self, text: str, *, first: bool = False) -> list[int]:
        return self._tokenize(text, special=True) if first else self._tokenize_unspaced(text, special=True)

    def token_to_piece(self, token: int) -> bytes:
        size = 64
        buffer = ctypes.create_string_buffer(size)
        length = llama.llama_token_to_piece(self._vocab, token, buffer, size, 0, True)
        if length < 0:
            size = -length
            buffer = ctypes.create_string_buffer(size)
            length = llama.llama_token_to_piece(self._vocab, token, buffer, size, 0, True)
        return buffer.raw[:length]

    def is_end_of_generation(self, token: int) -> bool:
        """Whether the model says with this token that it is done."""
        return bool(llama.llama_vocab_is_eog(self._vocab, token))

    @property
    def is_indexed(self) -> bool:
        """Whether `piece_index` is made."""
        return "piece_index" in vars(self)

    @cached_property
    def piece_index(self) -> PieceIndex:
        """The tokens of texts by their bytes. Made once: of 150,000 tokens that takes half a second."""
        unwritten = (
            llama.LLAMA_TOKEN_ATTR_UNKNOWN
            | llama.LLAMA_TOKEN_ATTR_UNUSED
            | llama.LLAMA_TOKEN_ATTR_CONTROL
            | llama.LLAMA_TOKEN_ATTR_USER_DEFINED
        )
        tokens = (token for token in range(self.size) if not llama.llama_vocab_get_attr(self._vocab, token) & unwritten)
        pieces = ((self.token_to_piece(token), token) for token in tokens if not self.is_end_of_generation(token))
        return PieceIndex((piece, token) for piece, token in pieces if piece)

    @cached_property
    def _controls(self) -> dict[str, int]:
        """Every token that is spelled as control tokens are, whatever type the file gives it: <…, […, ▁<…"""
        texts = (llama.llama_vocab_get_text(self._vocab, token) for token in range(self.size))
        begin = (b"<", b"[", "▁<".encode())
        return {text.decode("utf-8", "replace"): token for token, text in enumerate(texts) if text.startswith(begin)}

    @cached_property
    def _spellings(self) -> re.Pattern[str] | None:
        """Where a text spells a token that only a template may write, though its file calls it one of the user's.

        llama.cpp takes such tokens (type USER_DEFINED) for themselves in any text. Runs of spaces and HTML's elements, which
        Gemma's files have among them, are text all the same.
        """
        user_defined = llama.LLAMA_TOKEN_ATTR_USER_DEFINED
        return _spelling(
            text
            for text, token in self._controls.items()
            if text.endswith((">", "]"))
            and not _HTML.fullmatch(text)
            and llama.llama_vocab_get_attr(self._vocab, token) & user_defined
        )

    def _text_tokens(self, text: str) -> list[int]:
        """Tokens of somebody's text: what spells a control token is tokenised in two parts, so that it stays text."""
        tokens: list[int] = []
        start = 0
        for match in self._spellings.finditer(text) if self._spellings else ():
            tokens += self._tokenize_unspaced(text[start : match.end()], special=False)
            start = match.end()
        return tokens + self._tokenize_unspaced(text[start:], special=False)

    @cached_property
    def _guard_tokens(self) -> list[int]:
        """A character that joins no other, where this vocabulary puts a space before every text (sentencepiece); else nothing."""
        tokens = self._tokenize("a", special=False)
        spaced = bool(tokens) and self.token_to_piece(tokens[0]).startswith(b" ")
        return self._tokenize(_GUARD_CHARACTER, special=False) if spaced else []

    def _tokenize_unspaced(self, text: str, *, special: bool) -> list[int]:
        """The text's tokens without the space that sentencepiece vocabularies put before it: after another text there is none."""
        if not self._guard_tokens:
            return self._tokenize(text, special=special)
        return self._tokenize(_GUARD_CHARACTER + text, special=special)[len(self._guard_tokens) :]

    def _spell_control(self, token: int) -> str:
        """How a control token is spelled; empty for another, which llama.cpp names where the file says nothing."""
        is_control = token >= 0 and llama.llama_vocab_is_control(self._vocab, token)
        return llama.llama_vocab_get_text(self._vocab, token).decode("utf-8", "replace") if is_control else ""

    def _tokenize(self, text: str, *, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        tokens = (llama.llama_token * room)()
        count = llama.llama_tokenize(self._vocab, data, len(data), tokens, room, False, special)
        if count < 0:
            room = -count
            tokens = (llama.llama_token * room)()
            count = llama.llama_tokenize(self._vocab, data, len(data), tokens, room, False, special)
        return list(tokens[:count])


_GUARD_CHARACTER = "☺"
_HTML = re.compile(
    r"</?(a|b|blockquote|body|caption|code|div|em|footer|h[1-6]|html|i|iframe|img|li|span|strong|su[bp]|t(able|body|foot|head|[dhr])|u|ul)>"
)


def _spelling(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Matches the first character of each of these texts, wherever one begins; None where there are none."""
    rests: dict[str, list[str]] = {}
    for text in texts:
        rests.setdefault(text[0], []).append(re.escape(text[1:]))
    heads = (f"{re.escape(head)}(?={'|'.join(sorted(tails))})" for head, tails in rests.items())
    return re.compile("|".join(heads)) if rests else None


class Utf8Decoder:
    """Bytes of tokens to text; a character may span tokens."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def decode(self, piece: bytes) -> str:
        """The characters complete by now."""
        return self._decoder.decode(piece)
