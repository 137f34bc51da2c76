"""What every command begins with: its settings, with anything wrong in them told once on stderr. Knows no command."""

import sys
from pathlib import Path

from interfix.config.load import load
from interfix.config.settings import Settings

MARKS = (".interfix.toml", ".git", ".hg", "pyproject.toml", "package.json", "Cargo.toml", "go.mod")
"""What stands at the top of a workspace."""


def settings_for(path: str = "", *, base: str = "", instruct: str = "") -> Settings:
    """The settings for a file's workspace, with models given on the command line on top."""
    models = {name: value for name, value in (("base", base), ("instruct", instruct)) if value}
    loaded = load(workspace=workspace(path), flags={"models": models} if models else None)
    for problem in loaded.problems:
        print(f"interfix: {problem}", file=sys.stderr)
    return loaded.settings


def workspace(path: str) -> Path | None:
    """The nearest folder above a file that looks like the top of a project; None where there is none, or no file."""
    if not path:
        return None
    return next((folder for folder in Path(path).resolve().parents if any((folder / mark).exists() for mark in MARKS)), None)
