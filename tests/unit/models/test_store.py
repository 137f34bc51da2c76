"""What is in the models folder, and what is trusted of it."""

import os
from pathlib import Path

import pytest

from interfix.errors import UsageError
from interfix.inference_types import Role
from interfix.models import catalog, store
from interfix.models.catalog import CatalogEntry
from tests.unit.models.model_files import BASE_METADATA, INSTRUCT_METADATA, build_gguf


def test_file_is_hashed_once_and_again_when_touched(
    entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[Path] = []
    digest = store.hash_file
    monkeypatch.setattr(store, "hash_file", lambda path: hashed.append(path) or digest(path))
    path = tmp_path / entry.file
    path.write_bytes(instruct_file)
    assert store.find_installed(tmp_path, entry) == store.find_installed(tmp_path, entry) == path
    assert hashed == [path]
    os.utime(path, ns=(0, 0))
    assert store.find_installed(tmp_path, entry) == path
    assert hashed == [path, path]


def test_file_with_other_bytes_counts_as_missing(entry: CatalogEntry, instruct_file: bytes, tmp_path: Path) -> None:
    (tmp_path / entry.file).write_bytes(instruct_file[:-1] + b"?")
    assert store.find_installed(tmp_path, entry) is None


def test_list_has_the_catalogs_and_the_users_own_and_the_damaged(tmp_path: Path) -> None:
    known = catalog.find_entry("qwen2.5-coder-1.5b")
    (tmp_path / known.file).write_bytes(build_gguf(BASE_METADATA))
    (tmp_path / "mine.gguf").write_bytes(build_gguf(INSTRUCT_METADATA))
    (tmp_path / "broken.gguf").write_bytes(build_gguf(BASE_METADATA)[:-1])
    (tmp_path / "notes.txt").write_text("no model")
    broken, mine, qwen = store.list_installed(tmp_path)
    assert (mine.name, mine.roles, mine.problem) == ("mine", (Role.BASE, Role.INSTRUCT), "")
    assert (qwen.name, qwen.roles) == (known.name, (Role.BASE,))
    assert (broken.name, broken.roles) == ("broken", ())
    assert "is damaged" in broken.problem


def test_remove_takes_all_that_belongs_to_it(tmp_path: Path) -> None:
    known = catalog.find_entry("qwen2.5-coder-1.5b")
    path = tmp_path / known.file
    path.write_bytes(build_gguf(BASE_METADATA))
    store.remember_verified(path, "0" * 64)
    store.locate_partial(tmp_path, known, "0" * 64).write_bytes(b"GGUF")
    (tmp_path / "mine.gguf").write_bytes(build_gguf(INSTRUCT_METADATA))
    anew = store.locate_requantised(path, "Q8_0")
    anew.parent.mkdir()
    anew.write_bytes(b"GGUF")
    assert store.remove(known.name, tmp_path) == path
    assert [left.name for left in tmp_path.rglob("*.*")] == ["mine.gguf"]


def test_remove_takes_what_was_only_begun(tmp_path: Path) -> None:
    known = catalog.find_entry("qwen2.5-coder-1.5b")
    store.locate_partial(tmp_path, known, "0" * 64).write_bytes(b"GGUF")
    store.remove(known.name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_removing_what_is_not_there_names_what_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no model called mien in .*\. There are no models in it\."):
        store.remove("mien", tmp_path)
    (tmp_path / "mine.gguf").write_bytes(build_gguf(INSTRUCT_METADATA))
    with pytest.raises(UsageError, match=r"The nearest is mine\."):
        store.remove("mien", tmp_path)
