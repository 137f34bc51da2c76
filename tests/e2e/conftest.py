"""The real `interfix serve` with a client at its other end."""

from collections.abc import AsyncIterator

import pytest
from served import Server, started


@pytest.fixture
async def fresh(environment: dict[str, str]) -> AsyncIterator[Server]:
    """A server that has heard nothing yet."""
    server = await started(environment)
    yield server
    await server.stop()


@pytest.fixture
async def server(fresh: Server) -> Server:
    """A server that is initialized; the end of the test ends it."""
    await fresh.initialize()
    return fresh


@pytest.fixture
async def passing(own_environment: dict[str, str]) -> AsyncIterator[Server]:
    """An initialized server in a home of its own."""
    server = await started(own_environment)
    await server.initialize()
    yield server
    await server.stop()
