"""Every test here is cut off from the real hub and index; fixtures of small files and a server that has them."""

import threading
from collections.abc import Callable, Iterator

import huggingface_hub.constants
import pytest

from interfix.config import paths
from interfix.models.catalog import CatalogEntry
from tests.unit.models.file_server import FileServer
from tests.unit.models.model_files import INSTRUCT_METADATA, build_entry, build_gguf

Reports = list[tuple[str, int, int]]
"""What a download reported: the source, the bytes that are there, the bytes in all."""


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reaches a real hub or index, or reads this machine's configuration: nothing listens on the discard port."""
    for name in (
        "UV_DEFAULT_INDEX",
        "UV_INDEX",
        "UV_EXTRA_INDEX_URL",
        "PIP_INDEX_URL",
        "PIP_EXTRA_INDEX_URL",
        "PIP_CERT",
        "HF_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("UV_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    state = tmp_path_factory.mktemp("state")
    monkeypatch.setattr(paths, "state_dir", lambda: state)


@pytest.fixture
def file_server() -> Iterator[FileServer]:
    """A running server with nothing on it."""
    server = FileServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    if server.body_gate is not None:
        server.body_gate.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def hub(file_server: FileServer, monkeypatch: pytest.MonkeyPatch) -> FileServer:
    """The server as the hub."""
    monkeypatch.setenv("HF_ENDPOINT", file_server.url)
    return file_server


@pytest.fixture
def index(file_server: FileServer, monkeypatch: pytest.MonkeyPatch) -> FileServer:
    """The server as the package index."""
    monkeypatch.setenv("UV_INDEX_URL", f"{file_server.url}/simple")
    return file_server


@pytest.fixture
def instruct_file() -> bytes:
    """A small file that proves both roles."""
    return build_gguf(INSTRUCT_METADATA)


@pytest.fixture
def entry(instruct_file: bytes) -> CatalogEntry:
    """A catalog entry for `instruct_file`, in three pieces."""
    return build_entry("tiny-instruct", instruct_file)


@pytest.fixture
def reports() -> Reports:
    """What `progress` was told."""
    return []


@pytest.fixture
def progress(reports: Reports) -> Callable[[str, int, int], None]:
    """A `Progress` that remembers."""
    return lambda source, done, total: reports.append((source, done, total))
