"""The real small model, and homes to run the real programs in."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from home import GEMMA, INTERFIX, SMOLLM, make_home, small_model
from interfix.models.catalog import entry
from interfix.models.pull import pull


@pytest.fixture(scope="session")
def models() -> dict[str, str]:
    """Settings that name the small model."""
    return small_model()


@pytest.fixture(scope="session")
def kinds(models: dict[str, str]) -> dict[str, Path]:
    """Two small files that can do one role or none, by name; pulled if they are not here, as the small model is."""
    directory = Path(models["INTERFIX_MODELS_DIRECTORY"])
    return {name: pull(entry(name), directory, lambda _source, _done, _total: None) for name in (GEMMA, SMOLLM)}


@pytest.fixture(scope="session")
def environment(models: dict[str, str]) -> Iterator[dict[str, str]]:
    """One home for all tests, so that they share an engine host; at the end nothing of it runs any more."""
    home, environment = make_home(models)
    yield environment
    subprocess.run([INTERFIX, "stop"], env=environment, check=True, capture_output=True)
    shutil.rmtree(home)


@pytest.fixture
def own_environment(models: dict[str, str]) -> Iterator[dict[str, str]]:
    """A home for one test, whose engine host leaves soon after its last client."""
    home, environment = make_home(models)
    yield {**environment, "INTERFIX_ENGINE_LINGER_SECONDS": "1"}
    shutil.rmtree(home)
