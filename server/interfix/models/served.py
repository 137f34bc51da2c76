"""The models of roles that a server computes, by what is configured. Asks no server."""

from collections.abc import Mapping

from interfix.config.settings import Serving
from interfix.config.urls import host_name
from interfix.errors import RoleRefused
from interfix.models.roles import BaseModel, InstructModel, served_base, served_instruct
from interfix.values import Role

NOWHERE: Mapping[Role, Serving] = dict.fromkeys(Role, Serving())
"""Both roles are computed on this machine."""
DOES = {Role.BASE: "completes", Role.INSTRUCT: "explains and edits"}
"""What a role is there for."""


def base(serving: Mapping[Role, Serving]) -> BaseModel | None:
    """The model that a server completes with; None where this machine does."""
    server = serving[Role.BASE]
    return None if server.engine == "local" else served_base(_name(server), server.url)


def instruct(serving: Mapping[Role, Serving], refused: dict[Role, str], *, override: bool) -> InstructModel | None:
    """The model that a server answers with; None where this machine does, or its name is refused, which goes into `refused`."""
    server = serving[Role.INSTRUCT]
    if server.engine == "local":
        return None
    try:
        return served_instruct(_name(server), server.url, override=override)
    except RoleRefused as refusal:
        refused[Role.INSTRUCT] = str(refusal)
        return None


def says(role: Role, model: BaseModel | InstructModel | None, serving: Mapping[Role, Serving]) -> str:
    """Who computes, where that is a server: a sentence."""
    server = serving[role]
    if model is None or server.engine == "local":
        return ""
    return f"{model.name} {DOES[role]}, on {host_name(server.url) or 'this machine'} ({server.engine})."


def _name(server: Serving) -> str:
    return server.model or f"the model of {server.engine}"
