"""The HTTP server in this process, over an engine that computes nothing, and a client at its other end."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from starlette.types import ASGIApp

from interfix.config.settings import Settings
from interfix.http_api.api_services import ApiServices
from interfix.http_api.app import create_app
from interfix.http_api.served_models import ServedModels
from interfix.http_api.server import build_server, open_socket
from interfix.models.model_selection import ModelSelection
from tests.fake_engine import FAKE_MODELS, FakeEngine

NO_MODELS_FOLDER = Path("/nonexistent/models")


def make_settings(**groups: dict[str, Any]) -> Settings:
    """Settings with these groups of values, and no installed models."""
    return msgspec.convert({"models": {"directory": str(NO_MODELS_FOLDER)}, **groups}, Settings)


def make_app(
    engine: FakeEngine,
    selection: ModelSelection = FAKE_MODELS,
    settings: Settings | None = None,
    *,
    token: str = "",
    any_host: bool = False,
) -> ASGIApp:
    """The application over an engine."""
    settings = settings or make_settings()
    services = ApiServices(engine, settings, ServedModels(settings, selection))
    return create_app(services, token=token, origins=settings.http.origins, any_host=any_host)


def make_client(app: ASGIApp, **headers: str) -> httpx.AsyncClient:
    """A client of an application, without a socket."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8012", headers=headers)


def make_socket_client(base_url: str = "") -> httpx.AsyncClient:
    """A client over sockets. It reads no certificates: that would take longer than most requests."""
    return httpx.AsyncClient(base_url=base_url, timeout=60, verify=False)


@asynccontextmanager
async def listen(app: ASGIApp) -> AsyncIterator[int]:
    """The application on a real port, which is given."""
    listening = open_socket("127.0.0.1", 0, has_token=False)
    server = build_server(app)
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[listening])  # its own loop and shutdown wait a tenth of a second each, and for every client
    try:
        yield listening.getsockname()[1]
    finally:
        for each in server.servers:
            each.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        listening.close()


async def open_connection(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A bare connection to a port of this machine."""
    return await asyncio.open_connection("127.0.0.1", port, family=socket.AF_INET)
