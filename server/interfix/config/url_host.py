"""Addresses as people write them in settings, which may be anything."""

from urllib.parse import urlsplit


def parse_host(address: str) -> str:
    """The host of an address; empty where it has none, or is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
