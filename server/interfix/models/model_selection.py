"""Which model serves which role on this machine, and why, in a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import psutil

from interfix.config import paths
from interfix.config.paths import measure_free_bytes
from interfix.config.settings import BackendSettings, ModelSettings
from interfix.config.state_file import StateFile
from interfix.errors import RoleMismatchError, UnavailableError, UsageError
from interfix.inference_types import NEEDED_ROLES, Role
from interfix.models import catalog, remote_role_models, store
from interfix.models.catalog import CatalogEntry
from interfix.models.pull import HUB, INDEX, PullProgress, has_partial_pull, pull
from interfix.models.role_check import (
    BaseModel,
    InstructModel,
    NextEditModel,
    check_base,
    check_catalog_role,
    check_instruct,
    check_next_edit,
)
from interfix.models.speed_measurements import find_speed


class ModelSelection(msgspec.Struct, frozen=True):
    """The models in use. Both roles may be served by one file."""

    base: BaseModel | None
    """Completes; None where no such model is here."""
    instruct: InstructModel | None
    """Explains and edits; None where no such model is here."""
    why: str
    """Why these, or what is missing: a sentence or two for the user."""
    refused: dict[Role, str] = {}
    """For a role whose configured model cannot do it: the refusal. The other role works on."""
    next_edit: NextEditModel | None = None
    """Proposes next edits; None where none is configured, or it is refused."""


class SuitableSize(msgspec.Struct, frozen=True):
    """Which size of the default model suits this machine."""

    parameters: str
    """As in the catalog: 1.5B or 0.5B."""
    why: str
    """The reason as a clause: this machine has 24 GB of memory."""


def select_models(
    settings: ModelSettings, role_backends: Mapping[Role, BackendSettings] = remote_role_models.ALL_LOCAL
) -> ModelSelection:
    """What is here and valid for each role, without a network: what is configured, else the default that suits this machine.

    A role that a server computes has the model that is configured there; whether it can do its role shows when it is asked.

    Raises `UsageError` for a configured model that does not exist. A configured catalog model that is not pulled yet leaves its
    role empty, and so does one that cannot do its role, which `refused` tells.
    """
    directory = paths.models_dir(settings.directory)
    sizes = {role: choose_size(directory, role) for role in NEEDED_ROLES}
    refused: dict[Role, str] = {}
    base = remote_role_models.find_remote_base(role_backends) or _find_local_model(
        settings, Role.BASE, sizes[Role.BASE], directory, check_base, refused
    )
    instruct = remote_role_models.find_remote_instruct(role_backends, refused, override_roles=settings.override_roles)
    if instruct is None and Role.INSTRUCT not in refused:
        instruct = _find_local_model(settings, Role.INSTRUCT, sizes[Role.INSTRUCT], directory, check_instruct, refused)
    next_edit = _find_next_edit(settings, role_backends, directory, refused)
    here = all(server.engine == "local" for server in role_backends.values())
    if here and base and instruct and base.path == instruct.path and not (settings.base or settings.instruct):
        why = f"{base.name} serves both roles: {_explain_size(base.name, sizes[Role.BASE], Role.BASE)}."
        return ModelSelection(base, instruct, why, refused, next_edit)
    reasons = [
        refused.get(Role.BASE)
        or remote_role_models.describe_remote(Role.BASE, base, role_backends)
        or _explain_choice(settings.base, Role.BASE, base, sizes[Role.BASE]),
        refused.get(Role.INSTRUCT)
        or remote_role_models.describe_remote(Role.INSTRUCT, instruct, role_backends)
        or _explain_choice(settings.instruct, Role.INSTRUCT, instruct, sizes[Role.INSTRUCT]),
    ]
    if base is None and instruct is None and not (refused or settings.base or settings.instruct):
        reasons = ["No model is here yet: `interfix models pull` gets one."]
    if next_edit is not None:
        reasons.append(f"{next_edit.name} {remote_role_models.ROLE_VERBS[Role.NEXT_EDIT]}, as configured.")
    return ModelSelection(base, instruct, " ".join(reasons), refused, next_edit)


def pull_and_select_models(
    settings: ModelSettings, progress: PullProgress, role_backends: Mapping[Role, BackendSettings] = remote_role_models.ALL_LOCAL
) -> ModelSelection:
    """As `select_models`, after pulling what is missing, unless `settings.pull` is off. Blocks; call it from a thread.

    For a role that a server computes nothing is pulled, unless the local engine is its fallback.

    Without anything configured: the official instruct file, and base weights beside it where the hub can be reached and memory
    has room for both. Raises `UnavailableError` where a role stays without a model, unless the one configured for it is refused.
    """
    directory = paths.models_dir(settings.directory)
    notes: list[str] = []
    local_roles = [role for role, server in role_backends.items() if server.engine == "local" or server.fallback]
    if settings.pull:
        for name, role in ((settings.base, Role.BASE), (settings.instruct, Role.INSTRUCT)):
            if (
                role in local_roles
                and name
                and _find_own_file(name, directory) is None
                and not _find_catalog_refusal(name, role, settings, directory)
            ):
                pull(catalog.find_entry(name), directory, progress, settings)
        notes = _pull_defaults(settings, directory, progress, local_roles) if local_roles else []
    now = select_models(settings, role_backends)
    why = " ".join([now.why, *notes])
    if (now.base is None and Role.BASE not in now.refused) or (now.instruct is None and Role.INSTRUCT not in now.refused):
        raise UnavailableError(why)
    return msgspec.structs.replace(now, why=why)


def choose_size(directory: Path, role: Role) -> SuitableSize:
    """The size of the default model for a role on this machine: by memory and the room in `directory`, and as it was measured."""
    memory = psutil.virtual_memory().total
    if memory < _SMALL_MEMORY:
        return SuitableSize("0.5B", f"this machine has only {memory / 1e9:.1f} GB of memory")
    if (measured := _judge_speed(directory, role)) is not None:
        return measured
    big = _list_defaults("1.5B", Role.INSTRUCT)[0]
    free = measure_free_bytes(directory)
    if not (directory / big.file).exists() and not has_partial_pull(big, directory) and free < big.bytes * 1.1:
        return SuitableSize("0.5B", f"only {free / 1e9:.1f} GB are free in {directory}")
    return SuitableSize("1.5B", f"this machine has {memory / 1e9:.0f} GB of memory")


def has_measured_speed(directory: Path) -> bool:
    """Whether a default model was measured on this machine, so that the choice follows it."""
    return _judge_speed(directory, Role.BASE) is not None


def record_choice(settings: ModelSettings, selection: ModelSelection) -> str:
    """Remember what serves; a sentence where it is another choice than the last one that Interfix made by itself, else empty."""
    made = {
        role: model.name
        for role, model, name in (
            (Role.BASE, selection.base, settings.base),
            (Role.INSTRUCT, selection.instruct, settings.instruct),
        )
        if model is not None and not name and Path(model.path).is_file()
    }
    file: StateFile[dict[Role, str]] = StateFile(paths.state_dir() / "choice.json", dict[Role, str], dict)
    before = file.read()
    if made.items() <= before.items():
        return ""
    file.write({**before, **made})
    return selection.why if any(before.get(role, name) != name for role, name in made.items()) else ""


MAX_LINE_MS = 1500
"""A ten-token line that takes longer than this comes too late: the smaller model completes better."""
MIN_COMMAND_TOKENS_S = 5.0
"""An answer that is written slower than it is read keeps its reader waiting: the smaller model serves commands better."""
DEFAULT_FAMILY = "qwen2.5-coder"
"""The default line: what Interfix was measured with."""
_SIZES = ("1.5B", "0.5B")
# Below this the 1.5B, its KV cache and an editor do not fit side by side.
_SMALL_MEMORY = 4_000_000_000
# Two sets of weights may take this share of the memory.
_WEIGHTS_SHARE = 0.4
_ModelT = TypeVar("_ModelT", BaseModel, InstructModel, covariant=True)


def _list_defaults(parameters: str, role: Role) -> list[CatalogEntry]:
    """The default line's models of a size for a role, the one made for it first."""
    able = [e for e in catalog.list_entries() if (e.family, e.parameters) == (DEFAULT_FAMILY, parameters) and role in e.roles]
    return sorted(able, key=lambda e: len(e.roles))


def _has_default_base(directory: Path, parameters: str) -> bool:
    """Whether a default of this size is here that can complete."""
    return any(store.find_installed(directory, entry) is not None for entry in _list_defaults(parameters, Role.BASE))


def _pull_defaults(settings: ModelSettings, directory: Path, progress: PullProgress, roles: Sequence[Role]) -> list[str]:
    """Pull what the wanted roles without a configured model lack, and tell what did not go as it should."""
    both = _list_defaults(choose_size(directory, Role.INSTRUCT).parameters, Role.INSTRUCT)[0]
    parameters = choose_size(directory, Role.BASE).parameters
    alone, able_too = _list_defaults(parameters, Role.BASE)[0], _list_defaults(parameters, Role.INSTRUCT)[0]
    sources: set[str] = set()

    def watch(source: str, done: int, total: int) -> None:
        sources.add(source)
        progress(source, done, total)

    try:
        if not settings.instruct and store.find_installed(directory, both) is None:
            pull(both, directory, watch, settings)
    except UnavailableError as error:
        return [str(error)]
    if Role.BASE not in roles or settings.base or store.find_installed(directory, alone) is not None:
        return []
    able = _has_default_base(directory, parameters)
    if able and HUB not in sources and not has_partial_pull(alone, directory):
        return [f"The base weights are on {HUB} only, which could not be reached."] if INDEX in sources else []
    if able and both.bytes + alone.bytes > psutil.virtual_memory().total * _WEIGHTS_SHARE:
        return ["Memory has no room for a second set of weights beside it."]
    try:
        pull(alone, directory, progress, settings)
    except UnavailableError as error:
        if not able:
            pull(able_too, directory, progress, settings)
        return [str(error)]
    return []


def _find_next_edit(
    settings: ModelSettings, role_backends: Mapping[Role, BackendSettings], directory: Path, refusals: dict[Role, str]
) -> NextEditModel | None:
    """The model that is configured for next edits; a refusal goes into `refusals`."""
    if (remote := remote_role_models.find_remote_next_edit(role_backends)) is not None:
        return remote
    if not settings.next_edit:
        return None
    own = _find_own_file(settings.next_edit, directory)
    try:
        if own is None or not own.is_file():
            raise RoleMismatchError(
                f"models.next_edit names no file that is here: {settings.next_edit}. Give the path of a GGUF file."
            )
        return check_next_edit(own.stem, own)
    except (RoleMismatchError, UsageError) as refusal:
        refusals[Role.NEXT_EDIT] = str(refusal)
        return None


class _CheckRole(Protocol[_ModelT]):
    def __call__(self, name: str, path: Path, *, override_roles: bool) -> _ModelT: ...


def _find_local_model(
    settings: ModelSettings,
    role: Role,
    size: SuitableSize,
    directory: Path,
    check_role: _CheckRole[_ModelT],
    refusals: dict[Role, str],
) -> _ModelT | None:
    """The configured model, or the first default that is installed, proved for the role; a refusal goes into `refused`."""
    name = settings.base if role is Role.BASE else settings.instruct
    says = _find_catalog_refusal(name, role, settings, directory)
    for entry, path in () if says else _list_candidates(name, role, size, directory):
        try:
            return check_role(entry, path, override_roles=settings.override_roles)
        except RoleMismatchError as refusal:
            says = says or str(refusal)
    if says:
        refusals[role] = says
    return None


def _list_candidates(name: str, role: Role, size: SuitableSize, directory: Path) -> Iterator[tuple[str, Path]]:
    """What is here of what is configured, or of the defaults, the best first: name and file."""
    if name and (own := _find_own_file(name, directory)) is not None:
        yield own.stem, own
        return
    sizes = sorted(_SIZES, key=lambda parameters: parameters != size.parameters)
    entries = [catalog.find_entry(name)] if name else [entry for parameters in sizes for entry in _list_defaults(parameters, role)]
    for entry in entries:
        if (path := store.find_installed(directory, entry)) is not None:
            yield entry.name, path


def _find_own_file(name: str, directory: Path) -> Path | None:
    """The file meant by a configured path, or by the stem of a file that the user put into the models folder."""
    if name.endswith(".gguf") or "/" in name or "\\" in name:
        return Path(name).expanduser()
    if any(entry.name == name for entry in catalog.list_entries()):
        return None
    beside = directory / f"{name}.gguf"
    return beside if beside.is_file() else None


def _find_catalog_refusal(name: str, role: Role, settings: ModelSettings, directory: Path) -> str:
    """The refusal of a configured catalog model that is not for the role: nobody should pull a gigabyte to learn that."""
    if name and not settings.override_roles and _find_own_file(name, directory) is None:
        try:
            check_catalog_role(catalog.find_entry(name), role)
        except RoleMismatchError as refusal:
            return str(refusal)
    return ""


def _explain_choice(name: str, role: Role, model: BaseModel | InstructModel | None, size: SuitableSize) -> str:
    if model is None:
        suggested = name or _list_defaults(size.parameters, role)[-1].name
        return f"No model {remote_role_models.ROLE_VERBS[role]} yet: `interfix models pull {suggested}` gets one."
    why = ", as configured" if name else f": {_explain_size(model.name, size, role)}"
    return f"{model.name} {remote_role_models.ROLE_VERBS[role]}{why}."


def _explain_size(name: str, size: SuitableSize, role: Role) -> str:
    if catalog.find_entry(name).parameters == size.parameters:
        return size.why
    better = _list_defaults(size.parameters, role)[-1].name
    return f"it is here, though the {size.parameters} would suit better ({size.why}); `interfix models pull {better}` brings it"


def _judge_speed(directory: Path, role: Role) -> SuitableSize | None:
    """The size that is fast enough for a role, by what was measured of a default model here; None where nothing was."""
    big = _list_defaults("1.5B", Role.INSTRUCT)[0]
    for size in _SIZES:
        for entry in _list_defaults(size, Role.BASE):
            path = store.find_installed(directory, entry)
            if path is None or (speed := find_speed(path)) is None:
                continue
            ratio = 1.0 if entry.parameters == big.parameters else big.bytes / entry.bytes
            takes, writes = ("takes", "writes") if ratio == 1.0 else ("would take", "would write")
            line_ms, tokens_s = speed.line_ms * ratio, speed.tokens_s / ratio
            if role is Role.BASE:
                parameters = "1.5B" if line_ms <= MAX_LINE_MS else "0.5B"
                return SuitableSize(parameters, f"a line of ten tokens {takes} the 1.5B {line_ms / 1000:.1f} s here")
            parameters = "1.5B" if tokens_s >= MIN_COMMAND_TOKENS_S else "0.5B"
            return SuitableSize(parameters, f"the 1.5B {writes} {tokens_s:.0f} tokens a second here")
    return None
