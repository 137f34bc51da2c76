"""A tokeniser for tests: words, single blanks and newlines are tokens; the control tokens are spelled <name>. Needs no model."""

import re

from interfix.prompt.tokenizer import FimTokens

QWEN_MARKERS = {"<|fim_prefix|>": 0, "<|fim_suffix|>": 1, "<|fim_middle|>": 2, "<|repo_name|>": 3, "<|file_sep|>": 4}
"""Its markers, as Qwen2.5-Coder spells them."""
CONTROL_TOKENS = ["<prefix>", "<suffix>", "<middle>", "<repo>", "<file>", "<pad>", "<bos>", "<turn>", "<end>"]


class FakeTokenizer:
    """Implements `Tokenizer`; `text` turns tokens back, control tokens included."""

    def __init__(self, *, bos: bool = False, files: bool = True) -> None:
        self._known = list(CONTROL_TOKENS)
        self._ids = {word: token for token, word in enumerate(CONTROL_TOKENS)}
        self.bos = CONTROL_TOKENS.index("<bos>") if bos else -1
        self.bos_text, self.eos_text = "<bos>" if bos else "", ""
        self._controls = {text: token for text, token in QWEN_MARKERS.items() if files or token < 3}
        self.fim = FimTokens(prefix=0, suffix=1, middle=2, repository=3 if files else -1, file=4 if files else -1, pad=5)

    def encode(self, text: str) -> list[int]:
        return [self._id(word) for word in re.findall(r"\n|[^\S\n]|\S+", text)]

    def find_token(self, text: str) -> int:
        return self._controls.get(text, -1)

    def encode_markup(self, text: str, *, first: bool = False) -> list[int]:  # noqa: ARG002
        parts = re.split("(" + "|".join(CONTROL_TOKENS) + ")", text)
        return [
            token
            for part in parts
            if part
            for token in ([CONTROL_TOKENS.index(part)] if part in CONTROL_TOKENS else self.encode(part))
        ]

    def token_to_piece(self, token: int) -> bytes:
        return self._known[token].encode()

    def decode(self, tokens: list[int] | tuple[int, ...]) -> str:
        return "".join(self._known[token] for token in tokens)

    def _id(self, word: str) -> int:
        # A control token's spelling in somebody's text is a word like any other.
        spelled = f"'{word}'" if word in CONTROL_TOKENS else word
        if spelled not in self._ids:
            self._ids[spelled] = len(self._known)
            self._known.append(spelled)
        return self._ids[spelled]
