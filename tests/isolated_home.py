"""Where the real programs run in tests: a home of their own, with the model files and libraries of the user's."""

import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interfix.config.paths import libraries_dir, models_dir
from interfix.models.catalog import find_entry
from interfix.models.pull import pull

INTERFIX_COMMAND = str(Path(sysconfig.get_path("scripts")) / "interfix")
"""The command as it is installed."""

SMALL_MODEL = "qwen2.5-coder-0.5b-instruct"
"""The small model, which serves both roles."""
GEMMA = "gemma-3-270m"
"""Base weights without infill tokens: they can serve neither role."""
SMOLLM = "smollm2-135m-instruct"
"""An instruct model without infill tokens."""

ALWAYS_SHOWN = {"INTERFIX_COMPLETION_THRESHOLD": "0", "INTERFIX_COMPLETION_TIME_MS": "0"}
"""Settings with which a suggestion is shown however unsure the model and however slow the machine is."""


def small_model_settings() -> dict[str, str]:
    """Settings that name the small model, which is pulled if it is not here; `INTERFIX_MODELS_*` of the caller's win."""
    own = {name: value for name, value in os.environ.items() if name.startswith("INTERFIX_MODELS_")}
    directory = models_dir(own.get("INTERFIX_MODELS_DIRECTORY", ""))
    if "INTERFIX_MODELS_INSTRUCT" not in own:
        pull(find_entry(SMALL_MODEL), directory, lambda _source, _done, _total: None)
    names = {
        "INTERFIX_MODELS_BASE": SMALL_MODEL,
        "INTERFIX_MODELS_INSTRUCT": SMALL_MODEL,
        "INTERFIX_MODELS_DIRECTORY": str(directory),
    }
    names["INTERFIX_ENGINE_DIRECTORY"] = str(libraries_dir(os.environ.get("INTERFIX_ENGINE_DIRECTORY", "")))
    # Nothing computes that a test has not asked for.
    return {**names, **own, "INTERFIX_MODELS_PULL": "false", "INTERFIX_ENGINE_TUNE": "false"}


def make_home(models: dict[str, str]) -> tuple[Path, dict[str, str]]:
    """An empty home and the environment to live there; its path is short, for a socket's name has to fit."""
    home = Path(tempfile.mkdtemp(prefix="ifx-"))
    kinds = ("CONFIG", "DATA", "STATE", "CACHE", "RUNTIME")
    folders = {f"XDG_{kind}_{'DIR' if kind == 'RUNTIME' else 'HOME'}": home / kind.lower() for kind in kinds}
    for folder in folders.values():
        folder.mkdir(mode=0o700)
    outside = {name: value for name, value in os.environ.items() if not name.startswith("INTERFIX_")}
    return home, {**outside, **{name: str(folder) for name, folder in folders.items()}, **models}


@contextmanager
def open_home(models: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment of an empty home (`make_home`); at the end its engine host is stopped, and nothing of it is left."""
    home, environment = make_home(models)
    try:
        yield environment
    finally:
        subprocess.run([INTERFIX_COMMAND, "stop"], env=environment, check=True, capture_output=True)
        shutil.rmtree(home)
