"""What probes have shown of the model files on this machine, remembered until the file or Interfix changes."""

from pathlib import Path

import msgspec

from interfix import __version__
from interfix.models.probe_store import ProbeStore


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
    return _open_store().find(_make_key(path))


def list_read_speeds() -> list[float]:
    """For each file whose speed was measured here: bytes of weights that were gone through in a second."""
    sizes = ((int(key.rsplit("|", 2)[1]), result.tokens_per_second) for key, result in _open_store().list_outcomes().items() if key)
    return [size * speed for size, speed in sizes if speed]


def remember_result(path: Path, result: ProbeResult) -> None:
    """Keep what a probe has shown."""
    _open_store().remember(_make_key(path), result)


def _open_store() -> ProbeStore[ProbeResult]:
    return ProbeStore("proofs", ProbeResult, __version__)


def _make_key(path: Path) -> str:
    """Tells a file from any other and from what it was before."""
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{path.name}|{status.st_size}|{status.st_mtime_ns}"
