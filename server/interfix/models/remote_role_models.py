"""The models of roles that a server computes, by what is configured."""

from collections.abc import Mapping

from interfix.config.settings import BackendSettings
from interfix.config.url_host import parse_host
from interfix.errors import RoleMismatchError
from interfix.inference_types import NEEDED_ROLES, Role
from interfix.models.role_check import (
    BaseModel,
    InstructModel,
    NextEditModel,
    make_remote_base,
    make_remote_instruct,
    make_remote_next_edit,
)

ALL_LOCAL: Mapping[Role, BackendSettings] = dict.fromkeys(NEEDED_ROLES, BackendSettings())
"""Both roles are computed on this machine."""
ROLE_VERBS = {Role.BASE: "completes", Role.INSTRUCT: "explains and edits", Role.NEXT_EDIT: "proposes next edits"}
"""What a role is there for."""


def find_remote_base(role_backends: Mapping[Role, BackendSettings]) -> BaseModel | None:
    """The model that a server completes with; None where this machine does."""
    server = role_backends[Role.BASE]
    return None if server.engine == "local" else make_remote_base(_make_name(server), server.url)


def find_remote_instruct(
    role_backends: Mapping[Role, BackendSettings], refusals: dict[Role, str], *, override_roles: bool
) -> InstructModel | None:
    """The model that a server answers with; None where this machine does, or its name is refused, which goes into `refusals`."""
    server = role_backends[Role.INSTRUCT]
    if server.engine == "local":
        return None
    try:
        return make_remote_instruct(_make_name(server), server.url, override_roles=override_roles)
    except RoleMismatchError as refusal:
        refusals[Role.INSTRUCT] = str(refusal)
        return None


def find_remote_next_edit(role_backends: Mapping[Role, BackendSettings]) -> NextEditModel | None:
    """The model that a server proposes next edits with; None where none does."""
    server = role_backends.get(Role.NEXT_EDIT)
    return None if server is None or server.engine == "local" else make_remote_next_edit(_make_name(server), server.url)


def describe_remote(role: Role, model: BaseModel | InstructModel | None, role_backends: Mapping[Role, BackendSettings]) -> str:
    """Who computes, where that is a server: a sentence."""
    server = role_backends[role]
    if model is None or server.engine == "local":
        return ""
    return f"{model.name} {ROLE_VERBS[role]}, on {parse_host(server.url) or 'this machine'} ({server.engine})."


def _make_name(server: BackendSettings) -> str:
    return server.model or f"the model of {server.engine}"
