"""What probes have shown of the model files on this machine, remembered until the file or Interfix changes. Runs no probe."""

from pathlib import Path

import msgspec

from interfix import __version__
from interfix.config import paths
from interfix.config.private_files import private_lock, write_private


class Outcome(msgspec.Struct, frozen=True):
    """How a model did in one role."""

    passed: bool
    """Whether it can do it."""
    says: str
    """What it did: a sentence."""


class Proof(msgspec.Struct, frozen=True):
    """What a probe has shown of one file."""

    infill: Outcome | None
    """Whether it fills holes and stays in them; None where its vocabulary has no tokens for it."""
    chat: Outcome | None
    """Whether it answers a turn and ends by itself; None where the file has no chat template."""
    tokens_per_second: float
    """How fast it wrote, after the prompt was read; 0 where it wrote nothing."""


def proof(path: Path) -> Proof | None:
    """What is known of the file as it stands; None where no probe of this version has looked at it."""
    found = _load().get(_key(path))
    return found.proof if found is not None and found.version == __version__ else None


def paces() -> list[float]:
    """For each file whose speed was measured here: bytes of weights that were gone through in a second."""
    sizes = ((int(key.rsplit("|", 2)[1]), found.proof.tokens_per_second) for key, found in _load().items())
    return [size * speed for size, speed in sizes if speed]


def remember(path: Path, shown: Proof) -> None:
    """Keep what a probe has shown."""
    with private_lock(Path(f"{_file()}.lock")):
        kept = {key: entry for key, entry in _load().items() if entry.version == __version__}
        write_private(_file(), msgspec.json.encode({**kept, _key(path): _Entry(__version__, shown)}))


class _Entry(msgspec.Struct, frozen=True):
    version: str
    proof: Proof


def _key(path: Path) -> str:
    """Tells a file from any other and from what it was before."""
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{path.name}|{status.st_size}|{status.st_mtime_ns}"


def _file() -> Path:
    return paths.state_dir() / "proofs.json"


def _load() -> dict[str, _Entry]:
    try:
        return msgspec.json.decode(_file().read_bytes(), type=dict[str, _Entry])
    except (OSError, msgspec.MsgspecError):
        return {}
