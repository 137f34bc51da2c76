"""Listens for HTTP and serves until the process is told to end. TLS is for a proxy in front of it."""

import asyncio
import contextlib
import ipaddress
import socket
from functools import partial

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from interfix.config.log_files import log_to_file
from interfix.config.settings import Settings
from interfix.engine.remote.credentials import read_token
from interfix.engine.remote.router import EngineRouter
from interfix.errors import UsageError
from interfix.http_api.api_services import ApiServices
from interfix.http_api.app import create_app
from interfix.output.console_output import write_message

HEAD_SECONDS = 10.0
"""How long a connection may take to send the head of its first request, s."""
IDLE_SECONDS = 60.0
"""How long it may take to send that of the next, s."""
MAX_CONNECTIONS = 256
"""Connections at once; one more is closed."""
MAX_HEAD_BYTES = 32_768
"""Bytes of a request's head at most."""
STOP_SECONDS = 2
"""How long answers under way may still take when the server ends, s."""


def serve_http(host: str, port: int, settings: Settings) -> None:
    """Serve until the process is told to end.

    Raises `UsageError` for an address that cannot be listened on, or that other machines reach while no token is set.
    """
    token = read_token(settings.http.token, "http.token")
    listening = open_socket(host, port, has_token=bool(token))
    log_to_file("http", settings.logs.level)
    shown_host, shown_port = listening.getsockname()[:2]
    url_host = f"[{shown_host}]" if ":" in shown_host else shown_host
    write_message(f"listening on http://{url_host}:{shown_port}", error=True)
    any_host = bool(token) and not is_loopback(shown_host)
    with contextlib.suppress(KeyboardInterrupt), listening:
        asyncio.run(_serve(listening, settings, token, any_host=any_host))


def open_socket(host: str, port: int, *, has_token: bool) -> socket.socket:
    """A listening socket. Raises `UsageError` where there can be none, or may be none without a token."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        if not has_token and not is_loopback(str(address[0])):
            raise UsageError(
                f"{host} can be reached from other machines. Set http.token to where a token is kept, such as env:INTERFIX_TOKEN, "
                "and put a proxy with TLS in front; or listen on 127.0.0.1."
            )
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise UsageError(f"Cannot listen on {host}:{port}: {error.strerror or error}. Choose another port.") from error


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


async def _serve(listening: socket.socket, settings: Settings, token: str, *, any_host: bool) -> None:
    async with EngineRouter(settings) as engine:
        app = create_app(ApiServices(engine, settings), token=token, origins=settings.http.origins, any_host=any_host)
        await build_server(app).serve(sockets=[listening])


def build_server(app: ASGIApp) -> uvicorn.Server:
    """The server of an application. It logs nothing of what arrives, and says nothing of itself."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
            timeout_keep_alive=int(IDLE_SECONDS),
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


class BoundedProtocol(H11Protocol):
    """A connection that has to send a request in time, and is one of not too many: uvicorn waits for the rest of a head for
    ever."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
        else:
            self._expect_head(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop_timer()

    def on_response_complete(self) -> None:
        self._expect_head(IDLE_SECONDS)
        super().on_response_complete()

    def _expect_head(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, partial(self._close_late))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close_late(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
