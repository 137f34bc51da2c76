"""A server's own tokeniser as the layout wants it: what is not known yet is estimated, noted, and asked for all at once.

Laying out is synchronous, a server is not: lay out, `fetch` what was missing, and lay out again until nothing was. A keystroke
costs one question, for the text it has changed.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence

from interfix.engine.remote.estimate import Estimate
from interfix.engine.remote.server import Piece, Told
from interfix.engine.remote.spelling import harmless
from interfix.prompt.tokenizer import FimIds

Ask = Callable[[Sequence[str], bool], Awaitable[list[list[Piece]] | None]]
"""Texts to tokens; the flag says whether control tokens are to be recognised."""

REMEMBERED = 2048
"""Texts whose tokens are remembered."""
_ESTIMATED = 1 << 40
"""Numbers from here on are the estimate's."""
_SMILE = "☺"
_Key = tuple[str, bool]


class Asked:
    """The `Tokenizer` of a server. Make it with `asked`."""

    def __init__(self, ask: Ask, told: Told, controls: dict[str, int], *, spaced: bool, careful: bool) -> None:
        self.bos, self.bos_text, self.eos_text = told.bos, told.bos_text, told.eos_text
        self._careful = careful
        self._ask = ask
        self._ids = controls
        self._spaced = spaced
        self._estimate = Estimate()
        self._known: OrderedDict[_Key, tuple[int, ...]] = OrderedDict()
        self._missing: dict[_Key, None] = {}
        self._pieces: dict[int, bytes] = {token: text.lstrip("▁").encode() for text, token in controls.items()}

    @property
    def fim(self) -> FimIds:
        """None by number: a family finds its markers by their text."""
        return FimIds()

    def find(self, text: str) -> int:
        return self._ids.get(text, -1)

    def encode(self, text: str) -> list[int]:
        return self._encoded(text, special=False)

    def encode_markup(self, text: str, *, first: bool = False) -> list[int]:  # noqa: ARG002 (see `_unspaced`)
        return self._encoded(text, special=True)

    def piece(self, token: int) -> bytes:
        return self._estimate.piece(token - _ESTIMATED) if token >= _ESTIMATED else self._pieces.get(token, b"")

    @staticmethod
    def estimated(token: int) -> bool:
        """Whether a token is no token of the server's, but stands for text that it has not been asked about."""
        return token >= _ESTIMATED

    async def fetch(self) -> bool:
        """Ask for what was estimated since the last time; whether there was anything."""
        missing, self._missing = self._missing, {}
        for special in {flag for _, flag in missing}:
            texts = [text for text, flag in missing if flag is special]
            sent = [self._sent(text, special=special) for text in texts]
            for text, pieces in zip(texts, await self._ask(sent, special) or (), strict=False):
                own = _unspaced(pieces) if self._spaced else pieces
                self._pieces.update((piece.token, piece.data) for piece in own)
                self._known[text, special] = tuple(piece.token for piece in own)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return bool(missing)

    def _sent(self, text: str, *, special: bool) -> str:
        text = harmless(text, self._ids if self._careful and not special else ())
        return _SMILE + text if self._spaced else text

    def _encoded(self, text: str, *, special: bool) -> list[int]:
        if not text:
            return []
        if (known := self._known.get((text, special))) is None:
            self._missing[text, special] = None
            return [_ESTIMATED + token for token in self._estimate.encode(text)]
        self._known.move_to_end((text, special))
        return list(known)


async def asked(ask: Ask, told: Told, controls: Iterable[str], *, careful: bool) -> Asked | None:
    """The tokeniser, with those of the control tokens that the vocabulary has; None where the server has none that can be used.

    `careful` is for servers that recognise control tokens whether one wants it or not: in text their spelling is taken apart.
    """
    wanted = tuple(dict.fromkeys(controls))
    letter = await ask(["a"], False)
    found = await ask(["\n".join(wanted)], True)
    if letter is None or found is None:
        return None
    by_text = {_bare(piece.data.decode("utf-8", "replace")): piece.token for piece in found[0]}
    ids = {text: by_text[_bare(text)] for text in wanted if _bare(text) in by_text}
    spaced = letter[0][0].data.startswith(b" ") if letter[0] else False
    return Asked(ask, told, ids, spaced=spaced, careful=careful)


def _bare(control: str) -> str:
    """How a control token is compared: some servers tell sentencepiece's mark, some the space it stands for."""
    return control.replace("▁", " ").strip()


def _unspaced(pieces: list[Piece]) -> list[Piece]:
    """Without the character that was put before the text so that no space is."""
    data = b""
    for i, piece in enumerate(pieces):
        if data.strip() == _SMILE.encode():
            return pieces[i:]
        data += piece.data
    return []
