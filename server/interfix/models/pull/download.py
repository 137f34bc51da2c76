"""HTTP downloads that resume."""

import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import truststore

from interfix.config.private_files import open_download
from interfix.models.pull.source_progress_and_errors import SourceError


def create_client(certificates: str = "") -> httpx.Client:
    """An HTTP client that trusts what the operating system trusts and honours the proxies of the environment.

    `certificates` is a file of further authorities. Connecting may take 5 s, an answer or the next bytes of it 30 s.
    """
    return httpx.Client(verify=create_trust(certificates), follow_redirects=True, timeout=httpx.Timeout(30, connect=5))


def create_trust(certificates: str = "") -> ssl.SSLContext:
    """What to trust: the operating system's authorities, and those of a file. Raises `OSError` where the file is none."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if certificates:
        context.load_verify_locations(certificates)
    return context


def download(
    http: httpx.Client, url: str, target: Path, size: int, headers: Mapping[str, str], report: Callable[[int], None]
) -> None:
    """Bring `target` to the first `size` bytes of what `url` serves, to all of it where that is 0, appending to what is there.

    `report` is told how many bytes are there. A broken connection is taken up again as long as each attempt brings something.
    Raises `SourceError` after `_MAX_ATTEMPTS` in a row that do not, and for an answer that is an error.
    """
    idle = 0
    while True:
        before = _read_size(target)
        if size and before > size:
            target.unlink()
            before = 0
        if size and before == size:
            return report(size)
        try:
            return _append_rest(http, url, target, size, headers, report)
        except httpx.HTTPStatusError as error:
            raise SourceError(f"answered {error.response.status_code} {error.response.reason_phrase}") from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise SourceError("sends us on to no address") from error
        except (httpx.TransportError, _TruncatedError) as error:
            idle = 0 if _read_size(target) > before else idle + 1
            if idle >= _MAX_ATTEMPTS:
                raise SourceError(f"broke off ({type(error).__name__})") from error
            time.sleep(0.2 * 4**idle)


_MAX_ATTEMPTS = 3


class _TruncatedError(Exception):
    """The answer ended before the file did."""


def _append_rest(
    http: httpx.Client, url: str, target: Path, size: int, headers: Mapping[str, str], report: Callable[[int], None]
) -> None:
    before = _read_size(target)
    ranged = {"Range": f"bytes={before}-"} if before else {}
    with http.stream("GET", url, headers={**headers, **ranged, "Accept-Encoding": "identity"}) as answer:
        if before and answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            if answer.headers.get("Content-Range") == f"bytes */{before}":
                return
            target.unlink()
            raise _TruncatedError
        answer.raise_for_status()
        going_on = before and answer.headers.get("Content-Range", "").startswith(f"bytes {before}-")
        with open_download(target, append=bool(going_on)) as file:
            for chunk in answer.iter_bytes():
                file.write(chunk[: size - file.tell()] if size else chunk)
                report(file.tell())
                if file.tell() == size:
                    return
            if size and file.tell() < size:
                raise _TruncatedError


def _read_size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
