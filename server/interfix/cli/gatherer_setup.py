"""Sets up the context that a command on code gathers from the workspace."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from interfix.config.settings import Settings
from interfix.context.exclusion import Exclusion
from interfix.context.gatherer import Gatherer
from interfix.context.index import WorkspaceIndex
from interfix.context.names.name_search import AskServer, NameSearch
from interfix.context.workspace_reader import Workspace

MIN_WAIT_MS = 2000
"""How long a command waits for what stands in other files, ms."""


@contextlib.contextmanager
def open_gatherer(root: Path | None, settings: Settings) -> Iterator[Gatherer]:
    """Gathers context in a workspace; uses the index that a server has made of it, if there is one, and makes none."""
    workspace = open_workspace(root, settings)
    # A command begins with nothing read yet, and its user waits for the model anyway.
    patient = msgspec.structs.replace(settings.context, limit_ms=max(settings.context.limit_ms, MIN_WAIT_MS))
    gatherer = Gatherer(patient, settings.completion.prompt_tokens, lambda _: workspace)
    try:
        yield gatherer
    finally:
        gatherer.close()


@contextlib.contextmanager
def open_name_search(root: Path | None, settings: Settings, ask_server: AskServer | None) -> Iterator[NameSearch]:
    """Finds which names exist in a workspace; a command waits for it."""
    workspace = open_workspace(root, settings)
    names = NameSearch(lambda _: workspace, ask_server, settings.completion.guide_without, patient=True)
    try:
        yield names
    finally:
        names.close()


def open_workspace(root: Path | None, settings: Settings) -> Workspace | None:
    """A folder with the index that a server has made of it, if there is one."""
    if root is None:
        return None
    exclusion = Exclusion(root, settings.context)
    return Workspace(root, exclusion, WorkspaceIndex(root, exclusion) if settings.context.index else None)
