"""The model that a command on code needs, or an error that says what to do where there is none."""

from interfix.cli.library_download import ensure_library
from interfix.config.settings import Settings
from interfix.errors import RoleMismatchError, UnavailableError
from interfix.models.model_selection import select_models
from interfix.models.role_check import BaseModel, InstructModel
from interfix.values import Role


def require_base_model(settings: Settings) -> BaseModel:
    """The model that completes. Raises `RoleMismatchError` or `UnavailableError`, with what to do, where there is none."""
    choice = select_models(settings.models, settings.get_backends())
    if Role.BASE in choice.refused:
        raise RoleMismatchError(choice.refused[Role.BASE])
    if choice.base is None:
        raise UnavailableError("No model for completion is installed. Get one with: interfix models pull")
    ensure_library(settings, Role.BASE)
    return choice.base


def require_instruct_model(settings: Settings) -> InstructModel:
    """The model that explains and edits. Raises `RoleMismatchError` or `UnavailableError`, with what to do, where there is none."""
    choice = select_models(settings.models, settings.get_backends())
    if Role.INSTRUCT in choice.refused:
        raise RoleMismatchError(choice.refused[Role.INSTRUCT])
    if choice.instruct is None:
        raise UnavailableError("No model for explanations and edits is installed. Get one with: interfix models pull")
    ensure_library(settings, Role.INSTRUCT)
    return choice.instruct
