"""A server on the loopback interface that answers as a test tells it, and no state of this user's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from interfix.config import paths
from interfix.engine.remote import transport
from tests.unit.engine.remote.fake_http_server import FakeHttpServer


@pytest.fixture(autouse=True)
def isolated_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "state_dir", lambda: tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def instant_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once."""
    monkeypatch.setattr(transport, "RETRY_PAUSES", (0.0, 0.0))


@pytest.fixture
async def server() -> AsyncIterator[FakeHttpServer]:
    async with FakeHttpServer() as server:
        yield server
