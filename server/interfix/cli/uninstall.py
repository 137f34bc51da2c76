"""`interfix uninstall`: stops the engine and deletes what Interfix keeps on this machine. Its installer removes the program."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

import typer

from interfix.cli.cli_settings import load_settings
from interfix.config import paths
from interfix.config.settings import Settings
from interfix.engine import client
from interfix.output.console_output import write_message


def uninstall(
    models: Annotated[bool, typer.Option("--models", help="Delete the model files as well.")] = False,
    settings: Annotated[bool, typer.Option("--settings", help="Delete your config.toml and your own commands as well.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Stop the engine and delete what Interfix keeps: statistics, caches, logs, llama.cpp; by option also models and settings."""
    folders = [folder for folder in _list_folders(load_settings(), models=models, settings=settings) if folder.exists()]
    if not folders:
        write_message("Nothing of Interfix is left on this machine.")
        return
    for folder in folders:
        write_message(f"{_measure_megabytes(folder):>8.1f} MB  {folder}")
    if not yes:
        typer.confirm("Delete these folders?", abort=True)
    asyncio.run(client.stop_hosts())
    for folder in folders:
        shutil.rmtree(folder)
    write_message(
        "Deleted. Now remove the program: `uv tool uninstall interfix`, `pipx uninstall interfix` or `pip uninstall interfix`."
    )


def _list_folders(resolved: Settings, *, models: bool, settings: bool) -> list[Path]:
    folders = [paths.state_dir(), paths.cache_dir(), paths.log_dir(), paths.libraries_dir(resolved.engine.directory)]
    if models:
        folders.append(paths.models_dir(resolved.models.directory))
    if settings:
        folders.append(paths.config_file().parent)
    folders.append(paths.runtime_dir())
    return [folder for folder in folders if not any(other in folder.parents for other in folders)]


def _measure_megabytes(folder: Path) -> float:
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir()) / 1e6
