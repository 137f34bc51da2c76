"""The Hugging Face hub as a source. Where it is and whether to ask it at all is huggingface_hub's to say.

`hf_hub_download` begins anew after an interruption (as of huggingface_hub 2.4), so only the metadata are asked through it.
"""

import os
import queue
import re
import threading
from pathlib import Path

from huggingface_hub import constants, get_hf_file_metadata, get_token, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

from interfix.models import store
from interfix.models.catalog import Entry
from interfix.models.pull.download import client, download
from interfix.models.pull.source import HUB, Fetched, MissedError, Progress, make_sure_of_room

# Else the library first asks the hub for a list of programs to look for in the environment, and tells it which it found.
constants.HF_HUB_DISABLE_TELEMETRY = True


def fetch(entry: Entry, directory: Path, progress: Progress) -> Fetched:
    """Bring the entry's file into `directory`, going on where an earlier pull was.

    Raises `MissedError` where the hub cannot be reached within `_PATIENCE` seconds or does not have the very file.
    """
    url = hf_hub_url(entry.hub, entry.file, endpoint=os.environ.get("HF_ENDPOINT") or None)
    sha256, size = _ask(url)
    if entry.sha256 not in ("", sha256):
        raise MissedError("has another version of the file")
    target = store.partial(directory, entry, sha256)
    total = size or entry.bytes
    make_sure_of_room(entry, directory, total - (target.stat().st_size if target.exists() else 0))
    token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with client() as http:
        download(http, url, target, size, headers, lambda done: progress(HUB, done, total))
    return Fetched(target, sha256)


# Many networks swallow packets to the hub. The library's own time-out counts anew for every address of the name, so the whole
# question has a deadline of its own, in seconds.
_PATIENCE = 6.0


def _ask(url: str) -> tuple[str, int]:
    """SHA-256 and size (0: not told) of the file at `url`."""
    answers: queue.SimpleQueue[tuple[str | None, int | None] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            metadata = get_hf_file_metadata(url, timeout=5)
            answers.put((metadata.etag, metadata.size))
        except Exception as error:  # whatever the library's transport raises; sorted out below
            answers.put(error)

    # A daemon: where the network hangs, nobody waits for it, not even the end of the process.
    threading.Thread(target=ask, name="ask-hub", daemon=True).start()
    try:
        answer = answers.get(timeout=_PATIENCE)
    except queue.Empty:
        raise MissedError(f"did not answer within {_PATIENCE:.0f} s") from None
    if isinstance(answer, OfflineModeIsEnabled):
        raise MissedError("may not be asked (HF_HUB_OFFLINE is set)")
    if isinstance(answer, HfHubHTTPError):
        raise MissedError(f"answered {answer.response.status_code}")
    if isinstance(answer, Exception):
        raise MissedError(f"could not be reached ({type(answer).__name__})")
    sha256, size = answer
    if sha256 is None or not re.fullmatch("[0-9a-f]{64}", sha256):
        raise MissedError("does not tell the SHA-256 of the file")
    return sha256, size or 0
