"""Reads the database of an index, from any thread. It never waits, and returns nothing where the database cannot be read."""

import logging
import re
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from interfix.context.index.records import Passage
from interfix.context.index.writer import COMMON_WORD_PASSAGES, compute_digest, is_damage
from interfix.context.names.definition_facts import TypeFacts
from interfix.context.skeletons import CodeStructure
from interfix.context.skeletons.definition import Definition
from interfix.masking import SecretSpan

_log = logging.getLogger(__name__)

_BUSY_SECONDS = 0.005
"""A look-up does not wait for a writer; in WAL mode it hardly ever has to."""
_MAX_NAMES = 100
"""Most names of one question."""
_MAX_NAMESAKES = 8
"""Most definitions of one name: one that has more tells nothing."""
_MAX_WORDS = 24
"""Most words of one question, the rarest."""
_MAX_POSTINGS = 4000
"""Most passages that the words of one question may lead to: what a look-up costs."""
_DEFINITIONS = "SELECT path, name, kind, line, definitions.skeleton, facts FROM definitions JOIN files ON id = file"
_WORD = re.compile(r"[^\W_]{3,40}")
"""Words as FTS5's unicode61 cuts them, the shortest and longest left out."""


class IndexReader:
    """A reader's connection, opened when first needed and again when the file was replaced. `on_damage` is called from any
    thread."""

    def __init__(self, file: Path, on_damage: Callable[[], None]) -> None:
        self._file = file
        self._on_damage = on_damage
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._members = ""
        self._members_version: object = ()
        self._failed = False

    def find_definitions(self, names: Sequence[str], limit: int) -> list[Definition]:
        """Who defines these names, no variables; a name with few definitions before one with many, else in the order asked."""
        query = f"{_DEFINITIONS} WHERE name = ? AND kind != 'variable' LIMIT ?"
        rows_by_name = [self._fetch_rows(query, (name, _MAX_NAMESAKES)) for name in list(dict.fromkeys(names))[:_MAX_NAMES]]
        return [_build_definition(row) for rows in sorted(rows_by_name, key=len) for row in rows][:limit]

    def find_in_file(self, name: str, path: str) -> list[Definition]:
        """What a file defines under a name, variables among it."""
        rows = self._fetch_rows(f"{_DEFINITIONS} WHERE name = ? AND path = ? LIMIT ?", (name, path, _MAX_NAMESAKES))
        return [_build_definition(row) for row in rows]

    def read_version(self) -> object:
        """Another value once somebody has written."""
        rows = self._fetch_rows("PRAGMA data_version", ())
        return (self._inode, rows[0][0]) if rows else None

    def read_member_names(self) -> str:
        """The names that are members of something anywhere, one a line, sorted; read again where somebody has written since."""
        version = self.read_version()
        if version != self._members_version:
            texts = self._fetch_rows("SELECT members FROM files", ())
            self._members = "\n".join(sorted({name for (text,) in texts for name in text.split("\n")} - {""}))
            self._members_version = version
        return self._members

    def read_skeleton(self, path: str) -> str:
        """What a file offers; empty where it is not known."""
        rows = self._fetch_rows("SELECT skeleton FROM files WHERE path = ?", (path,))
        return str(rows[0][0]) if rows else ""

    def read_secrets(self, path: str, data: bytes) -> list[SecretSpan] | None:
        """Where the secrets of a file are, characters, if its bytes are those that were read; None where that is not known."""
        rows = self._fetch_rows("SELECT secrets FROM files WHERE path = ? AND digest = ?", (path, compute_digest(data)))
        return msgspec.json.decode(rows[0][0], type=list[SecretSpan]) if rows and rows[0][0] is not None else None

    def read_structure(self, path: str, data: bytes) -> CodeStructure | None:
        """The structure of a file, if its bytes are those that were read; None where that is not known."""
        rows = self._fetch_rows("SELECT structure FROM files WHERE path = ? AND digest = ?", (path, compute_digest(data)))
        return msgspec.msgpack.decode(rows[0][0], type=CodeStructure) if rows and rows[0][0] is not None else None

    def find_similar(self, text: str, limit: int) -> list[Passage]:
        """The passages with most of the rare words of a text."""
        words = self._rarest_words(text)
        if not words:
            return []
        query = (
            "SELECT path, line, passages.text, -score FROM (SELECT rowid, rank AS score FROM words WHERE words MATCH ? "
            "ORDER BY rank LIMIT ?) AS best JOIN passages ON passages.id = best.rowid JOIN files ON files.id = file ORDER BY score"
        )
        return [Passage(*row) for row in self._fetch_rows(query, (" OR ".join(f'"{word}"' for word in words), limit))]

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._disconnect()

    def _rarest_words(self, text: str) -> list[str]:
        """The rarest words of a text, as many as may be asked for."""
        words = list(dict.fromkeys(_WORD.findall(text.lower())))[: 20 * _MAX_WORDS]
        marks = ",".join("?" * len(words))
        passages = dict(self._fetch_rows(f"SELECT word, passages FROM common WHERE word IN ({marks})", words))
        telling: list[str] = []
        room = _MAX_POSTINGS
        for word in sorted(words, key=lambda word: passages.get(word, COMMON_WORD_PASSAGES)):
            room -= passages.get(word, COMMON_WORD_PASSAGES)
            if room < 0 or len(telling) == _MAX_WORDS:
                break
            telling.append(word)
        return telling

    def _fetch_rows(self, query: str, values: Sequence[Any]) -> list[Any]:
        with self._lock:
            try:
                connection = self._connect()
                rows = connection.execute(query, values).fetchall() if connection else []
            except sqlite3.Error as error:
                if not self._failed:
                    _log.warning("the index %s does not answer: %s", self._file.name, error)
                    if is_damage(error):
                        self._on_damage()
                self._failed = True
                self._disconnect()
                return []
            self._failed = False
            return rows

    def _connect(self) -> sqlite3.Connection | None:
        """The connection to the file that bears the name now; None where there is none yet."""
        try:
            inode = self._file.stat().st_ino
        except OSError:
            self._disconnect()
            return None
        if self._connection is None or inode != self._inode:
            self._disconnect()
            uri = f"{self._file.absolute().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, check_same_thread=False)
            self._inode = inode
            self._members_version = ()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _build_definition(row: tuple[Any, ...]) -> Definition:
    path, name, kind, line, skeleton, facts = row
    return Definition(path, name, kind, line, skeleton, msgspec.json.decode(facts, type=TypeFacts))
