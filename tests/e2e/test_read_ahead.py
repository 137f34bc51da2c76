"""A real server has a real host read what is opened; the model has random weights, for nothing is asked of it."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from interfix.bench.headless_client import open_editor
from interfix.engine.client import find_running_engine, stop_hosts
from tests.unit.engine.architectures import MODELS

TEXT = "".join(f"value_{i} = compute({i})\n" for i in range(60))
SECONDS = 120


@pytest.fixture
async def environment(
    isolated_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[dict[str, str]]:
    model = str(MODELS["qwen2"](tmp_path / "tiny.gguf"))
    models = {"INTERFIX_MODELS_BASE": model, "INTERFIX_MODELS_INSTRUCT": model, "INTERFIX_MODELS_OVERRIDE_ROLES": "true"}
    for name, value in {**isolated_environment, **models, "INTERFIX_ENGINE_TUNE": "false"}.items():
        monkeypatch.setenv(name, value)
    yield dict(os.environ)
    await stop_hosts()


async def list_loaded_roles() -> tuple[str, ...]:
    """The roles that have a cache in the host now; none where no host runs."""
    if (engine := await find_running_engine()) is None:
        return ()
    async with engine:
        return tuple(role for model in (await engine.status()).models for role in model.roles)


async def test_a_file_that_is_opened_is_read_before_anybody_asks(environment: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    async with (
        open_editor(folder, environment) as editor,
        editor.open_document((folder / "code.py").as_uri(), "python", TEXT),
        asyncio.timeout(SECONDS),
    ):
        while await list_loaded_roles() != ("base",):  # noqa: ASYNC110 the host is another process
            await asyncio.sleep(0.1)
