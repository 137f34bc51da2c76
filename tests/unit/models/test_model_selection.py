"""Which model serves which role: what the user says, else what suits the machine and can be had."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from interfix.config.settings import ModelSettings
from interfix.errors import UnavailableError, UsageError
from interfix.inference_types import Role
from interfix.models import catalog, model_selection, role_probe_store
from interfix.models.catalog import CatalogEntry
from interfix.models.model_selection import pull_and_select_models, select_models
from interfix.models.pull import PullProgress
from interfix.models.role_probe_store import ProbeResult, RoleOutcome
from interfix.models.speed_measurements import MeasuredSpeed, remember_speed
from tests.unit.models.file_server import FileServer
from tests.unit.models.model_files import BASE_METADATA, INSTRUCT_METADATA, build_entry, build_gguf

FILES = {
    "qwen2.5-coder-1.5b": build_gguf(BASE_METADATA, weights=24_000),
    "qwen2.5-coder-1.5b-instruct": build_gguf(INSTRUCT_METADATA, weights=20_000),
    "qwen2.5-coder-0.5b": build_gguf({**BASE_METADATA, "general.size_label": "0.5B"}, weights=16_000),
    "qwen2.5-coder-0.5b-instruct": build_gguf({**INSTRUCT_METADATA, "general.size_label": "0.5B"}, weights=12_000),
}

MachineFactory = Callable[[float], None]


@pytest.fixture(autouse=True)
def small_catalog(monkeypatch: pytest.MonkeyPatch) -> dict[str, CatalogEntry]:
    """The real catalog with small files; the base weights have neither a known hash nor pieces, as in the real one."""
    known = {
        entry.name: build_entry(entry.name, FILES[entry.name], entry) for entry in catalog.list_entries() if entry.name in FILES
    }
    for name in ("qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b"):
        known[name] = msgspec.structs.replace(known[name], sha256="", pieces=None)
    monkeypatch.setattr(catalog, "_load_catalog", lambda: tuple(known.values()))
    return known


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> MachineFactory:
    """Says how many GB of memory the machine has."""
    return lambda gb: monkeypatch.setattr(model_selection.psutil, "virtual_memory", lambda: SimpleNamespace(total=int(gb * 1e9)))


@pytest.fixture
def settings(tmp_path: Path, machine: MachineFactory) -> ModelSettings:
    """Nothing configured but a folder, on a machine with 24 GB."""
    machine(24)
    return ModelSettings(directory=str(tmp_path))


@pytest.fixture
def full_hub(hub: FileServer, small_catalog: dict[str, CatalogEntry]) -> FileServer:
    """A hub that has it all."""
    for entry in small_catalog.values():
        hub.add_to_hub(entry.hub, entry.file, FILES[entry.name])
    return hub


@pytest.fixture
def full_index(index: FileServer, small_catalog: dict[str, CatalogEntry]) -> FileServer:
    """An index that has all there are pieces of."""
    for entry in small_catalog.values():
        if entry.pieces is not None:
            index.add_to_index(entry, FILES[entry.name])
    return index


def write_file(directory: str, *names: str) -> None:
    for name in names:
        (Path(directory) / catalog.find_entry(name).file).write_bytes(FILES[name])


def model_names(choice: model_selection.ModelSelection) -> tuple[str | None, str | None]:
    return (choice.base.name if choice.base else None, choice.instruct.name if choice.instruct else None)


def test_nothing_here_says_what_to_do(settings: ModelSettings) -> None:
    choice = select_models(settings)
    assert model_names(choice) == (None, None)
    assert choice.why == "No model is here yet: `interfix models pull` gets one."


def test_with_the_hub_each_role_gets_its_own_weights(settings: ModelSettings, full_hub: FileServer, progress: PullProgress) -> None:
    choice = pull_and_select_models(settings, progress)
    assert model_names(choice) == ("qwen2.5-coder-1.5b", "qwen2.5-coder-1.5b-instruct")
    assert choice.why == (
        "qwen2.5-coder-1.5b completes: this machine has 24 GB of memory. "
        "qwen2.5-coder-1.5b-instruct explains and edits: this machine has 24 GB of memory."
    )
    full_hub.requests.clear()
    assert model_names(pull_and_select_models(settings, progress)) == model_names(choice)
    assert not full_hub.requests


@pytest.mark.usefixtures("full_index")
def test_with_the_index_alone_one_file_serves_both(settings: ModelSettings, progress: PullProgress) -> None:
    choice = pull_and_select_models(settings, progress)
    assert choice.base
    assert choice.instruct
    assert choice.base.path == choice.instruct.path
    assert choice.why == (
        "qwen2.5-coder-1.5b-instruct serves both roles: this machine has 24 GB of memory. "
        "The base weights are on Hugging Face only, which could not be reached."
    )


@pytest.mark.usefixtures("full_index")
def test_small_memory_gets_the_small_model(settings: ModelSettings, progress: PullProgress, machine: MachineFactory) -> None:
    machine(3.8)
    choice = pull_and_select_models(settings, progress)
    assert model_names(choice) == ("qwen2.5-coder-0.5b-instruct",) * 2
    assert "this machine has only 3.8 GB of memory" in choice.why


def test_full_disk_gets_the_small_model(settings: ModelSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_selection, "measure_free_bytes", lambda _: 15_000)
    assert model_selection.choose_size(Path(settings.directory), Role.BASE).parameters == "0.5B"


@pytest.mark.usefixtures("full_hub")
def test_memory_without_room_for_two_sets_of_weights(
    settings: ModelSettings, progress: PullProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_selection, "_WEIGHTS_SHARE", 40_000 / 24e9)
    choice = pull_and_select_models(settings, progress)
    assert model_names(choice) == ("qwen2.5-coder-1.5b-instruct",) * 2
    assert choice.why.endswith("Memory has no room for a second set of weights beside it.")


def measure(settings: ModelSettings, name: str, *, line_ms: float, tokens_s: float) -> None:
    remember_speed(Path(settings.directory) / catalog.find_entry(name).file, MeasuredSpeed(line_ms, 100.0, tokens_s))


@pytest.mark.parametrize(
    ("line_ms", "tokens_s", "expected"),
    [
        (400.0, 20.0, ("1.5b", "1.5b")),
        (1800.0, 6.0, ("0.5b", "1.5b")),
        (1800.0, 3.0, ("0.5b", "0.5b")),
    ],
)
def test_each_role_follows_what_was_measured(
    settings: ModelSettings, line_ms: float, tokens_s: float, expected: tuple[str, str]
) -> None:
    write_file(settings.directory, "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct")
    assert not model_selection.has_measured_speed(Path(settings.directory))
    assert model_names(select_models(settings)) == ("qwen2.5-coder-1.5b-instruct",) * 2
    measure(settings, "qwen2.5-coder-1.5b-instruct", line_ms=line_ms, tokens_s=tokens_s)
    assert model_selection.has_measured_speed(Path(settings.directory))
    choice = select_models(settings)
    assert model_names(choice) == tuple(f"qwen2.5-coder-{size}-instruct" for size in expected)
    assert f"{line_ms / 1000:.1f} s here" in choice.why


def test_what_a_smaller_model_shows_tells_of_the_larger_and_nothing_is_fetched(settings: ModelSettings) -> None:
    write_file(settings.directory, "qwen2.5-coder-0.5b-instruct")
    measure(settings, "qwen2.5-coder-0.5b-instruct", line_ms=100.0, tokens_s=40.0)
    choice = select_models(settings)
    assert model_names(choice) == ("qwen2.5-coder-0.5b-instruct",) * 2
    assert "though the 1.5B would suit better" in choice.why
    assert "`interfix models pull qwen2.5-coder-1.5b-instruct` brings it" in choice.why
    assert "would take the 1.5B" in choice.why


def test_another_choice_is_told_once_and_one_that_the_user_made_is_not(settings: ModelSettings) -> None:
    write_file(settings.directory, "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct")
    assert model_selection.record_choice(settings, select_models(settings)) == "", "the first choice is no change"
    measure(settings, "qwen2.5-coder-1.5b-instruct", line_ms=3000.0, tokens_s=2.0)
    changed = select_models(settings)
    assert model_selection.record_choice(settings, changed) == changed.why
    assert model_selection.record_choice(settings, changed) == ""
    own = msgspec.structs.replace(settings, base="qwen2.5-coder-1.5b-instruct", instruct="qwen2.5-coder-1.5b-instruct")
    assert model_selection.record_choice(own, select_models(own)) == ""


def test_what_is_here_serves_until_the_better_one_is(settings: ModelSettings) -> None:
    write_file(settings.directory, "qwen2.5-coder-0.5b", "qwen2.5-coder-0.5b-instruct")
    choice = select_models(settings)
    assert model_names(choice) == ("qwen2.5-coder-0.5b", "qwen2.5-coder-0.5b-instruct")
    assert "it is here, though the 1.5B would suit better" in choice.why


def test_without_a_network_what_is_here_is_kept(settings: ModelSettings, progress: PullProgress) -> None:
    write_file(settings.directory, "qwen2.5-coder-0.5b-instruct")
    choice = pull_and_select_models(settings, progress)
    assert model_names(choice) == ("qwen2.5-coder-0.5b-instruct",) * 2
    assert "qwen2.5-coder-1.5b-instruct cannot be had now" in choice.why


def test_without_anything_it_is_unavailable(settings: ModelSettings, progress: PullProgress) -> None:
    with pytest.raises(UnavailableError, match=r"No model is here yet: .* cannot be had now"):
        pull_and_select_models(settings, progress)


def test_pulling_can_be_switched_off(settings: ModelSettings, full_hub: FileServer, progress: PullProgress) -> None:
    with pytest.raises(UnavailableError, match="interfix models pull"):
        pull_and_select_models(msgspec.structs.replace(settings, pull=False), progress)
    assert not full_hub.requests


@pytest.mark.usefixtures("full_hub")
def test_interrupted_base_weights_are_taken_up_again(settings: ModelSettings, progress: PullProgress) -> None:
    write_file(settings.directory, "qwen2.5-coder-1.5b-instruct")
    assert model_names(pull_and_select_models(settings, progress))[0] == "qwen2.5-coder-1.5b-instruct"
    begun = Path(settings.directory) / f"{catalog.find_entry('qwen2.5-coder-1.5b').file}.00000000.partial"
    begun.write_bytes(b"GGUF")
    assert model_names(pull_and_select_models(settings, progress))[0] == "qwen2.5-coder-1.5b"
    assert not begun.exists()


def test_configured_path_wins(settings: ModelSettings, tmp_path: Path) -> None:
    own = tmp_path / "elsewhere" / "my-coder.gguf"
    own.parent.mkdir()
    own.write_bytes(build_gguf(INSTRUCT_METADATA))
    write_file(settings.directory, "qwen2.5-coder-1.5b-instruct")
    choice = select_models(msgspec.structs.replace(settings, base=str(own)))
    assert model_names(choice) == ("my-coder", "qwen2.5-coder-1.5b-instruct")
    assert choice.why.startswith("my-coder completes, as configured. ")


def test_file_in_the_models_folder_goes_by_its_stem(settings: ModelSettings) -> None:
    (Path(settings.directory) / "mine.gguf").write_bytes(build_gguf(INSTRUCT_METADATA))
    choice = select_models(msgspec.structs.replace(settings, base="mine", instruct="mine"))
    assert model_names(choice) == ("mine", "mine")


@pytest.mark.usefixtures("full_hub")
def test_configured_name_is_pulled(settings: ModelSettings, progress: PullProgress) -> None:
    small = msgspec.structs.replace(settings, base="qwen2.5-coder-0.5b", instruct="qwen2.5-coder-0.5b-instruct")
    assert model_names(select_models(small)) == (None, None)
    assert model_names(pull_and_select_models(small, progress)) == ("qwen2.5-coder-0.5b", "qwen2.5-coder-0.5b-instruct")


@pytest.mark.usefixtures("full_index")
def test_own_instruct_model_leaves_the_default_to_complete(settings: ModelSettings, progress: PullProgress, tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(build_gguf(INSTRUCT_METADATA))
    choice = pull_and_select_models(msgspec.structs.replace(settings, instruct="mine"), progress)
    assert model_names(choice) == ("qwen2.5-coder-1.5b-instruct", "mine")


def test_base_model_for_the_instruct_role_is_refused_before_it_is_pulled(
    settings: ModelSettings, full_hub: FileServer, progress: PullProgress
) -> None:
    choice = pull_and_select_models(
        msgspec.structs.replace(settings, base="qwen2.5-coder-0.5b", instruct="qwen2.5-coder-1.5b"), progress
    )
    assert choice.refused[Role.INSTRUCT].endswith("Its instruct variant is qwen2.5-coder-1.5b-instruct.")
    assert choice.refused[Role.INSTRUCT] in choice.why
    assert not [path for _, path, _ in full_hub.requests if "1.5B" in path]


def test_a_refused_model_leaves_the_other_role_at_work(settings: ModelSettings, tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(build_gguf(BASE_METADATA))
    write_file(settings.directory, "qwen2.5-coder-0.5b-instruct")
    choice = select_models(msgspec.structs.replace(settings, instruct="mine"))
    assert model_names(choice) == ("qwen2.5-coder-0.5b-instruct", None)
    assert set(choice.refused) == {Role.INSTRUCT}


def test_an_override_forces_a_base_model_and_is_logged(
    settings: ModelSettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "mine.gguf").write_bytes(build_gguf(BASE_METADATA))
    choice = select_models(msgspec.structs.replace(settings, base="mine", instruct="mine", override_roles=True))
    assert choice.instruct is not None
    assert choice.instruct.is_forced
    assert not choice.refused
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "mine is forced into the instruct role by models.override_roles" in caplog.text


def test_a_default_that_failed_its_probe_makes_way_for_the_next(settings: ModelSettings) -> None:
    write_file(settings.directory, "qwen2.5-coder-1.5b", "qwen2.5-coder-1.5b-instruct")
    failed = ProbeResult(infill=RoleOutcome(False, "it filled 0 of 7 holes"), chat=None, tokens_per_second=0)
    role_probe_store.remember_result(Path(settings.directory) / catalog.find_entry("qwen2.5-coder-1.5b").file, failed)
    assert model_names(select_models(settings))[0] == "qwen2.5-coder-1.5b-instruct"


def test_configured_model_that_does_not_exist(settings: ModelSettings) -> None:
    with pytest.raises(UsageError, match=r"no model called qwen2\.5-coder\. The nearest is"):
        select_models(msgspec.structs.replace(settings, base="qwen2.5-coder"))
    with pytest.raises(UsageError, match="no model file at"):
        select_models(msgspec.structs.replace(settings, base="/nowhere/model.gguf"))


def test_a_next_edit_model_serves_where_one_is_configured(settings: ModelSettings, tmp_path: Path) -> None:
    assert select_models(settings).next_edit is None
    path = tmp_path / "sweep-next-edit-1.5b.gguf"
    path.write_bytes(build_gguf(BASE_METADATA))
    chosen = select_models(msgspec.structs.replace(settings, next_edit=str(path)))
    assert chosen.next_edit is not None
    assert chosen.next_edit.name == "sweep-next-edit-1.5b"
    assert "proposes next edits" in chosen.why


def test_another_model_or_none_is_refused_for_next_edits_and_the_others_work_on(settings: ModelSettings, tmp_path: Path) -> None:
    path = tmp_path / "qwen2.5-coder-1.5b.gguf"
    path.write_bytes(FILES["qwen2.5-coder-1.5b"])
    for wrong in (str(path), str(tmp_path / "missing.gguf")):
        chosen = select_models(msgspec.structs.replace(settings, next_edit=wrong))
        assert chosen.next_edit is None
        assert set(chosen.refused) == {Role.NEXT_EDIT}
