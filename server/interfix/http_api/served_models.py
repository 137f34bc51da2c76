"""Which model answers: the one of the settings for each role, or another installed one that a request names."""

import asyncio
import time
from pathlib import Path

from interfix.config import paths
from interfix.config.settings import Settings
from interfix.errors import InterfixError, RoleMismatchError, UnavailableError
from interfix.inference_types import Role
from interfix.models import store
from interfix.models.model_selection import ModelSelection, select_models
from interfix.models.role_check import BaseModel, InstructModel, check_base, check_instruct
from interfix.models.store import InstalledModel

LIST_SECONDS = 30.0
"""So long the list of the installed models is good for, s."""


class ServedModels:
    """Chooses by these settings. A name that no installed model has means the model of the settings: plugins send what they
    like."""

    def __init__(self, settings: Settings, selection: ModelSelection | None = None) -> None:
        self._settings = settings
        self._selection = selection
        self._installed: tuple[InstalledModel, ...] = ()
        self._listed_at = -LIST_SECONDS

    async def find_base(self, name: str) -> BaseModel:
        """Who completes. Raises `RoleMismatchError` where the model that is named, or set, cannot, `UnavailableError` without
        one."""
        selection = await self._select()
        if (other := await self._find_other(name, selection.base)) is not None:
            return await asyncio.to_thread(check_base, other.name, Path(other.path))
        if Role.BASE in selection.refused:
            raise RoleMismatchError(selection.refused[Role.BASE])
        if selection.base is None:
            raise UnavailableError(f"There is no model that completes. {selection.why}")
        return selection.base

    async def find_instruct(self, name: str) -> InstructModel:
        """Who answers in turns. Raises as `find_base`."""
        selection = await self._select()
        if (other := await self._find_other(name, selection.instruct)) is not None:
            return await asyncio.to_thread(check_instruct, other.name, Path(other.path))
        if Role.INSTRUCT in selection.refused:
            raise RoleMismatchError(selection.refused[Role.INSTRUCT])
        if selection.instruct is None:
            raise UnavailableError(f"There is no instruct model. {selection.why}")
        return selection.instruct

    async def list_served(self) -> tuple[BaseModel | InstructModel, ...]:
        """The models of the settings, the one that completes first; one where both roles have the same."""
        selection = await self._select()
        models = [model for model in (selection.base, selection.instruct) if model is not None]
        return tuple(models[:1] if len(models) > 1 and models[0].path == models[1].path else models)

    async def list_others(self) -> tuple[InstalledModel, ...]:
        """Further installed models that can do a role."""
        served = {model.path for model in await self.list_served()}
        return tuple(model for model in await self._list_installed() if model.roles and model.path not in served)

    async def _select(self) -> ModelSelection:
        cached = self._selection
        if cached is None or not (
            (cached.base or Role.BASE in cached.refused) and (cached.instruct or Role.INSTRUCT in cached.refused)
        ):
            cached = await asyncio.to_thread(select_models, self._settings.models, self._settings.get_backends())
            self._selection = cached
        return cached

    async def _find_other(self, name: str, served: BaseModel | InstructModel | None) -> InstalledModel | None:
        """The installed model of that name, where it is not the one that serves."""
        bare = name.removesuffix(":latest")
        if not bare or (served is not None and bare == served.name):
            return None
        return next((model for model in await self._list_installed() if bare in (model.name, Path(model.path).stem)), None)

    async def _list_installed(self) -> tuple[InstalledModel, ...]:
        if time.monotonic() - self._listed_at >= LIST_SECONDS:
            directory = paths.models_dir(self._settings.models.directory)
            try:
                self._installed = await asyncio.to_thread(store.list_installed, directory)
            except (InterfixError, OSError):
                self._installed = ()
            self._listed_at = time.monotonic()
        return self._installed
