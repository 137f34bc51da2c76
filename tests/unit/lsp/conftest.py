"""A server on a scripted engine, with an editor at its other end and nothing of this user's own settings."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from fake_editor import FakeEditor
from fake_gated_engine import FAKE_MODELS, FakeGatedEngine

from interfix.config import paths
from interfix.config import settings_loader as loading
from interfix.config.settings import BackendSettings, ModelSettings
from interfix.lsp import model_provider, session
from interfix.models.model_selection import ModelSelection
from interfix.values import Role


@pytest.fixture(autouse=True)
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setattr(loading, "config_file", lambda: path)
    monkeypatch.setattr(session, "config_file", lambda: path)
    monkeypatch.setattr(session, "fits", dict)
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

    monkeypatch.setattr(model_provider, "chosen", chosen)


@pytest.fixture
def engine() -> FakeGatedEngine:
    return FakeGatedEngine()


@pytest.fixture
async def editor(engine: FakeGatedEngine) -> AsyncIterator[FakeEditor]:
    editor = FakeEditor(engine)
    yield editor
    await editor.close()
