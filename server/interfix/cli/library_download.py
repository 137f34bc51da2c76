"""Fetches llama.cpp's library and shows the progress."""

from interfix.cli.pull_progress import show_pull_bar
from interfix.config.settings import Settings
from interfix.engine.llamacpp import library_selection
from interfix.inference_types import Role


def ensure_library(settings: Settings, *roles: Role) -> None:
    """Fetch llama.cpp's library before the eyes of the user, where it is not here yet and this machine computes for a role."""
    if settings.computes_here(*roles) and library_selection.find_selected_library(settings.engine) is None:
        with show_pull_bar("llama.cpp") as report:
            library_selection.prepare_library(settings.engine, report)
