"""Where a server is: its address as configured, checked, and whether code leaves this machine on the way there."""

import ipaddress

import httpx
import msgspec

from interfix.config.settings import BackendSettings
from interfix.errors import UsageError
from interfix.inference_types import Role

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
    has_token: bool = False
    """Whether a token goes with each request."""

    @property
    def is_remote(self) -> bool:
        """Whether code leaves this machine."""
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"

    @property
    def exposes_token(self) -> bool:
        """Whether the token travels to another machine in plain text."""
        return self.has_token and self.is_remote and self.url.startswith("http:")

    @property
    def exposure(self) -> str:
        """A warning of that; empty where there is nothing to warn of."""
        if not self.exposes_token:
            return ""
        remedy = f"set {self.role.settings_group}.url to https"
        return f"The token for {self.role} goes to {self.host} unencrypted, for all on the way to read; {remedy}."

    @property
    def display_name(self) -> str:
        """What to call it at the beginning of a sentence."""
        return f"The server for {self.role} ({self.engine} at {self.host})"


def resolve_endpoint(role: Role, role_backend: BackendSettings) -> Endpoint:
    """The server of a role. Raises `UsageError` where the address is none, or holds a secret."""
    group = role.settings_group
    try:
        url = httpx.URL(role_backend.url or DEFAULT_URLS[role_backend.engine])
        host, port = url.host, url.port
    except (httpx.InvalidURL, ValueError):
        raise UsageError(f"{group}.url is no address; write it as https://HOST:PORT.") from None
    if port is not None and not 0 < port < 65536:
        raise UsageError(f"{group}.url has the port {port}, and there are 1 to 65535; write it as https://HOST:PORT.")
    if url.scheme not in ("http", "https") or not host:
        raise UsageError(f"{group}.url is no address of a server; write it as https://HOST:PORT.")
    if url.userinfo or url.query:
        raise UsageError(f"{group}.url holds more than an address; a token belongs into {group}.token, as env:NAME.")
    return Endpoint(role, role_backend.engine, str(url).rstrip("/"), host, bool(role_backend.token))
