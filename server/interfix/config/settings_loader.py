"""Merges the settings from all their sources, in order of precedence.

Later wins: defaults, the user's `config.toml`, the workspace's `.interfix.toml`, the editor, `INTERFIX_*`, command-line flags.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from interfix.config.paths import config_file
from interfix.config.setting_keys import SETTING_KEYS, SettingKey, find_nearest, normalize_key
from interfix.config.settings import Settings
from interfix.system.file_reader import read_toml

WORKSPACE_FILE = ".interfix.toml"
"""Name of the settings file in a workspace's root."""

WORKSPACE_KEYS = frozenset(
    {
        "completion.enabled",
        "completion.not_in",
        "completion.debounce_ms",
        "completion.prompt_tokens",
        "completion.line_tokens",
        "completion.block_tokens",
        "completion.time_ms",
        "completion.threshold",
        "completion.candidates",
        "completion.type_through",
        "completion.ahead",
        "next_edit.enabled",
        "next_edit.not_in",
        "next_edit.other_files",
        "next_edit.model",
        "next_edit.fill",
        "next_edit.threshold",
        "commands.max_tokens",
        "commands.temperature",
    }
    | {name for name in SETTING_KEYS if re.fullmatch(r"commands\.\w+\.(temperature|top_k|top_p|min_p)", name)}
)
"""All that a workspace may set. Its file comes with somebody's code, so nothing that sends code away, runs a program, opens or
writes a file of its choosing, or makes the log hold source text."""

USER_GROUPS = ("base.", "instruct.", "next_edit.server.", "http.")
"""Groups of settings that say where code may be sent, or who may connect: an editor's settings may come with somebody's code, too
(VS Code reads them from the workspace), so these are taken from the user's own file, the environment and the command line only."""

USER_KEYS = ("commands.test_command", "engine.library", "engine.mirror", "engine.directory")
"""Likewise, since they run a program or say which program code is loaded."""

EDITOR_KEYS = frozenset(name for name in SETTING_KEYS if not name.startswith(USER_GROUPS) and name not in USER_KEYS)
"""All that an editor may set."""

EDITOR_CLIENT_SECTIONS = ("server", "trace")
"""Sections of the editor's settings that are for its own client: how to start the server, what to trace."""

_ENVIRONMENT_PREFIX = "INTERFIX_"
_MAX_FILE_BYTES = 64_000
"""A settings file that says everything has a tenth of it."""
_MAX_PROBLEMS = 20
"""Of one source; somebody who made more reads no further."""
_MAX_SHOWN = 80
"""Characters of a name or value that is wrong."""
_MAX_DEPTH = 8
"""Of tables in tables; a setting has three."""


class ResolvedSettings(msgspec.Struct, frozen=True):
    """Settings, and what was wrong on the way to them."""

    settings: Settings
    """Resolved and complete."""
    problems: tuple[str, ...]
    """One sentence for each key or file that was passed over."""


def resolve_settings(
    *,
    workspace: Path | None = None,
    editor: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
    flags: Mapping[str, Any] | None = None,
) -> ResolvedSettings:
    """Read every source and resolve them; never raises for what it reads.

    `editor` and `flags` may be nested (`{"completion": {"debounce_ms": 50}}`) or dotted (`{"completion.debounce_ms": 50}`), and may
    spell keys in camelCase. A flag that is None counts as not given.
    """
    gathering = _SettingsMerge()
    user = config_file()
    gathering.add(str(user), gathering.read(user))
    if workspace is not None:
        local = workspace / WORKSPACE_FILE
        gathering.add(str(local), gathering.read(local, workspace), allowed=WORKSPACE_KEYS)
    given = {k: v for k, v in (editor or {}).items() if k.split(".")[0] not in EDITOR_CLIENT_SECTIONS}
    gathering.add("the editor's settings", given, allowed=EDITOR_KEYS)
    gathering.add_environment(environ)
    gathering.add("the command line", {k: v for k, v in (flags or {}).items() if v is not None})
    return ResolvedSettings(gathering.settings(), tuple(gathering.problems))


def build_schema() -> dict[str, Any]:
    """The JSON schema of all settings."""
    return msgspec.json.schema(Settings)


class _SettingsMerge:
    """Valid values by dotted key, the latest source's winning, and the problems met."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._values: dict[str, Any] = {}

    def read(self, path: Path, root: Path | None = None) -> Mapping[str, Any]:
        """What stands in a file; one of a workspace, `root`, is read where it really lies in it."""
        try:
            return read_toml(path, _MAX_FILE_BYTES, root=root)
        except FileNotFoundError:
            return {}
        except OSError as error:
            self.problems.append(f"{path} cannot be read and is left out: {error.strerror}.")
        except ValueError as error:
            self.problems.append(f"{path} is not valid TOML and is left out: {error}.")
        return {}

    def add(self, source: str, values: Mapping[str, Any], allowed: frozenset[str] | None = None) -> None:
        before = len(self.problems)
        for name, value in _flatten(values):
            if len(self.problems) - before >= _MAX_PROBLEMS:
                self.problems.append(f"{source}: there is more wrong with it; what follows is left out.")
                return
            if (key := SETTING_KEYS.get(name)) is None:
                self.problems.append(f"{source}: there is no setting {_shorten(name)}{_suggest_nearest(name, SETTING_KEYS)}.")
            elif allowed is not None and name not in allowed:
                self.problems.append(f"{source} may not set {name}; set it in {_list_allowed_sources(name)}.")
            else:
                self._set_value(source, name, key, value, strict=True)

    def add_environment(self, environ: Mapping[str, str]) -> None:
        by_variable = {_ENVIRONMENT_PREFIX + name.replace(".", "_").upper(): name for name in SETTING_KEYS}
        for variable in sorted(v for v in environ if v.startswith(_ENVIRONMENT_PREFIX)):
            if (name := by_variable.get(variable)) is None:
                self.problems.append(f"the environment: there is no setting {variable}{_suggest_nearest(variable, by_variable)}.")
            else:
                self._set_value(f"the environment ({variable})", name, SETTING_KEYS[name], environ[variable], strict=False)

    def settings(self) -> Settings:
        nested: dict[str, Any] = {}
        for name, value in self._values.items():
            *groups, field = name.split(".")
            group = nested
            for inner in groups:
                group = group.setdefault(inner, {})
            group[field] = value
        return msgspec.convert(nested, Settings)

    def _set_value(self, source: str, name: str, key: SettingKey, value: Any, *, strict: bool) -> None:
        try:
            self._values[name] = msgspec.convert(value, key.type, strict=strict)
        except msgspec.ValidationError as error:
            current = self._values.get(name, key.default)
            self.problems.append(f"{source}: {name} = {_shorten(value)} is passed over ({error}); {current!r} is used.")


def _flatten(values: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, Any]]:
    for spelled, value in values.items():
        name = under + normalize_key(str(spelled))
        if isinstance(value, Mapping) and name not in SETTING_KEYS and name.count(".") < _MAX_DEPTH:
            yield from _flatten(value, f"{name}.")
        else:
            yield name, value


def _list_allowed_sources(name: str) -> str:
    return f"{config_file()} or {'in the editor' if name in EDITOR_KEYS else 'the environment'}"


def _shorten(value: Any) -> str:
    """A value as it is shown: a number may have too many digits to be written, a text thousands of lines."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return "something too large to show"
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def _suggest_nearest(name: str, settings: Mapping[str, Any]) -> str:
    nearest = find_nearest(name, settings)
    return f"; the nearest is {nearest}" if nearest else ""
