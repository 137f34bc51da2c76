"""The real `interfix serve` with a client at its other end."""

from collections.abc import AsyncIterator

import pytest

from interfix.engine.client import HostEngine, create_local_engine
from tests.e2e.server_process import ServerProcess, start_server


@pytest.fixture
async def uninitialized_server(environment: dict[str, str]) -> AsyncIterator[ServerProcess]:
    """A server that has heard nothing yet."""
    server = await start_server(environment)
    yield server
    await server.stop()


@pytest.fixture
async def server(uninitialized_server: ServerProcess) -> ServerProcess:
    """A server that is initialized; the end of the test ends it."""
    await uninitialized_server.initialize()
    return uninitialized_server


@pytest.fixture
async def isolated_server(isolated_environment: dict[str, str]) -> AsyncIterator[ServerProcess]:
    """An initialized server in a home of its own."""
    server = await start_server(isolated_environment)
    await server.initialize()
    yield server
    await server.stop()


@pytest.fixture
async def engine(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HostEngine]:
    """The engine of a host of the user's."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with create_local_engine() as engine:
        yield engine
