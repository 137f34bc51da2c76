"""A server on the loopback interface that answers as a test tells it, and no state of this user's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from loopback import Loopback

from interfix.config import paths
from interfix.engine.remote import transport


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "state_dir", lambda: tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once."""
    monkeypatch.setattr(transport, "RETRIES", (0.0, 0.0))


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as server:
        yield server
