"""Who may ask at all: looked at before a body is read.

Every program of the machine reaches a loopback port, a page in a browser too. A page cannot hide its `Origin`, and one whose name
was made to point at this machine (DNS rebinding) sends that name as `Host`.
"""

import hmac
import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from interfix.http_api.errors import HttpError
from interfix.http_api.replies import send_error

OPEN_PATHS = frozenset({"/health", "/v1/health"})
"""What is told without a token, as llama-server tells it."""


class AccessCheck:
    """Turns away, with a sentence, whoever may not ask."""

    def __init__(self, app: ASGIApp, token: str, origins: Iterable[str], *, any_host: bool) -> None:
        """`origins` are the pages that may ask. `any_host`: this machine may be called by any name, since the token is asked
        for."""
        self._app = app
        self._token = token
        self._origins = frozenset(origins)
        self._any_host = any_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := self._find_refusal(scope)) is not None:
            await send_error(send, refusal)
            return
        await self._app(scope, receive, send)

    def _find_refusal(self, scope: Scope) -> HttpError | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not (self._any_host or is_loopback_name(strip_port(hosts[0]))):
            return HttpError(403, "This server answers to 127.0.0.1, [::1] and localhost only; address it by one of these.")
        origin = headers.get("origin")
        if origin is not None and origin not in self._origins:
            return HttpError(403, "Pages may not use this server. List this one's origin in http.origins if it is yours.")
        if origin is None and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return HttpError(403, "Pages may not use this server.")
        if self._token and scope["path"] not in OPEN_PATHS and not self._has_token(headers):
            return HttpError(401, "This server asks for a token: send it as `Authorization: Bearer TOKEN`.")
        return None

    def _has_token(self, headers: Headers) -> bool:
        kind, _, sent = headers.get("authorization", "").partition(" ")
        given = sent.strip() if kind.lower() == "bearer" else headers.get("x-api-key", "")
        return hmac.compare_digest(given.encode(), self._token.encode())


def strip_port(host: str) -> str:
    """The name or address of a `Host` header."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def is_loopback_name(name: str) -> bool:
    """Whether a name or an address can only be this machine."""
    if name.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
