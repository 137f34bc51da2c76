"""What a next-edit model's format is: how edits and a window become a prompt, and an answer becomes the region's new text."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from interfix.inference_types import EditWindow, PastEdit
from interfix.masking import MaskedText
from interfix.prompt.tokenizer import Tokenizer


class ShownFile(msgspec.Struct, frozen=True):
    """A piece of another file, or of this one outside the window."""

    path: MaskedText
    """Relative to the workspace, with forward slashes."""
    text: MaskedText
    """As it stands there."""


class EditPromptParts(msgspec.Struct, frozen=True):
    """All that a prompt may show; a layout leaves out what has no room."""

    window: EditWindow
    """Always shown, its surroundings as far as there is room."""
    edits: tuple[PastEdit, ...] = ()
    """What the user has changed, the oldest first."""
    files: tuple[ShownFile, ...] = ()
    """Other code, the most helpful first."""


class Marker(str):
    """A control token where the vocabulary has one of this spelling, else plain text."""

    __slots__ = ()


class NextEditFormat(Protocol):
    """The layout that one line of models was trained on."""

    @property
    def text_marks(self) -> tuple[str, ...]:
        """Marks of plain text: code that holds one of them cannot be told from the layout, and is not shown."""
        ...

    @property
    def stop_texts(self) -> tuple[str, ...]:
        """Texts that end an answer."""
        ...

    def render(self, parts: EditPromptParts) -> list[str]:
        """The prompt, piece by piece; a `Marker` is a control token."""
        ...

    def read_answer(self, answer: str, window: EditWindow) -> str | None:
        """The region's new text as the model means it; None where it says that nothing is to be changed, or is not understood."""
        ...


def encode_pieces(pieces: Iterable[str], tokenizer: Tokenizer) -> list[int]:
    """The tokens of a prompt. Text between control tokens is tokenised in one go, as it was in training."""
    tokens = [tokenizer.bos] if tokenizer.bos >= 0 else []
    text = ""
    for piece in pieces:
        token = tokenizer.find_token(piece) if isinstance(piece, Marker) else -1
        if token < 0:
            text += piece
            continue
        tokens += [*tokenizer.encode(text), token] if text else [token]
        text = ""
    return tokens + (tokenizer.encode(text) if text else [])


def insert_cursor(window: EditWindow, mark: str, region: str | None = None) -> str:
    """The region with the mark where the cursor is."""
    data = (window.region if region is None else region).encode()
    at = min(window.cursor, len(data))
    return data[:at].decode("utf-8", "ignore") + mark + data[at:].decode("utf-8", "ignore")


def end_line(text: str) -> str:
    """The text with a newline at its end."""
    return text if text.endswith("\n") else text + "\n"


def split_last_newline(window: EditWindow) -> tuple[str, str]:
    """Region and following text as Zed cuts them: the newline that ends a region belongs to what follows, if anything does."""
    if window.after and window.region.endswith("\n"):
        return window.region[:-1], "\n" + window.after
    return window.region, window.after


def has_marks(texts: Sequence[str], marks: Sequence[str]) -> bool:
    """Whether any of the texts holds one of the marks."""
    return any(mark in text for mark in marks for text in texts)
