"""What probes have shown of the model files on this machine, remembered until the file or Interfix changes."""

from pathlib import Path

import msgspec

from interfix import __version__
from interfix.config import paths
from interfix.config.private_files import create_lock, write_private_file


class RoleOutcome(msgspec.Struct, frozen=True):
    """How a model did in one role."""

    passed: bool
    """Whether it can do it."""
    says: str
    """What it did: a sentence."""


class ProbeResult(msgspec.Struct, frozen=True):
    """What a probe has shown of one file."""

    infill: RoleOutcome | None
    """Whether it fills holes and stays in them; None where its vocabulary has no tokens for it."""
    chat: RoleOutcome | None
    """Whether it answers a turn and ends by itself; None where the file has no chat template."""
    tokens_per_second: float
    """How fast it wrote, after the prompt was read; 0 where it wrote nothing."""


def find_result(path: Path) -> ProbeResult | None:
    """What is known of the file as it stands; None where no probe of this version has looked at it."""
    found = _read_results().get(_make_key(path))
    return found.proof if found is not None and found.version == __version__ else None


def list_read_speeds() -> list[float]:
    """For each file whose speed was measured here: bytes of weights that were gone through in a second."""
    sizes = ((int(key.rsplit("|", 2)[1]), found.proof.tokens_per_second) for key, found in _read_results().items())
    return [size * speed for size, speed in sizes if speed]


def remember_result(path: Path, result: ProbeResult) -> None:
    """Keep what a probe has shown."""
    with create_lock(Path(f"{_locate_file()}.lock")):
        kept = {key: entry for key, entry in _read_results().items() if entry.version == __version__}
        write_private_file(_locate_file(), msgspec.json.encode({**kept, _make_key(path): _Entry(__version__, result)}))


class _Entry(msgspec.Struct, frozen=True):
    version: str
    proof: ProbeResult


def _make_key(path: Path) -> str:
    """Tells a file from any other and from what it was before."""
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{path.name}|{status.st_size}|{status.st_mtime_ns}"


def _locate_file() -> Path:
    return paths.state_dir() / "proofs.json"


def _read_results() -> dict[str, _Entry]:
    try:
        return msgspec.json.decode(_locate_file().read_bytes(), type=dict[str, _Entry])
    except (OSError, msgspec.MsgspecError):
        return {}
