"""The documents that the client has open, found by any spelling of their URIs and by the paths of their files."""

from collections.abc import Iterator, Sequence
from itertools import chain, count
from pathlib import Path

from interfix.syntax.document import Document, Snapshot
from interfix.syntax.document_key import (
    DocumentKey,
    find_real_path,
    locate_in_folder,
    make_document_key,
    make_path_key,
    parse_file_path,
)


class OpenDocuments:
    """Changed by one thread; the sources of context look files up from others.

    A file that is open twice, by two paths, is two documents to the client, and the second has a key of its own. Whoever looks the
    file up gets the one that was changed last.
    """

    def __init__(self) -> None:
        self._folders: tuple[Path, ...] = ()
        self._keys: dict[str, DocumentKey] = {}
        """By spelling: an open document stays the same even if the links on its way are changed."""
        self._documents: dict[DocumentKey, Document] = {}
        self._by_file: dict[DocumentKey, tuple[DocumentKey, ...]] = {}
        """The documents of each file, the one that was changed last first."""

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._documents.values()))

    def set_folders(self, folders: Sequence[Path]) -> None:
        """The workspace has these folders now: documents in them have paths below them."""
        self._folders = tuple(folders)
        for document in self:
            snapshot = document.snapshot()
            document.locate(snapshot.key, self._find_path(snapshot.uri))

    def open(self, document: Document) -> None:
        """Keep a document; it takes the place of one that has the same URI, however that is spelled."""
        uri = document.snapshot().uri
        file, spelled = make_document_key(uri, find_real_path), make_document_key(uri)
        if (replaced_key := self._keys.get(uri) or self._keys.get(spelled)) is not None:
            self._forget(replaced_key)
        copies = (DocumentKey(f"{file}#{number}") for number in count(2))  # "#" stands in no file's key
        key = next(each for each in chain((file,), copies) if each not in self._documents)
        document.locate(key, self._find_path(uri))
        self._documents[key] = document
        self._keys |= {uri: key, spelled: key}
        self._by_file[file] = (key, *self._by_file.get(file, ()))

    def find(self, uri: str) -> Document | None:
        """The document that the client means by a URI; None where it is not open."""
        return self._documents.get(self._find_key(uri))

    def find_file(self, path: Path) -> Document | None:
        """The document of a file, whatever links lead to it; None where it is not open."""
        keys = self._by_file.get(make_path_key(find_real_path(str(path))), ())
        return self._documents.get(keys[0]) if keys else None

    def mark_changed(self, document: Document) -> None:
        """A document is the one that was changed last."""
        key = document.snapshot().key
        for file, keys in self._by_file.items():
            if len(keys) > 1 and key in keys:
                self._by_file[file] = (key, *(each for each in keys if each != key))

    def close(self, uri: str) -> Snapshot | None:
        """Forget a document; as it was at last, None where it was not open."""
        key = self._find_key(uri)
        document = self._documents.get(key)
        self._forget(key)
        return document.snapshot() if document is not None else None

    def _forget(self, key: DocumentKey) -> None:
        self._documents.pop(key, None)
        self._keys = {spelling: other for spelling, other in self._keys.items() if other != key}
        by_file = {file: tuple(each for each in keys if each != key) for file, keys in self._by_file.items()}
        self._by_file = {file: keys for file, keys in by_file.items() if keys}

    def _find_key(self, uri: str) -> DocumentKey:
        if (key := self._keys.get(uri)) is not None:
            return key
        if (key := self._keys.get(make_document_key(uri))) is not None:
            return key
        file = make_document_key(uri, find_real_path)
        return self._by_file.get(file, (file,))[0]

    def _find_path(self, uri: str) -> str:
        path = parse_file_path(uri)
        return locate_in_folder(path, self._folders) if path else ""
