"""The model that a command on code needs, or an error that says what to do where there is none."""

from typing import TypeVar

from interfix.cli.library_download import ensure_library
from interfix.config.settings import Settings
from interfix.errors import RoleMismatchError, UnavailableError
from interfix.inference_types import Role
from interfix.models.model_selection import select_models
from interfix.models.role_check import BaseModel, InstructModel

_ModelT = TypeVar("_ModelT", BaseModel, InstructModel)


def require_base_model(settings: Settings) -> BaseModel:
    """The model that completes. Raises `RoleMismatchError` or `UnavailableError`, with what to do, where there is none."""
    return _require_model(settings, Role.BASE, BaseModel, "completion")


def require_instruct_model(settings: Settings) -> InstructModel:
    """The model that explains and edits. Raises `RoleMismatchError` or `UnavailableError`, with what to do, where there is none."""
    return _require_model(settings, Role.INSTRUCT, InstructModel, "explanations and edits")


def _require_model(settings: Settings, role: Role, kind: type[_ModelT], use: str) -> _ModelT:
    selected = select_models(settings.models, settings.get_backends())
    if role in selected.refused:
        raise RoleMismatchError(selected.refused[role])
    model = selected.base if role is Role.BASE else selected.instruct
    if not isinstance(model, kind):
        raise UnavailableError(f"No model for {use} is installed. Get one with: interfix models pull")
    ensure_library(settings, role)
    return model
