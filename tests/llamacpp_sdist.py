"""Real vocabularies and chat templates: files that come with llama.cpp, out of the source distribution that is pinned."""

import hashlib
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from interfix.engine.llamacpp.packages import get_binding
from interfix.models.pull.download import create_client, download
from interfix.models.pull.index_config import read_index_config
from interfix.models.pull.package_index import find_distribution

_PACKAGE = "llama-cpp-python"
_MODELS = "vendor/llama.cpp/models/"
_WANTED = tuple(f"ggml-vocab-{name}.gguf" for name in ("deepseek-coder", "starcoder", "refact", "qwen2", "llama-spm", "llama-bpe"))


def fetch_llamacpp_models() -> Path:
    """The folder with the vocabularies and `templates/*.jinja`; downloaded once a version and kept in the user's cache."""
    pinned = get_binding()
    folder = user_cache_path("interfix") / "tests" / f"{_PACKAGE}-{pinned.version}-{pinned.sha256[:8]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            with open_sdist() as archive:
                _unpack(archive, folder)
    return folder


@contextmanager
def open_sdist() -> Iterator[Path]:
    """The source distribution, verified; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="llamacpp-") as folder:
        archive = Path(folder) / "sdist.tar.gz"
        _fetch(archive)
        assert hashlib.sha256(archive.read_bytes()).hexdigest() == get_binding().sha256, f"the index has another {_PACKAGE}"
        yield archive


def _fetch(archive: Path) -> None:
    indexes = read_index_config()
    with create_client(indexes.certificates) as http:
        distribution = find_distribution(http, indexes.urls, _PACKAGE, get_binding().version, "sdist")
        download(http, distribution.url, archive, get_binding().bytes, {}, lambda _done: None)


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
