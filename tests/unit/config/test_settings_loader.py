"""Settings from every source: who wins, and what is said about what is wrong."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints

import msgspec
import pytest
from msgspec import Meta

from interfix.config import settings_loader as loading
from interfix.config.setting_keys import SETTING_KEYS
from interfix.config.settings import Settings
from interfix.config.settings_loader import WORKSPACE_FILE, WORKSPACE_KEYS, ResolvedSettings, build_schema, resolve_settings
from interfix.inference_types import Sampling
from tests.unit.system.file_traps import TRAPS


@pytest.fixture(autouse=True)
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "user" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setattr(loading, "config_file", lambda: path)
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    return root


def get_single_problem(loaded: ResolvedSettings) -> str:
    assert len(loaded.problems) == 1, loaded.problems
    return loaded.problems[0]


def test_it_works_with_nothing_set() -> None:
    assert resolve_settings(environ={}) == ResolvedSettings(Settings(), ())


def test_each_source_wins_over_the_ones_before_it(user_file: Path, workspace: Path) -> None:
    def debounce(**sources: object) -> int:
        loaded = resolve_settings(**{"environ": {}, **sources})  # type: ignore[arg-type]
        assert loaded.problems == ()
        return loaded.settings.completion.debounce_ms

    user_file.write_text("[completion]\ndebounce_ms = 1\n")
    assert debounce() == 1
    (workspace / WORKSPACE_FILE).write_text("[completion]\ndebounce_ms = 2\n")
    assert debounce(workspace=workspace) == 2
    editor = {"completion": {"debounce_ms": 3}}
    assert debounce(workspace=workspace, editor=editor) == 3
    environ = {"INTERFIX_COMPLETION_DEBOUNCE_MS": "4"}
    assert debounce(workspace=workspace, editor=editor, environ=environ) == 4
    assert debounce(workspace=workspace, editor=editor, environ=environ, flags={"completion.debounce_ms": 5}) == 5
    assert debounce(workspace=workspace, editor=editor, environ=environ, flags={"completion.debounce_ms": None}) == 4


def test_a_command_may_have_a_sampling_of_its_own(user_file: Path, workspace: Path) -> None:
    user_file.write_text("[commands]\ntemperature = 0.1\n[commands.explain]\ntemperature = 0.5\ntopK = 10\n")
    (workspace / WORKSPACE_FILE).write_text("[commands.refactor]\nmin_p = 0.1\n")
    loaded = resolve_settings(workspace=workspace, environ={"INTERFIX_COMMANDS_EXPLAIN_TOP_P": "0.9"})
    assert loaded.problems == ()
    commands = loaded.settings.commands
    assert commands.resolve_sampling(commands.explain) == Sampling(temperature=0.5, top_k=10, top_p=0.9)
    assert commands.resolve_sampling(commands.refactor) == Sampling(temperature=0.1, min_p=0.1)


def test_a_sampling_out_of_bounds_is_passed_over(user_file: Path) -> None:
    user_file.write_text("[commands.explain]\ntemperature = 9\n")
    loaded = resolve_settings(environ={})
    assert "commands.explain.temperature = 9 is passed over" in get_single_problem(loaded)
    assert loaded.settings == Settings()


def test_sources_are_merged_key_by_key(user_file: Path) -> None:
    user_file.write_text("[completion]\nline_tokens = 20\n[models]\nbase = 'x'\n")
    settings = resolve_settings(editor={"completion": {"block_tokens": 40}}, environ={}).settings
    assert (settings.completion.line_tokens, settings.completion.block_tokens, settings.models.base) == (20, 40, "x")


@pytest.mark.parametrize(
    "spelled",
    [
        {"completion": {"debounceMs": 9}},
        {"completion.debounceMs": 9},
        {"completion": {"debounce-ms": 9}},
        {"completion.debounce_ms": 9},
    ],
)
def test_an_editor_may_spell_keys_its_own_way(spelled: dict[str, object]) -> None:
    loaded = resolve_settings(editor=spelled, environ={})
    assert (loaded.settings.completion.debounce_ms, loaded.problems) == (9, ())


def test_the_environment_is_read_as_text() -> None:
    settings = resolve_settings(
        environ={"INTERFIX_MODELS_PULL": "false", "INTERFIX_COMMANDS_TEMPERATURE": "0.3", "INTERFIX_ENGINE_GPU_LAYERS": "-1"}
    ).settings
    assert (settings.models.pull, settings.commands.temperature, settings.engine.gpu_layers) == (False, 0.3, -1)


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("completion.debounce", "completion.debounce_ms"),
        ("model.base", "models.base"),
        ("completions.enabled", "completion.enabled"),
    ],
)
def test_an_unknown_key_is_named_with_its_nearest_neighbour(wrong: str, meant: str) -> None:
    problem = get_single_problem(resolve_settings(editor={wrong: 1}, environ={}))
    assert repr(wrong) in problem
    assert meant in problem


def test_a_key_like_no_other_is_only_named() -> None:
    assert (
        get_single_problem(resolve_settings(editor={"zzz": 1}, environ={})) == "the editor's settings: there is no setting 'zzz'."
    )


def test_an_unknown_variable_is_named_with_its_nearest_neighbour() -> None:
    assert "INTERFIX_LOGS_LEVEL" in get_single_problem(resolve_settings(environ={"INTERFIX_LOG_LEVEL": "debug"}))


@pytest.mark.parametrize("bad", [-1, "soon", None, [1], {"ms": 1}, True])
def test_a_bad_value_is_reported_and_the_value_before_it_used(user_file: Path, bad: object) -> None:
    user_file.write_text("[completion]\ndebounce_ms = 30\n")
    loaded = resolve_settings(editor={"completion": {"debounce_ms": bad}}, environ={})
    assert loaded.settings.completion.debounce_ms == 30
    assert "completion.debounce_ms" in get_single_problem(loaded)
    assert "30 is used" in get_single_problem(loaded)


def test_a_section_that_is_no_table_is_reported() -> None:
    assert "'completion'" in get_single_problem(resolve_settings(editor={"completion": 3}, environ={}))


@pytest.mark.parametrize("content", [b"completion = {", b"\xff\xfe", b"a = 1\na = 2\n"])
def test_a_broken_file_is_left_out(user_file: Path, content: bytes) -> None:
    user_file.write_bytes(content)
    loaded = resolve_settings(environ={})
    assert loaded.settings == Settings()
    assert str(user_file) in get_single_problem(loaded)


def test_a_file_that_cannot_be_read_is_left_out(user_file: Path) -> None:
    user_file.mkdir()
    assert "cannot be read" in get_single_problem(resolve_settings(environ={}))


@pytest.mark.parametrize("key", sorted(set(SETTING_KEYS) - WORKSPACE_KEYS))
def test_a_workspace_may_not_set_what_could_harm_its_reader(workspace: Path, key: str) -> None:
    default = SETTING_KEYS[key].default
    text = f'"{default}"' if isinstance(default, str) else "[]" if default == () else str(default).lower()
    section, _, field = key.rpartition(".")
    (workspace / WORKSPACE_FILE).write_text(f"[{section}]\n{field} = {text}\n")
    assert f"may not set {key}" in get_single_problem(resolve_settings(workspace=workspace, environ={}))


def test_what_a_workspace_may_set_exists() -> None:
    assert set(SETTING_KEYS) >= WORKSPACE_KEYS


def test_the_editors_own_sections_are_not_ours_to_judge() -> None:
    assert resolve_settings(editor={"server": {"command": "x"}, "trace.server": "off"}, environ={}).problems == ()


def test_the_schema_names_every_key() -> None:
    text = str(build_schema())
    assert all(f"'{key.rpartition('.')[2]}'" in text for key in SETTING_KEYS)


@pytest.mark.parametrize("spelled", ["commands.test_command", "commands.testCommand"])
def test_no_editor_and_no_workspace_chooses_a_program_to_run(user_file: Path, workspace: Path, spelled: str) -> None:
    """An editor's settings may come with the code, or from whoever has connected to a port."""
    group, _, name = spelled.partition(".")
    for source in ({spelled: "evil {file}"}, {group: {name: "evil {file}"}}):
        loaded = resolve_settings(environ={}, editor=source)
        assert loaded.settings.commands.test_command == ""
        assert "may not set commands.test_command" in get_single_problem(loaded)
    (workspace / WORKSPACE_FILE).write_text(f"{spelled} = 'evil {{file}}'\n")
    assert resolve_settings(environ={}, workspace=workspace).settings.commands.test_command == ""
    user_file.write_text("commands.test_command = 'pytest {file}'\n")
    assert resolve_settings(environ={}, editor={spelled: "evil {file}"}).settings.commands.test_command == "pytest {file}"


def _list_numbers(type_: object, bounds: tuple[Meta, ...] = ()) -> Iterator[tuple[Meta, ...]]:
    """The bounds of every number that a type can hold."""
    if get_origin(type_) is Annotated:
        inner, *metas = get_args(type_)
        yield from _list_numbers(inner, (*bounds, *metas))
    elif type_ in (int, float):
        yield bounds
    elif isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        for inner in get_type_hints(type_, include_extras=True).values():
            yield from _list_numbers(inner)
    else:
        for inner in get_args(type_):
            yield from _list_numbers(inner, bounds)


def test_every_number_of_every_setting_has_bounds() -> None:
    numbers = {name: list(_list_numbers(key.type)) for name, key in SETTING_KEYS.items()}
    assert sum(map(len, numbers.values())) > 20
    for name, found in numbers.items():
        for bounds in found:
            assert any(meta.ge is not None or meta.gt is not None for meta in bounds), f"{name} has no lower bound"
            assert any(meta.le is not None or meta.lt is not None for meta in bounds), f"{name} has no upper bound"


NUMBERS = sorted(name for name in WORKSPACE_KEYS if any(True for _ in _list_numbers(SETTING_KEYS[name].type)))


HUGE = ["1" + "0" * 400, "-1" + "0" * 400, "0x" + "f" * 5000, "inf", "-inf", "nan", "1e308", "9223372036854775807"]


@pytest.mark.parametrize("value", HUGE, ids=lambda value: value[:5])
def test_numbers_beyond_their_bounds_are_passed_over_in_one_short_sentence_each(value: str, workspace: Path) -> None:
    for name in NUMBERS:
        (workspace / WORKSPACE_FILE).write_text(f"{name} = {value}")
        loaded = resolve_settings(workspace=workspace, environ={})
        assert loaded.settings == Settings()
        assert name in get_single_problem(loaded)
        assert len(get_single_problem(loaded)) < 500


@pytest.mark.skipif(os.name == "nt", reason="FIFOs, devices and links of POSIX")
@pytest.mark.parametrize("trap", TRAPS)
def test_settings_are_resolved_whatever_lies_where_a_workspace_has_its_file(trap: str, workspace: Path) -> None:
    TRAPS[trap](workspace / WORKSPACE_FILE)
    loaded = resolve_settings(workspace=workspace, environ={})
    assert loaded.settings == Settings()
    assert len(loaded.problems) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 20_000,
        "[" + ".".join("a" * 20_000) + "]",
        "[" + ".".join("a" * 150) + "]\nb = 1",
        "".join(f"k{n} = 1\n" for n in range(5_000)),
        f"completion.debounce_ms = '{'x' * 50_000}'",
        f"{'x' * 50_000} = 1",
        "# " + "x" * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_file_of_a_workspace_that_is_far_too_much_is_told_shortly(text: str, workspace: Path) -> None:
    (workspace / WORKSPACE_FILE).write_text(text)
    loaded = resolve_settings(workspace=workspace, environ={})
    assert loaded.settings == Settings()
    assert 1 <= len(loaded.problems) <= 21
    assert all(len(problem) < 500 for problem in loaded.problems)
