"""The real small model, homes to run the real programs in, and the markers of slow tests."""

import gc
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.effort import FAST_VARIABLE, is_fast, scale_examples

GC_THRESHOLD = 50_000
"""So many objects are made before Python looks for garbage; by itself it does so after 700."""
FOLDER_MARKERS = {"tests/e2e": "model", "tests/editors": "editor", "tests/unit/bench": "bench"}
"""The marker of all tests in a folder."""


def pytest_configure(config: pytest.Config) -> None:
    """Before any test module is imported: keep compiled code, and say how hard property tests try."""
    if sys.dont_write_bytecode:  # common in containers: each of some hundred processes would compile all it imports
        cache = config.rootpath / ".pytest_cache" / "pycache"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(cache)
        sys.dont_write_bytecode = False
    if "not slow" in (config.option.markexpr or ""):
        os.environ[FAST_VARIABLE] = "1"
    if not config.getoption("numprocesses", None):  # with -n, only the workers run tests
        load_hypothesis_profile()


def load_hypothesis_profile() -> None:
    """No test is judged by the clock, and each tries as many examples as the suite wants."""
    import hypothesis  # here: it takes a second to compile where nothing compiled was kept yet

    untimed = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
    hypothesis.settings.register_profile("untimed", untimed, max_examples=scale_examples(untimed.max_examples))
    hypothesis.settings.load_profile("untimed")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing that is collected is garbage, and little is later: looking for it took a tenth of the fast suite."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD)
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Neighbours run in one process, so that what several tests of a file share is made once; who has no more takes of the rest."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """In the fast suite, do not even read the folders of which every test is slow."""
    return (is_fast() and any(collection_path == config.rootpath / folder for folder in FOLDER_MARKERS)) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the markers that follow from a test's folder and fixtures; each of them is `slow`, too."""
    for item in items:
        for folder, marker in FOLDER_MARKERS.items():
            if item.path.is_relative_to(config.rootpath / folder):
                item.add_marker(marker)
        if "model_settings" in getattr(item, "fixturenames", ()):
            item.add_marker("model")
        if any(item.get_closest_marker(marker) for marker in ("model", "editor", "bench")):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def model_settings() -> dict[str, str]:
    """Settings that name the small model."""
    from tests.isolated_home import small_model_settings  # here, as below: the fast suite wants no home

    return small_model_settings()


@pytest.fixture(scope="session")
def single_role_files(model_settings: dict[str, str]) -> dict[str, Path]:
    """Two small files that can do one role or none, by name; pulled if they are not here, as the small model is."""
    from interfix.models.catalog import find_entry
    from interfix.models.pull import pull
    from tests.isolated_home import GEMMA, SMOLLM

    directory = Path(model_settings["INTERFIX_MODELS_DIRECTORY"])
    return {name: pull(find_entry(name), directory, lambda _source, _done, _total: None) for name in (GEMMA, SMOLLM)}


@pytest.fixture(scope="session")
def environment(model_settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """One home for all tests, so that they share an engine host; at the end nothing of it runs any more."""
    from tests.isolated_home import open_home

    with open_home(model_settings) as environment:
        yield environment


@pytest.fixture
def isolated_environment(model_settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """A home for one test, whose engine host leaves soon after its last client."""
    from tests.isolated_home import make_home

    home, environment = make_home(model_settings)
    yield {**environment, "INTERFIX_ENGINE_LINGER_SECONDS": "1"}
    shutil.rmtree(home)
