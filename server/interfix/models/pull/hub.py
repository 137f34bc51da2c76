"""The Hugging Face hub as a source. huggingface_hub's settings say where it is and whether to use it.

`hf_hub_download` begins anew after an interruption (as of huggingface_hub 2.4), so only the metadata are asked through it.
"""

import os
import queue
import re
import threading
from http import HTTPStatus
from pathlib import Path

import msgspec
from huggingface_hub import HfApi, constants, get_hf_file_metadata, get_token, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.hf_api import RepoFile

from interfix.models import store
from interfix.models.catalog import CatalogEntry
from interfix.models.pull.disk_room import check_disk_room
from interfix.models.pull.download import create_client, download
from interfix.models.pull.source_progress_and_errors import HUB, FetchedFile, PullProgress, SourceError

# Else the library first asks the hub for a list of programs to look for in the environment, and tells it which it found.
constants.HF_HUB_DISABLE_TELEMETRY = True


def fetch(entry: CatalogEntry, directory: Path, progress: PullProgress, address: str = "") -> FetchedFile:
    """Bring the entry's file into `directory`, going on where an earlier pull was.

    It comes from the hub at `address`; where that is empty, from HF_ENDPOINT or the hub itself. Raises `SourceError` where the
    hub cannot be reached within `_TIMEOUT_SECONDS` or does not have the very file.
    """
    remote_file = _query_hub(entry, address or os.environ.get("HF_ENDPOINT") or None)
    if entry.sha256 not in ("", remote_file.sha256):
        raise SourceError("has another version of the file")
    target = store.locate_partial(directory, entry, remote_file.sha256)
    total = remote_file.size or entry.bytes
    check_disk_room(entry, directory, total - (target.stat().st_size if target.exists() else 0))
    token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with create_client() as http:
        download(http, remote_file.url, target, remote_file.size, headers, lambda done: progress(HUB, done, total))
    return FetchedFile(target, remote_file.sha256)


class _HubFile(msgspec.Struct, frozen=True):
    url: str
    sha256: str
    """From the hub's metadata; empty where it does not tell."""
    size: int
    """Bytes; 0 where it does not tell."""


# Many networks swallow packets to the hub. The library's own time-out counts anew for every address of the name, so the whole
# question has a deadline of its own, in seconds.
_TIMEOUT_SECONDS = 6.0


def _query_hub(entry: CatalogEntry, endpoint: str | None) -> _HubFile:
    """The entry's file at the hub."""
    answers: queue.SimpleQueue[_HubFile | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(_find_file(entry, endpoint))
        except Exception as error:  # whatever the library's transport raises; sorted out below
            answers.put(error)

    # A daemon: where the network hangs, nobody waits for it, not even the end of the process.
    threading.Thread(target=ask, name="ask-hub", daemon=True).start()
    try:
        answer = answers.get(timeout=_TIMEOUT_SECONDS)
    except queue.Empty:
        raise SourceError(f"did not answer within {_TIMEOUT_SECONDS:.0f} s") from None
    if isinstance(answer, SourceError):
        raise answer
    if isinstance(answer, OfflineModeIsEnabled):
        raise SourceError("may not be asked (HF_HUB_OFFLINE is set)")
    if isinstance(answer, HfHubHTTPError):
        raise SourceError(f"answered {answer.response.status_code}")
    if isinstance(answer, Exception):
        raise SourceError(f"could not be reached ({type(answer).__name__})")
    if not re.fullmatch("[0-9a-f]{64}", answer.sha256):
        raise SourceError("does not tell the SHA-256 of the file")
    return answer


def _find_file(entry: CatalogEntry, endpoint: str | None) -> _HubFile:
    """The file by its name; where the repository has none of that name, the one with the entry's hash or quantisation."""
    try:
        url = hf_hub_url(entry.hub, entry.file, endpoint=endpoint)
        metadata = get_hf_file_metadata(url, timeout=5)
        return _HubFile(url, metadata.etag or "", metadata.size or 0)
    except HfHubHTTPError as error:
        if error.response.status_code != HTTPStatus.NOT_FOUND:
            raise
    listed = [file for file in HfApi(endpoint).list_repo_tree(entry.hub, recursive=True) if isinstance(file, RepoFile)]
    listed_file = _choose_file(entry, listed)
    url = hf_hub_url(entry.hub, listed_file.path, endpoint=endpoint)
    return _HubFile(url, listed_file.lfs.sha256 if listed_file.lfs else "", listed_file.size)


def _choose_file(entry: CatalogEntry, listed: list[RepoFile]) -> RepoFile:
    """Whole model files only: a part of a split one loads no more than the other parts do without it."""
    files = [file for file in listed if file.path.endswith(".gguf") and not re.search(r"-of-\d+\.gguf$|mmproj", file.path)]
    same = [file for file in files if entry.sha256 and file.lfs and file.lfs.sha256 == entry.sha256]
    quantised = re.compile(rf"(?<![a-z0-9]){re.escape(entry.quantisation)}(?![a-z0-9_])", re.IGNORECASE)
    fitting = same or sorted((file for file in files if quantised.search(file.path)), key=lambda file: len(file.path))
    if not fitting:
        raise SourceError(f"has no {entry.quantisation} file in {entry.hub}")
    return fitting[0]
