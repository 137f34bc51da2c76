"""An open document is found however it is spelled, and stays what it is."""

import os
from pathlib import Path

import pytest

from interfix.lsp.open_documents import OpenDocuments
from interfix.syntax.document import Document


@pytest.fixture
def linked(tmp_path: Path) -> tuple[Path, Path]:
    """A file by its real path, and by a link to its folder."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.py").write_text("saved\n")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    return tmp_path / "real" / "a.py", tmp_path / "link" / "a.py"


def open_document(documents: OpenDocuments, uri: str, text: str) -> Document:
    document = Document(uri, text)
    documents.open(document)
    return document


def test_a_document_is_found_by_any_spelling() -> None:
    documents = OpenDocuments()
    document = open_document(documents, "file:///ws/%28shop%29/caf%c3%a9.py", "x")
    assert documents.find("file:///ws/(shop)/caf%C3%A9.py") is document
    assert documents.find_file(Path("/ws/(shop)/café.py")) is document
    assert documents.close("file:///ws/(shop)/caf%C3%A9.py") == document.snapshot()
    assert documents.find("file:///ws/%28shop%29/caf%c3%a9.py") is None
    assert documents.find_file(Path("/ws/(shop)/café.py")) is None
    assert documents.close("file:///ws/(shop)/caf%C3%A9.py") is None


def test_a_file_is_found_whatever_links_lead_to_it(linked: tuple[Path, Path]) -> None:
    real, link = linked
    documents = OpenDocuments()
    document = open_document(documents, link.as_uri(), "unsaved")
    assert documents.find_file(real) is documents.find_file(link) is documents.find(real.as_uri()) is document
    assert document.snapshot().uri == link.as_uri()


def test_two_documents_of_one_file_are_two(linked: tuple[Path, Path]) -> None:
    real, link = linked
    documents = OpenDocuments()
    by_link, by_path = open_document(documents, link.as_uri(), "link"), open_document(documents, real.as_uri(), "real")
    assert by_link.snapshot().key != by_path.snapshot().key
    assert documents.find(link.as_uri()) is by_link
    assert documents.find(real.as_uri()) is documents.find_file(real) is documents.find_file(link) is by_path
    documents.mark_changed(by_link)
    assert documents.find_file(real) is by_link
    documents.close(link.as_uri())
    assert documents.find(link.as_uri()) is documents.find_file(real) is by_path


def test_a_document_stays_itself_when_its_links_change(linked: tuple[Path, Path], tmp_path: Path) -> None:
    _, link = linked
    documents = OpenDocuments()
    document = open_document(documents, link.as_uri(), "x")
    (tmp_path / "other").mkdir()
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to(tmp_path / "other")
    assert documents.find(link.as_uri()) is document
    assert documents.close(link.as_uri()) is not None
    assert list(documents) == []


def test_a_document_that_is_opened_again_takes_its_own_place() -> None:
    documents = OpenDocuments()
    open_document(documents, "file:///a%2B.py", "old")
    new = open_document(documents, "file:///a+.py", "new")
    assert list(documents) == [new]


def test_documents_follow_the_folders(linked: tuple[Path, Path]) -> None:
    real, link = linked
    documents = OpenDocuments()
    document = open_document(documents, real.as_uri(), "x")
    documents.set_folders([link.parent])
    assert document.snapshot().path == str(link)
    documents.set_folders([])
    assert document.snapshot().path == str(real)


def test_a_name_that_is_no_text_is_a_name(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py"))
    documents = OpenDocuments()
    document = open_document(documents, path.as_uri(), "x")
    assert documents.find_file(path) is document
    assert document.snapshot().path == str(path)
