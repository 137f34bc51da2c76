"""The messages between an index and its worker: one JSON value a line."""

import msgspec


class RefreshOrder(msgspec.Struct, frozen=True, omit_defaults=True):
    """From the index to its worker."""

    paths: tuple[str, ...] = ()
    """Files and folders to look at again, absolute; none: look at everything again, the database's own health included."""


class IndexStatus(msgspec.Struct, frozen=True):
    """From the worker: how far it is."""

    ready: bool = False
    """Every file was read once, in this session or an earlier one."""
    current: bool = False
    """The worker has looked at the whole folder since its start, or another has that keeps the index."""
    files: int = 0
    """Files in the index."""
    pending: int = 0
    """Files that wait to be read."""
    cpu_seconds: float = 0.0
    """Processor time of the worker so far."""
    memory_bytes: int = 0
    """Resident memory of the worker."""
