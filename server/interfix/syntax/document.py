"""One open file: its text and tree, edited as the client edits them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from interfix.errors import UsageError
from interfix.syntax.background_parse import BackgroundParser
from interfix.syntax.document_key import (
    DocumentKey,
    find_real_path,
    is_part_of_file,
    make_document_key,
    make_path_key,
    parse_file_path,
)
from interfix.syntax.incremental_trees import LONG_TEXT_BYTES
from interfix.syntax.languages import Language, load_languages
from interfix.syntax.magics import has_cell_marks
from interfix.syntax.notebook_file import NOTEBOOK_SUFFIX, read_notebook
from interfix.syntax.positions import LineIndex, PositionEncoding, encode_text, find_difference
from interfix.syntax.snapshot import Snapshot
from interfix.system.file_reader import MAX_SOURCE_BYTES, read_file

__all__ = ["AppliedEdit", "Document", "DocumentEdit", "PositionEncoding", "Snapshot", "open_file"]

_BOM = b"\xef\xbb\xbf"
_HEAD_BYTES = 32_000
"""Of a text, in which is looked for what tells its language."""


class DocumentEdit(msgspec.Struct, frozen=True):
    """One change of a text."""

    start: tuple[int, int] | None
    """Zero-based line and column, in the client's units, of the first replaced character; None: the whole text is replaced."""
    end: tuple[int, int] | None
    """Line and column behind the last replaced character; None: the whole text is replaced."""
    text: str
    """What stands there now."""


class AppliedEdit(msgspec.Struct, frozen=True):
    """What an edit did to the text as it was just before it."""

    start: int
    """Byte offset of the first replaced character."""
    end: int
    """Byte offset behind the last replaced character."""
    new_length: int
    """Bytes that stand there now."""
    new_characters: int
    """Characters that stand there now."""
    old: bytes = b""
    """The replaced text."""
    new: bytes = b""
    """The text that stands there now."""


class Document:
    """Mutable; not for use from two threads. What it hands out is frozen.

    In one that is being typed in nobody waits for a tree that takes long: it is late, and made while the text rests.
    """

    def __init__(
        self, uri: str, text: str, version: int = 0, language_id: str = "", *, bom: bytes = b"", interactive: bool = False
    ) -> None:
        path, data = parse_file_path(uri), encode_text(text)
        language = _detect_language(language_id, path, data)
        chase = BackgroundParser(self.snapshot) if interactive else None
        lines = LineIndex.from_text(data)
        self._snapshot = Snapshot(
            uri,
            path,
            version,
            language,
            data,
            lines,
            key=make_document_key(uri),
            language_id=language_id,
            bom=bom,
            has_magics=_is_run_by_ipython(uri, path) or has_cell_marks(data),
            background_parser=chase,
        )
        if interactive and len(data) >= LONG_TEXT_BYTES:
            _ = self._snapshot.trees  # begun now, it is there when the first suggestion is asked for

    def apply(self, edits: Sequence[DocumentEdit], version: int, encoding: PositionEncoding) -> list[AppliedEdit]:
        """Make the edits one after another, each on the result of the one before. The tree follows when it is next asked for."""
        now, done = self._snapshot, []
        for edit in edits:
            before = now
            if edit.start is None or edit.end is None:
                now = before.replace_all(edit.text)
                start, end = find_difference(before.data, now.data)
            else:
                start, end = sorted((before.to_offset(*edit.start, encoding), before.to_offset(*edit.end, encoding)))
                now = before.replace_range(start, end, edit.text)
            length = len(now.data) - len(before.data) + end - start
            old, new = before.data[start:end], now.data[start : start + length]
            done.append(AppliedEdit(start, end, length, len(new.decode("utf-8", "replace")), old, new))
        self._snapshot = replace(now, version=version)
        return done

    def locate(self, key: DocumentKey, path: str) -> None:
        """It is known by another key, or its file by another path, from now on."""
        self._snapshot = replace(self._snapshot, key=key, path=path)

    def snapshot(self) -> Snapshot:
        """The document as it is now."""
        return self._snapshot


def open_file(path: Path) -> Document:
    """The document of a file on disk. Raises `UsageError` where it is missing, too large, binary, not UTF-8 or no regular file.

    A byte order mark is no part of the text; the snapshot keeps it for whoever writes the file again. Of a notebook it is the code,
    which is at no place of the file.
    """
    try:
        raw = read_file(path, MAX_SOURCE_BYTES)
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist. Name a file that does.") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder. Name a file in it.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    if b"\0" in raw:
        raise UsageError(f"{path} is a binary file, and Interfix reads text only.")
    language_id = ""
    if path.suffix == NOTEBOOK_SUFFIX:
        try:
            notebook = read_notebook(raw)
        except ValueError:
            raise UsageError(f"{path} is no notebook that Interfix can read: it takes format 4.") from None
        raw, language_id = notebook.script, notebook.language_id
    try:
        text = raw.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8 first.") from None
    document = Document(path.absolute().as_uri(), text, language_id=language_id, bom=_BOM if raw.startswith(_BOM) else b"")
    document.locate(make_path_key(find_real_path(str(path))), str(path.absolute()))
    return document


def _is_run_by_ipython(uri: str, path: str) -> bool:
    return is_part_of_file(uri) or path.endswith((NOTEBOOK_SUFFIX, ".ipy"))


def _detect_language(language_id: str, path: str, data: bytes) -> Language | None:
    language = _find_named_language(language_id, path, data)
    foreign = language and language.unless and re.search(language.unless, data[:_HEAD_BYTES].decode("utf-8", "replace"))
    return None if foreign else language


def _find_named_language(language_id: str, path: str, data: bytes) -> Language | None:
    languages = load_languages()
    first_line = data[:200].split(b"\n", 1)[0].decode("utf-8", "replace")
    named, owner = languages.find_by_id(language_id), languages.find_by_path(path)
    if named and owner and owner is not named and owner.own_text:
        return owner if re.search(owner.own_text, data[:_HEAD_BYTES].decode("utf-8", "replace")) else named
    return named or owner or languages.find_by_shebang(first_line)
