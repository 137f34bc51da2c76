"""A place of the user's own as a source: a folder of GGUF files, or an http(s) address under which they lie by name."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import httpx

from interfix.config.private_files import open_download
from interfix.models import store
from interfix.models.catalog import CatalogEntry
from interfix.models.pull.disk_room import check_disk_room
from interfix.models.pull.download import create_client, download
from interfix.models.pull.source_progress_and_errors import MIRROR, FetchedFile, PullProgress, SourceError


def fetch(entry: CatalogEntry, directory: Path, progress: PullProgress, address: str) -> FetchedFile:
    """Bring the entry's file from `address` (a path, file:// or http(s)) into `directory`.

    Where the catalog does not know the file's SHA-256, the mirror may tell it in a file beside it, `NAME.gguf.sha256`; over the
    network it must. Raises `SourceError` where the mirror does not have the file or cannot be reached.
    """
    if address.startswith(("http://", "https://")):
        return _download(entry, directory, progress, address.rstrip("/"))
    try:
        parts = urlsplit(address)
    except ValueError:
        raise SourceError(f"({address}) is no address") from None
    folder = Path(url2pathname(parts.path)) if parts.scheme == "file" else Path(address).expanduser()
    return _copy(entry, directory, progress, folder)


def _copy(entry: CatalogEntry, directory: Path, progress: PullProgress, folder: Path) -> FetchedFile:
    source = next((path for path in (folder / entry.file, folder / entry.hub / entry.file) if path.is_file()), None)
    if source is None:
        raise SourceError(f"({folder}) has no {entry.file}")
    beside = source.with_name(f"{source.name}.sha256")
    sha256 = entry.sha256 or (_parse_sha256_line(beside.read_text("utf-8", "replace")) if beside.is_file() else "")
    target, total = store.locate_partial(directory, entry, sha256 or "copied"), source.stat().st_size
    check_disk_room(entry, directory, total)
    with source.open("rb") as reading, open_download(target, append=False) as writing:
        while chunk := reading.read(8 << 20):
            writing.write(chunk)
            progress(MIRROR, writing.tell(), total)
    return FetchedFile(target, sha256)


def _download(entry: CatalogEntry, directory: Path, progress: PullProgress, address: str) -> FetchedFile:
    url = f"{address}/{entry.file}"
    with create_client() as http:
        try:
            size = int(http.head(url).raise_for_status().headers.get("Content-Length", 0))
            sha256 = entry.sha256 or _parse_sha256_line(http.get(f"{url}.sha256").raise_for_status().text)
        except httpx.HTTPStatusError as error:
            name = error.request.url.path.rsplit("/", 1)[-1]
            raise SourceError(f"({address}) answered {error.response.status_code} for {name}") from error
        except httpx.TransportError as error:
            raise SourceError(f"({address}) could not be reached ({type(error).__name__})") from error
        target = store.locate_partial(directory, entry, sha256)
        check_disk_room(entry, directory, (size or entry.bytes) - (target.stat().st_size if target.exists() else 0))
        download(http, url, target, size, {}, lambda done: progress(MIRROR, done, size or entry.bytes))
    return FetchedFile(target, sha256)


def _parse_sha256_line(text: str) -> str:
    """The hash in a line as `sha256sum` writes it."""
    return text.split()[0].lower() if text.split() else ""
