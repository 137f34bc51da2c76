"""Which models stay in memory, and for how long."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interfix.config.settings import EngineSettings
from interfix.engine.llama_runtime import AbortFlag
from interfix.engine.model_pool import ModelPool
from interfix.inference_types import Role
from tests.gguf_fixtures import write_model


class UntunedMachine:
    """A machine on which every weight layout works and nothing was tuned."""

    def check_extra_buffers(self, _model: str) -> bool:
        return True

    def find(self, _path: str) -> None:
        return None


@pytest.fixture
def residents() -> Iterator[ModelPool]:
    residents = ModelPool(EngineSettings(context_tokens=512), UntunedMachine(), UntunedMachine(), AbortFlag())  # type: ignore[arg-type]
    yield residents
    residents.close()


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    return [str(write_model(tmp_path / f"{i}.gguf")) for i in range(3)]


def load_model(residents: ModelPool, path: str) -> None:
    with residents.acquire(Path(path).stem, path, Role.BASE):
        pass


def list_loaded_paths(residents: ModelPool) -> list[str]:
    return [model.path for model in residents.status()]


def test_the_model_used_longest_ago_makes_room(residents: ModelPool, files: list[str]) -> None:
    for path in files:
        load_model(residents, path)
    assert list_loaded_paths(residents) == files[1:]


def test_a_model_that_upkeep_works_on_stays(residents: ModelPool, files: list[str]) -> None:
    load_model(residents, files[0])
    with residents.keep(files[0], Role.BASE) as held:
        assert held is not None
        for path in files[1:]:
            load_model(residents, path)
        residents.unload_idle(0)
        assert list_loaded_paths(residents) == files[:1]
    residents.unload_idle(0)
    assert list_loaded_paths(residents) == []


def test_upkeep_loads_no_model(residents: ModelPool, files: list[str]) -> None:
    with residents.keep(files[0], Role.BASE) as held:
        assert held is None
    assert list_loaded_paths(residents) == []
