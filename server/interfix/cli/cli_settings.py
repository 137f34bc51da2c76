"""Loads the settings of a command. Anything wrong in them is reported once on stderr."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from interfix.config.settings import Settings
from interfix.config.settings_loader import resolve_settings
from interfix.errors import UsageError
from interfix.inference_types import Role
from interfix.output.console_output import write_message

ROOT_MARKERS = (".interfix.toml", ".git", ".hg", "pyproject.toml", "package.json", "Cargo.toml", "go.mod")
"""What stands at the top of a workspace."""


def load_settings(
    path: str = "", *, base: str = "", instruct: str = "", local_only: bool = False, flags: Mapping[str, str] | None = None
) -> Settings:
    """The settings for a file's workspace, with models given on the command line on top.

    Such a model runs on this machine, whatever server is configured for its role; `local_only` says so of both roles. `flags` are
    further settings by their dotted names.
    """
    given = {Role.BASE: base, Role.INSTRUCT: instruct}
    flags = {**(flags or {}), **{f"models.{role}": name for role, name in given.items() if name}}
    flags |= {f"{role}.engine": "local" for role, name in given.items() if name or local_only}
    if local_only:
        flags[f"{Role.NEXT_EDIT.settings_group}.engine"] = "local"
    loaded = resolve_settings(workspace=find_workspace_root(path), flags=flags)
    for problem in loaded.problems:
        write_message(f"interfix: {problem}", error=True)
    for warning in _exposures(loaded.settings):
        write_message(f"interfix: {warning}", error=True)
    return loaded.settings


def _exposures(settings: Settings) -> Iterator[str]:
    """Warnings of tokens that travel unencrypted."""
    for role, serving in settings.get_backends().items():
        if serving.engine != "local" and serving.token:
            from interfix.engine.remote.server_address import resolve_endpoint  # here: most need no server

            with contextlib.suppress(UsageError):  # told when it is used
                if exposure := resolve_endpoint(role, serving).exposure:
                    yield exposure


def find_workspace_root(path: str, *, real: bool = True) -> Path | None:
    """The nearest folder above a file that looks like the top of a project; None where there is none, or no file.

    `real` follows links first; without it the path counts as it is written.
    """
    if not path:
        return None
    parents = (Path(path).resolve() if real else Path(path).absolute()).parents
    return next((folder for folder in parents if any((folder / mark).exists() for mark in ROOT_MARKERS)), None)
