"""Small model files written by the tests, and a hub and a package index on the loopback interface that serve them."""

import hashlib
import struct
import threading
from collections.abc import Callable, Iterator, Mapping

import huggingface_hub.constants
import msgspec
import pytest

from file_server import FileServer
from interfix.config import paths
from interfix.models import catalog
from interfix.models.catalog import CatalogEntry, WheelParts

QWEN_TOKENS = ("a", "b", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>")
INSTRUCT_METADATA = {
    "general.name": "Qwen2.5 Coder 1.5B Instruct",
    "general.finetune": "Instruct",
    "tokenizer.chat_template": "{{ x }}",
}
BASE_METADATA = {"general.name": "Qwen2.5 Coder 1.5B", "tokenizer.chat_template": "{{ x }}"}


def build_gguf(keys: Mapping[str, object], tokens: tuple[str, ...] = QWEN_TOKENS, weights: int = 200_000) -> bytes:
    """A GGUF v3 file of one F32 tensor that takes `weights` bytes; a key's value is a string, a number, or a list of either."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    def value(given: object) -> bytes:
        if isinstance(given, str):
            return struct.pack("<I", 8) + text(given)
        if isinstance(given, int):
            return struct.pack("<II", 4, given)
        assert isinstance(given, list)
        items = [value(item) for item in given]
        return struct.pack("<I", 9) + items[0][:4] + struct.pack("<Q", len(items)) + b"".join(item[4:] for item in items)

    pairs: dict[str, object] = {
        "general.architecture": "qwen2",
        "general.basename": "Qwen2.5-Coder",
        "general.size_label": "1.5B",
        "general.file_type": 7,
        "qwen2.context_length": 32768,
        "tokenizer.ggml.token_type": [1] * len(tokens),
        "tokenizer.ggml.tokens": list(tokens),
        **keys,
    }
    body = b"".join(text(key) + value(given) for key, given in pairs.items())
    tensor = text("token_embd.weight") + struct.pack("<IQIQ", 1, weights // 4, 0, 0)
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, len(pairs)) + body + tensor
    data = bytes((n * n) % 251 for n in range(weights))
    return header + bytes(-len(header) % 32) + data


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


def build_entry(name: str, data: bytes, known: CatalogEntry | None = None) -> CatalogEntry:
    """An entry as the catalog would have it for a file of these bytes."""
    real = known or catalog.find_entry("qwen2.5-coder-1.5b-instruct")
    piece = len(data) // 2 - 1000
    return msgspec.structs.replace(
        real,
        name=name,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        pieces=WheelParts(stem=f"{name}-model".replace(".", "-"), count=3, version="0.2.0", bytes=piece),
    )


Reports = list[tuple[str, int, int]]


@pytest.fixture
def reports() -> Reports:
    """What `progress` was told."""
    return []


@pytest.fixture
def progress(reports: Reports) -> Callable[[str, int, int], None]:
    """A `Progress` that remembers."""
    return lambda source, done, total: reports.append((source, done, total))
