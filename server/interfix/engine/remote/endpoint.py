"""Where a server is: its address as configured, checked, and whether code leaves this machine on the way there. Reaches nothing."""

import ipaddress

import httpx
import msgspec

from interfix.config.settings import BackendSettings
from interfix.errors import UsageError
from interfix.values import Role

DEFAULT_URLS = {"openai": "http://127.0.0.1:8000", "llama-server": "http://127.0.0.1:8080", "ollama": "http://127.0.0.1:11434"}
"""Where each kind of server listens on this machine if nothing else is said."""


class Endpoint(msgspec.Struct, frozen=True):
    """One configured server."""

    role: Role
    """The role it serves."""
    engine: str
    """Its kind, as in the settings."""
    url: str
    """Its address, without a slash at the end."""
    host: str
    """Its host's name: all that is shown of the address."""

    @property
    def is_remote(self) -> bool:
        """Whether code leaves this machine."""
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"

    @property
    def display_name(self) -> str:
        """What to call it at the beginning of a sentence."""
        return f"The server for {self.role} ({self.engine} at {self.host})"


def resolve_endpoint(role: Role, role_backend: BackendSettings) -> Endpoint:
    """The server of a role. Raises `BadUsage` where the address is none, or holds a secret."""
    try:
        url = httpx.URL(role_backend.url or DEFAULT_URLS[role_backend.engine])
    except httpx.InvalidURL as error:
        raise UsageError(f"{role}.url is no address ({error}); write it as https://HOST:PORT.") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise UsageError(f"{role}.url is no address of a server; write it as https://HOST:PORT.")
    if url.userinfo or url.query:
        raise UsageError(f"{role}.url holds more than an address; a token belongs into {role}.token, as env:NAME.")
    return Endpoint(role, role_backend.engine, str(url).rstrip("/"), url.host)
