"""Brings the archives of llama.cpp's libraries and its binding here: from a mirror, the npm registry, the package index."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit
from urllib.request import url2pathname

import httpx
import msgspec

from interfix.config.private_files import open_download
from interfix.engine.llamacpp import npm_config
from interfix.engine.llamacpp.packages import NPM_SCOPE, Binding, Package
from interfix.models.pull.download import create_client, download
from interfix.models.pull.index_config import read_index_config as configured_indexes
from interfix.models.pull.package_index import find_distribution
from interfix.models.pull.source_progress_and_errors import INDEX, MIRROR, SourceError

NPM = "the npm registry"

Report = Callable[[str, int, int], None]
"""Told where the bytes come from, how many are there, and how many there will be."""


class Archive(msgspec.Struct, frozen=True):
    """A file to fetch, of which the first `bytes` are wanted."""

    file: str
    """Its name at a mirror, and here until it is unpacked."""
    bytes: int
    """How much of it is wanted."""
    algorithm: str
    """Of the digest: sha256 or sha512."""
    digest: str
    """Of what is wanted, in hexadecimal."""


def describe_archive(package: Package | Binding) -> Archive:
    """What is fetched for a package or a binding."""
    if isinstance(package, Package):
        return Archive(package.file, package.bytes, "sha512", base64.b64decode(package.sha512).hex())
    return Archive(package.file, package.head_bytes, "sha256", package.head_sha256)


def fetch_archive(package: Package | Binding, target: Path, report: Report, mirror: str = "") -> None:
    """Bring the archive to `target`, going on where an earlier download was. What comes is checked by its digest.

    Raises `SourceError` with what was tried at each source where none has it.
    """
    archive = describe_archive(package)
    sources: list[tuple[str, Callable[[Archive, Path, Callable[[int], None]], None]]] = []
    if mirror:
        sources.append((MIRROR, lambda *arguments: _fetch_from_mirror(mirror, *arguments)))
    if isinstance(package, Package):
        sources.append((NPM, lambda *arguments: _fetch_from_npm(package, *arguments)))
    else:
        sources.append((INDEX, lambda *arguments: _fetch_from_index(package, *arguments)))
    missed = []
    for name, bring in sources:
        try:
            bring(archive, target, lambda done, name=name: report(name, done, archive.bytes))  # type: ignore[misc]
            _check(archive, target)
            return
        except SourceError as reason:
            missed.append(f"{name} {reason}")
    raise SourceError("; ".join(missed))


def _check(archive: Archive, target: Path) -> None:
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, archive.algorithm).hexdigest()
    if digest != archive.digest:
        target.unlink()
        raise SourceError(f"sent a damaged {archive.file} (its {archive.algorithm.upper()} is wrong), which was removed")


def _fetch_from_mirror(address: str, archive: Archive, target: Path, report: Callable[[int], None]) -> None:
    if address.startswith(("http://", "https://")):
        with create_client() as http:
            _download(http, f"{address.rstrip('/')}/{archive.file}", archive, target, {}, report)
        return
    parts = urlsplit(address)
    folder = Path(url2pathname(parts.path)) if parts.scheme == "file" else Path(address).expanduser()
    source = folder / archive.file
    if not source.is_file():
        raise SourceError(f"({folder}) has no {archive.file}")
    with source.open("rb") as reading, open_download(target, append=False) as writing:
        while (left := archive.bytes - writing.tell()) and (chunk := reading.read(min(left, 8 << 20))):
            writing.write(chunk)
            report(writing.tell())


def _fetch_from_npm(package: Package, archive: Archive, target: Path, report: Callable[[int], None]) -> None:
    registry = npm_config.read_registry(NPM_SCOPE)
    headers = {"Authorization": registry.authorization} if registry.authorization else {}
    usual = f"{registry.url}{NPM_SCOPE}/{package.name}/-/{archive.file}"
    with create_client(registry.certificates) as http:
        try:
            _download(http, usual, archive, target, headers, report)
        except SourceError as reason:
            if (tarball_url := _find_tarball_url(http, registry.url, package, headers)) in (None, usual):
                raise
            assert tarball_url is not None
            same = httpx.URL(tarball_url).host == httpx.URL(registry.url).host
            try:
                _download(http, tarball_url, archive, target, headers if same else {}, report)
            except SourceError as second:
                raise second from reason


def _find_tarball_url(http: httpx.Client, registry: str, package: Package, headers: dict[str, str]) -> str | None:
    """Where the registry itself says the archive is; some keep it elsewhere than npm does."""
    try:
        answer = http.get(f"{registry}{quote(f'{NPM_SCOPE}/{package.name}', safe='@')}", headers=headers)
        url = answer.raise_for_status().json()["versions"][package.version]["dist"]["tarball"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else None


def _fetch_from_index(binding: Binding, archive: Archive, target: Path, report: Callable[[int], None]) -> None:
    indexes = configured_indexes()
    with create_client(indexes.certificates) as http:
        distribution = find_distribution(http, indexes.urls, "llama-cpp-python", binding.version, "sdist")
        _download(http, distribution.url, archive, target, {}, report)


def _download(
    http: httpx.Client, url: str, archive: Archive, target: Path, headers: dict[str, str], report: Callable[[int], None]
) -> None:
    host = httpx.URL(url).host
    try:
        download(http, url, target, archive.bytes, headers, report)
    except SourceError as reason:
        raise SourceError(f"at {host} {reason}") from reason
