"""A server's own tokeniser as the layout wants it: unknown counts are estimated, and then requested together.

Laying out is synchronous, a server is not: lay out, `fetch` what was missing, and lay out again until nothing was. A keystroke
costs one question, for the text it has changed.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence

from interfix.engine.remote.backend import ModelInfo, TokenPiece
from interfix.engine.remote.control_token_text import escape_controls
from interfix.engine.remote.estimated_tokenizer import EstimatedTokenizer
from interfix.prompt.tokenizer import FimTokens

TokenizeTexts = Callable[[Sequence[str], bool], Awaitable[list[list[TokenPiece]] | None]]
"""Texts to tokens; the flag says whether control tokens are to be recognised."""

CACHED_TEXTS = 2048
"""Texts whose tokens are remembered."""
_FIRST_ESTIMATED_ID = 1 << 40
"""Numbers from here on are the estimate's."""
_GUARD_CHARACTER = "☺"
_CacheKey = tuple[str, bool]


class ServerTokenizer:
    """The `Tokenizer` of a server. Make it with `create_server_tokenizer`."""

    def __init__(
        self, tokenize: TokenizeTexts, info: ModelInfo, control_ids: dict[str, int], *, adds_space: bool, escapes_controls: bool
    ) -> None:
        self.bos, self.bos_text, self.eos_text = info.bos, info.bos_text, info.eos_text
        self._escapes_controls = escapes_controls
        self._tokenize = tokenize
        self._control_ids = control_ids
        self._adds_space = adds_space
        self._estimator = EstimatedTokenizer()
        self._cache: OrderedDict[_CacheKey, tuple[int, ...]] = OrderedDict()
        self._missing: dict[_CacheKey, None] = {}
        self._pieces: dict[int, bytes] = {token: text.lstrip("▁").encode() for text, token in control_ids.items()}

    @property
    def fim(self) -> FimTokens:
        """None by number: a family finds its markers by their text."""
        return FimTokens()

    def find_token(self, text: str) -> int:
        return self._control_ids.get(text, -1)

    def encode(self, text: str) -> list[int]:
        return self._encode(text, special=False)

    def encode_markup(self, text: str, *, first: bool = False) -> list[int]:  # noqa: ARG002 (see `_unspaced`)
        return self._encode(text, special=True)

    def token_to_piece(self, token: int) -> bytes:
        return (
            self._estimator.token_to_piece(token - _FIRST_ESTIMATED_ID)
            if token >= _FIRST_ESTIMATED_ID
            else self._pieces.get(token, b"")
        )

    @staticmethod
    def is_estimated(token: int) -> bool:
        """Whether a token is no token of the server's, but stands for text that it has not been asked about."""
        return token >= _FIRST_ESTIMATED_ID

    async def fetch_missing(self) -> bool:
        """Ask for what was estimated since the last time; whether there was anything."""
        missing, self._missing = self._missing, {}
        for special in {flag for _, flag in missing}:
            texts = [text for text, flag in missing if flag is special]
            sent = [self._prepare_text(text, special=special) for text in texts]
            for text, pieces in zip(texts, await self._tokenize(sent, special) or (), strict=False):
                own = _strip_guard(pieces) if self._adds_space else pieces
                self._pieces.update((piece.token, piece.data) for piece in own)
                self._cache[text, special] = tuple(piece.token for piece in own)
        while len(self._cache) > CACHED_TEXTS:
            self._cache.popitem(last=False)
        return bool(missing)

    def _prepare_text(self, text: str, *, special: bool) -> str:
        text = escape_controls(text, self._control_ids if self._escapes_controls and not special else ())
        return _GUARD_CHARACTER + text if self._adds_space else text

    def _encode(self, text: str, *, special: bool) -> list[int]:
        if not text:
            return []
        if (cached := self._cache.get((text, special))) is None:
            self._missing[text, special] = None
            return [_FIRST_ESTIMATED_ID + token for token in self._estimator.encode(text)]
        self._cache.move_to_end((text, special))
        return list(cached)


async def create_server_tokenizer(
    tokenize: TokenizeTexts, info: ModelInfo, controls: Iterable[str], *, escapes_controls: bool
) -> ServerTokenizer | None:
    """The tokeniser, with those of the control tokens that the vocabulary has; None where the server has none that can be used.

    `escapes_controls` is for servers that recognise control tokens whether one wants it or not: in text their spelling is taken
    apart.
    """
    control_texts = tuple(dict.fromkeys(controls))
    letter = await tokenize(["a"], False)
    token_lists = await tokenize(["\n".join(control_texts)], True)
    if letter is None or token_lists is None:
        return None
    by_text = {_normalize_control(piece.data.decode("utf-8", "replace")): piece.token for piece in token_lists[0]}
    ids = {text: by_text[_normalize_control(text)] for text in control_texts if _normalize_control(text) in by_text}
    spaced = letter[0][0].data.startswith(b" ") if letter[0] else False
    return ServerTokenizer(tokenize, info, ids, adds_space=spaced, escapes_controls=escapes_controls)


def _normalize_control(control: str) -> str:
    """How a control token is compared: some servers tell sentencepiece's mark, some the space it stands for."""
    return control.replace("▁", " ").strip()


def _strip_guard(pieces: list[TokenPiece]) -> list[TokenPiece]:
    """Without the character that was put before the text so that no space is."""
    data = b""
    for i, piece in enumerate(pieces):
        if data.strip() == _GUARD_CHARACTER.encode():
            return pieces[i:]
        data += piece.data
    return []
