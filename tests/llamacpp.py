"""Real vocabularies and chat templates: files that come with llama.cpp, out of the source distribution that `uv.lock` pins."""

import hashlib
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from filelock import FileLock
from platformdirs import user_cache_path
from pypi_simple import ACCEPT_JSON_PREFERRED, ProjectPage

from interfix.models.pull.download import client, download
from interfix.models.pull.indexes import configured

_PACKAGE = "llama-cpp-python"
_MODELS = "vendor/llama.cpp/models/"
_WANTED = tuple(f"ggml-vocab-{name}.gguf" for name in ("deepseek-coder", "starcoder", "refact", "qwen2", "llama-spm", "llama-bpe"))


def llamacpp_models() -> Path:
    """The folder with the vocabularies and `templates/*.jinja`; downloaded once a version and kept in the user's cache."""
    version, sha256, _ = _pinned()
    folder = user_cache_path("interfix") / "tests" / f"{_PACKAGE}-{version}-{sha256[:8]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            with sdist() as archive:
                _unpack(archive, folder)
    return folder


@contextmanager
def sdist() -> Iterator[Path]:
    """The source distribution, verified; gone afterwards."""
    version, sha256, size = _pinned()
    with tempfile.TemporaryDirectory(prefix="llamacpp-") as folder:
        archive = Path(folder) / "sdist.tar.gz"
        _fetch(version, size, archive)
        assert hashlib.sha256(archive.read_bytes()).hexdigest() == sha256, f"the index has another {_PACKAGE} than uv.lock pins"
        yield archive


def _pinned() -> tuple[str, str, int]:
    lock = tomllib.loads((Path(__file__).parents[1] / "uv.lock").read_text("utf-8"))
    package = next(package for package in lock["package"] if package["name"] == _PACKAGE)
    return package["version"], package["sdist"]["hash"].removeprefix("sha256:"), package["sdist"]["size"]


def _fetch(version: str, size: int, archive: Path) -> None:
    indexes = configured()
    with client(indexes.certificates) as http:
        for base in indexes.urls:
            answer = http.get(f"{base}{_PACKAGE}/", headers={"Accept": ACCEPT_JSON_PREFERRED})
            if answer.is_success and (url := _sdist(answer, version)):
                return download(http, url, archive, size, {}, lambda _done: None)
    raise AssertionError(f"no configured package index has {_PACKAGE} {version}: {', '.join(indexes.urls)}")


def _sdist(answer: httpx.Response, version: str) -> str:
    if "json" in answer.headers.get("Content-Type", ""):
        page = ProjectPage.from_json_data(answer.json(), str(answer.url))
    else:
        page = ProjectPage.from_html(_PACKAGE, answer.content, str(answer.url))
    return next((p.url for p in page.packages if p.package_type == "sdist" and p.version == version), "")


def _unpack(archive: Path, folder: Path) -> None:
    partial = folder.with_suffix(".partial")
    (partial / "templates").mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for member in tar:
            _, _, name = member.name.partition("/")
            inside = name.removeprefix(_MODELS)
            if (
                name.startswith(_MODELS)
                and (inside in _WANTED or inside.startswith("templates/"))
                and (file := tar.extractfile(member))
            ):
                (partial / inside).write_bytes(file.read())
    partial.rename(folder)
