"""The database of one workspace folder: SQLite with FTS5. Writes what workers found."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from interfix.config.private_files import prepare_database
from interfix.context.index.records import FileRecord, FileStamp
from interfix.masking import compute_rules_version

SCHEMA_VERSION = 10
"""Part of the database's name, so that servers of two versions do not meet in one. More with any change to what is stored; what is
masked in it is told by the version of the masker's rules."""
COMMON_WORD_PASSAGES = 50
"""Words in more passages than this are counted beforehand, so that a look-up knows what they would cost."""
_BUSY_SECONDS = 60.0
"""How long a writer waits for another."""

_SCHEMA_SQL = """
CREATE TABLE IF NOT EXISTS files(
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, changed INTEGER NOT NULL,
    digest BLOB NOT NULL, skeleton TEXT NOT NULL, members TEXT NOT NULL, secrets BLOB, structure BLOB);
CREATE TABLE IF NOT EXISTS definitions(
    file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE, name TEXT NOT NULL, kind TEXT NOT NULL, line INTEGER NOT NULL,
    skeleton TEXT NOT NULL, facts BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS definitions_by_name ON definitions(name);
CREATE INDEX IF NOT EXISTS definitions_by_file ON definitions(file);
CREATE TABLE IF NOT EXISTS passages(
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE, line INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS passages_by_file ON passages(file);
CREATE TABLE IF NOT EXISTS common(word TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    text, content='passages', content_rowid='id', tokenize='unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(words, row);
CREATE TRIGGER IF NOT EXISTS passage_added AFTER INSERT ON passages BEGIN
    INSERT INTO words(rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER IF NOT EXISTS passage_removed AFTER DELETE ON passages BEGIN
    INSERT INTO words(words, rowid, text) VALUES ('delete', old.id, old.text);
END;
"""


def locate_database(root: Path, directory: Path) -> Path:
    """The file that holds the index of the folder `root`."""
    name = hashlib.blake2b(str(root.absolute()).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
    return directory / f"{name}-{SCHEMA_VERSION}{compute_rules_version()}.sqlite"


def remove_older(file: Path) -> None:
    """Delete the databases of the same folder that earlier versions have left: what they kept may not be kept any more."""
    for other in file.parent.glob(f"{file.stem.rpartition('-')[0]}-*.sqlite*"):
        if not other.name.startswith(file.name):
            with suppress(OSError):  # a server of that version may still have it open
                other.unlink(missing_ok=True)


def remove_database(file: Path) -> None:
    """Delete a database with all that belongs to it."""
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


class DamagedDatabase(sqlite3.DatabaseError):
    """What was written is not what is read."""


def compute_digest(data: bytes) -> bytes:
    """By which the bytes of a file are known."""
    return hashlib.blake2b(data, digest_size=16).digest()


def is_damage(error: sqlite3.Error) -> bool:
    """Whether only a new database will help; else it is busy, or the disk is full."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return isinstance(error, DamagedDatabase) or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class IndexStore:
    """A writer's connection, for one thread. Everything raises sqlite3.DatabaseError where the file is damaged."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(prepare_database(file), timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")
            self._connection.executescript(_SCHEMA_SQL)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def check_integrity(self) -> None:
        """Read the whole database; raises sqlite3.DatabaseError where it is damaged."""
        (says,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if says != "ok":
            raise DamagedDatabase(says)
        self._connection.execute("INSERT INTO words(words) VALUES ('integrity-check')")

    @contextmanager
    def open_transaction(self) -> Iterator[None]:
        """All or nothing of what is written inside."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @property
    def is_complete(self) -> bool:
        """The whole folder has been read once."""
        return bool(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def count_files(self) -> int:
        """Number of files."""
        return int(self._connection.execute("SELECT count(*) FROM files").fetchone()[0])

    def load_all_stamps(self) -> dict[str, FileStamp]:
        """Every file, by path."""
        return {path: FileStamp(*rest) for path, *rest in self._connection.execute("SELECT path, size, changed, digest FROM files")}

    def load_stamps(self, paths: Iterable[str]) -> dict[str, FileStamp]:
        """Those of these files that are known."""
        query = "SELECT size, changed, digest FROM files WHERE path = ?"
        rows = ((path, self._connection.execute(query, (path,)).fetchone()) for path in paths)
        return {path: FileStamp(*row) for path, row in rows if row}

    def list_files_below(self, folder: str) -> list[str]:
        """The files below a folder."""
        first, last = f"{folder}/", f"{folder}0"  # 0 follows / in every encoding
        rows = self._connection.execute("SELECT path FROM files WHERE path > ? AND path < ?", (first, last))
        return [path for (path,) in rows]

    def update_stamp(self, path: str, stamp: FileStamp) -> None:
        """A file is as it was, but was written anew."""
        self._connection.execute(
            "UPDATE files SET size = ?, changed = ? WHERE path = ?", (stamp.size_bytes, stamp.modified_ns, path)
        )

    def put_record(self, entry: FileRecord) -> None:
        """Keep a file; what was kept of it goes."""
        self.drop_file(entry.path)
        stamp = (entry.stamp.size_bytes, entry.stamp.modified_ns, entry.stamp.digest)
        secrets = None if entry.secrets is None else msgspec.json.encode(entry.secrets)
        structure = None if entry.structure is None else msgspec.msgpack.encode(entry.structure)
        row = (entry.path, *stamp, entry.skeleton, "\n".join(entry.member_names), secrets, structure)
        file = self._connection.execute("INSERT INTO files VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid
        self._connection.executemany(
            "INSERT INTO definitions VALUES (?, ?, ?, ?, ?, ?)",
            ((file, each.name, each.kind, each.line, each.skeleton, msgspec.json.encode(each.facts)) for each in entry.definitions),
        )
        self._connection.executemany(
            "INSERT INTO passages VALUES (NULL, ?, ?, ?)", ((file, each.line, each.text) for each in entry.passages)
        )

    def drop_file(self, path: str) -> None:
        """Forget a file."""
        self._connection.execute("DELETE FROM files WHERE path = ?", (path,))

    def update_statistics(self) -> None:
        """Much was written: count the common words again, and make their look-up quick."""
        with self.open_transaction():
            self._connection.execute("INSERT INTO words(words, rank) VALUES ('merge', 500)")
            self._connection.execute("DELETE FROM common")
            self._connection.execute("INSERT INTO common SELECT term, doc FROM vocabulary WHERE doc > ?", (COMMON_WORD_PASSAGES,))
            self._connection.execute("PRAGMA user_version = 1")
