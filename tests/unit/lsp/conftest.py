"""A server on a scripted engine, with an editor at its other end and nothing of this user's own settings."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from scripted_editor import Editor
from scripted_engine import MODELS, ScriptedEngine

from interfix.config import load as loading
from interfix.config import paths
from interfix.config.settings import Models, Serving
from interfix.lsp import session, supply
from interfix.models.choose import Chosen
from interfix.values import Role


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
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
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen(_settings: Models, _serving: Mapping[Role, Serving]) -> Chosen:
        return MODELS

    monkeypatch.setattr(supply, "chosen", chosen)


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
async def editor(engine: ScriptedEngine) -> AsyncIterator[Editor]:
    editor = Editor(engine)
    yield editor
    await editor.leave()
