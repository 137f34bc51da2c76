"""Whether a disk has room for a model file."""

import shutil
from pathlib import Path

from interfix.errors import UnavailableError
from interfix.models.catalog import CatalogEntry

_RESERVED_BYTES = 64 << 20


def check_disk_room(entry: CatalogEntry, directory: Path, needed: int) -> None:
    """Raise `UnavailableError` at once for what the disk has no room for; `needed` is in bytes."""
    free = shutil.disk_usage(directory).free
    if needed + _RESERVED_BYTES > free:
        raise UnavailableError(
            f"{entry.name} needs {needed / 1e9:.1f} GB more in {directory}, where {free / 1e9:.1f} GB are free. "
            "Make room, or set models.directory to a folder on another disk."
        )
