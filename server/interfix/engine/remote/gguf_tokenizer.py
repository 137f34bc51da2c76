"""The vocabulary of a family from a model file on this machine, for servers that have no tokeniser to ask. Loads no weights."""

import logging
from functools import cached_property
from pathlib import Path

from interfix.engine import vocabulary
from interfix.engine.vocabulary import Vocabulary
from interfix.errors import InterfixError
from interfix.models.model_header import read_header
from interfix.prompt.families import Family, ModelIdentity
from interfix.prompt.tokenizer import FimTokens

log = logging.getLogger(__name__)


class GgufTokenizer:
    """A local file's vocabulary for a prompt that is sent as text: the server itself puts the first token."""

    bos = -1

    def __init__(self, path: Path) -> None:
        self._vocabulary: Vocabulary = vocabulary.load_vocabulary(path)

    @cached_property
    def fim(self) -> FimTokens:
        return self._vocabulary.fim

    @property
    def bos_text(self) -> str:
        return self._vocabulary.bos_text

    @property
    def eos_text(self) -> str:
        return self._vocabulary.eos_text

    def find_token(self, text: str) -> int:
        return self._vocabulary.find_token(text)

    def encode(self, text: str) -> list[int]:
        return self._vocabulary.encode(text)

    def encode_markup(self, text: str, *, first: bool = False) -> list[int]:
        return self._vocabulary.encode_markup(text, first=first)

    def token_to_piece(self, token: int) -> bytes:
        return self._vocabulary.token_to_piece(token)


def load_gguf_tokenizer(family: Family, models_dir: Path) -> GgufTokenizer | None:
    """The vocabulary of the first file of the family in the models folder; None where there is none. Blocks for a second."""
    for path in sorted(models_dir.glob("*.gguf")):
        try:
            header = read_header(path)
            if family.matches_name(ModelIdentity(f"{header.name} {header.basename} {header.finetune}")):
                return GgufTokenizer(path)
        except InterfixError as error:
            log.warning("%s lends no vocabulary: %s", path.name, error)
    return None
