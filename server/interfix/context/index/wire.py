"""What an index and its worker say to each other: one JSON value a line. Knows neither side."""

import msgspec


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """From the index to its worker."""

    paths: tuple[str, ...] = ()
    """Files and folders to look at again, absolute; none: look at everything again, the database's own health included."""


class Status(msgspec.Struct, frozen=True):
    """From the worker: how far it is."""

    ready: bool = False
    """Every file has been looked at once since the worker's start, by it or by another server's worker."""
    files: int = 0
    """Files in the index."""
    pending: int = 0
    """Files that wait to be read."""
