"""The vocabulary of a family from a model file on this machine, for servers that have no tokeniser to ask. Loads no weights."""

import logging
from functools import cached_property
from pathlib import Path

from interfix.engine import vocabulary
from interfix.engine.vocabulary import Vocabulary
from interfix.errors import InterfixError
from interfix.models.inspect import read_header
from interfix.prompt.families import Family, Origin
from interfix.prompt.tokenizer import FimIds

log = logging.getLogger(__name__)


class Borrowed:
    """A local file's vocabulary for a prompt that is sent as text: the server itself puts the first token."""

    bos = -1

    def __init__(self, path: Path) -> None:
        self._own: Vocabulary = vocabulary.load(path)

    @cached_property
    def fim(self) -> FimIds:
        return self._own.fim

    @property
    def bos_text(self) -> str:
        return self._own.bos_text

    @property
    def eos_text(self) -> str:
        return self._own.eos_text

    def find(self, text: str) -> int:
        return self._own.find(text)

    def encode(self, text: str) -> list[int]:
        return self._own.encode(text)

    def encode_markup(self, text: str, *, first: bool = False) -> list[int]:
        return self._own.encode_markup(text, first=first)

    def piece(self, token: int) -> bytes:
        return self._own.piece(token)


def borrowed(family: Family, directory: Path) -> Borrowed | None:
    """The vocabulary of the first file of the family in the models folder; None where there is none. Blocks for a second."""
    for path in sorted(directory.glob("*.gguf")):
        try:
            header = read_header(path)
            if family.claims(Origin(f"{header.name} {header.basename} {header.finetune}")):
                return Borrowed(path)
        except InterfixError as error:
            log.warning("%s lends no vocabulary: %s", path.name, error)
    return None
