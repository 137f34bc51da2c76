"""A hub and a package index on the loopback interface."""

import hashlib
import io
import json
import threading
import zipfile
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from interfix.models.catalog import CatalogEntry


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
