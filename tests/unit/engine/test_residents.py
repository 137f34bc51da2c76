"""Which models stay in memory, and for how long."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interfix.config.settings import EngineSettings
from interfix.engine.residents import Residents
from interfix.engine.runtime import Abort
from interfix.values import Role
from written import write_model


class Anything:
    """A machine on which every weight layout works and nothing was tuned."""

    def extra_buffers_work(self, _model: str) -> bool:
        return True

    def find(self, _path: str) -> None:
        return None


@pytest.fixture
def residents() -> Iterator[Residents]:
    residents = Residents(EngineSettings(context_tokens=512), Anything(), Anything(), Abort())  # type: ignore[arg-type]
    yield residents
    residents.close()


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    return [str(write_model(tmp_path / f"{i}.gguf")) for i in range(3)]


def load(residents: Residents, path: str) -> None:
    with residents.lend(Path(path).stem, path, Role.BASE):
        pass


def in_memory(residents: Residents) -> list[str]:
    return [model.path for model in residents.status()]


def test_the_model_used_longest_ago_makes_room(residents: Residents, files: list[str]) -> None:
    for path in files:
        load(residents, path)
    assert in_memory(residents) == files[1:]


def test_a_model_that_upkeep_works_on_stays(residents: Residents, files: list[str]) -> None:
    load(residents, files[0])
    with residents.keep(files[0], Role.BASE) as held:
        assert held is not None
        for path in files[1:]:
            load(residents, path)
        residents.unload(0)
        assert in_memory(residents) == files[:1]
    residents.unload(0)
    assert in_memory(residents) == []


def test_upkeep_loads_no_model(residents: Residents, files: list[str]) -> None:
    with residents.keep(files[0], Role.BASE) as held:
        assert held is None
    assert in_memory(residents) == []
