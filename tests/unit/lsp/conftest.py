"""A server on a fake engine, with an editor at its other end and nothing of this user's own settings."""

from collections.abc import AsyncIterator, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from interfix.config import paths
from interfix.config import settings_loader as loading
from interfix.config.settings import BackendSettings, ModelSettings
from interfix.inference_types import Role
from interfix.lsp import jsonrpc, model_choice_and_pull, session
from interfix.models.model_selection import ModelSelection
from tests.fake_engine import FAKE_MODELS, FakeEngine
from tests.unit.lsp.fake_editor import FakeEditor


@pytest.fixture(scope="session", autouse=True)
def shared_converter() -> Iterator[None]:
    """One converter for all servers: making its hooks takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonrpc, "default_converter", cache(jsonrpc.default_converter))
        yield


@pytest.fixture(autouse=True)
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setattr(loading, "config_file", lambda: path)
    monkeypatch.setattr(session, "config_file", lambda: path)
    monkeypatch.setattr(session, "load_calibrations", dict)
    monkeypatch.setenv("INTERFIX_STATISTICS_FILE", str(tmp_path / "counts"))
    monkeypatch.setattr(paths, "config_file", lambda: path)
    for section in ("MODELS_BASE", "MODELS_INSTRUCT", "MODELS_DIRECTORY"):
        monkeypatch.delenv(f"INTERFIX_{section}", raising=False)
    monkeypatch.setenv("INTERFIX_CONTEXT_INDEX", "false")
    return path


@pytest.fixture(autouse=True)
def fake_models(monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen(_settings: ModelSettings, _serving: Mapping[Role, BackendSettings]) -> ModelSelection:
        return FAKE_MODELS

    monkeypatch.setattr(model_choice_and_pull, "select_models", chosen)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine("1 + 2\n", logprob=-0.01, piece_length=1)


@pytest.fixture
async def editor(engine: FakeEngine) -> AsyncIterator[FakeEditor]:
    editor = FakeEditor(engine)
    yield editor
    await editor.close()
