"""Lists the models that can be pulled and those that are installed, with size, speed and licence to choose by."""

from pathlib import Path

import msgspec

from interfix.inference_types import Role
from interfix.models import catalog, recommend, store
from interfix.models.recommend import Recommendation


class ListedModel(msgspec.Struct, frozen=True):
    """One model, of the catalog or of the user's own."""

    name: str
    """Its name in settings."""
    roles: tuple[Role, ...]
    """What it can serve."""
    parameters: str
    """Its size as its makers call it; empty for a file of the user's own."""
    bytes: int
    """Size of its file."""
    licence: str
    """SPDX name or its makers' name for it; empty where it is not known."""
    commercial: bool
    """Whether commercial use is allowed."""
    installed: bool
    """Whether it is here."""
    path: str
    """Its file; empty where it is not here."""
    problem: str
    """What is wrong with its file, in a sentence; empty where nothing is."""
    advice: Recommendation | None
    """How it suits this machine; None for a file of the user's own."""


def list_known_models(directory: Path) -> list[ListedModel]:
    """The catalog, and then the user's own files in `directory`."""
    here = {model.name: model for model in store.list_installed(directory)}
    suits = recommend.recommend_models(directory)
    rows = []
    for entry in catalog.list_entries():
        file = here.pop(entry.name, None)
        rows.append(
            ListedModel(
                name=entry.name,
                roles=file.roles if file else entry.roles,
                parameters=entry.parameters,
                bytes=file.bytes if file else entry.bytes,
                licence=entry.licence,
                commercial=entry.commercial,
                installed=file is not None,
                path=file.path if file else "",
                problem=file.problem if file else "",
                advice=suits[entry.name],
            )
        )
    rows += [
        ListedModel(own.name, own.roles, "", own.bytes, "", True, installed=True, path=own.path, problem=own.problem, advice=None)
        for own in here.values()
    ]
    return rows
