"""The two roles as types: only what this module hands out can be put into an infill or a chat request."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from interfix.errors import RoleMismatchError
from interfix.inference_types import NEEDED_ROLES, Role
from interfix.models import catalog, role_probe_store
from interfix.models.catalog import CatalogEntry
from interfix.models.kind_detection import detect_kind, detect_kind_by_name, has_next_edit_format, is_next_edit_model
from interfix.models.model_header import ModelHeader, read_header

log = logging.getLogger(__name__)


class BaseModel(msgspec.Struct, frozen=True):
    """A model that can infill: it continues text between a prefix and a suffix."""

    name: str
    """Catalog name, or the file's stem for a file of the user's own."""
    path: str
    """Absolute path of the GGUF file, or the address of the server that has it."""


class InstructModel(msgspec.Struct, frozen=True):
    """A model that follows a request in turns and ends by itself."""

    name: str
    """Catalog name, or the file's stem for a file of the user's own."""
    path: str
    """Absolute path of the GGUF file, or the address of the server that has it."""
    is_forced: bool = False
    """The user insists, though the file reads as a base model."""
    trained_tokens: int = 0
    """Length of the context that the model was trained on, tokens; 0 where that is not known."""


class NextEditModel(msgspec.Struct, frozen=True):
    """A model that rewrites a region after an edit."""

    name: str
    """The file's stem, or the server's name for it."""
    path: str
    """Absolute path of the GGUF file, or the address of the server that has it."""


def check_base(name: str, path: Path, *, override_roles: bool = False) -> BaseModel:
    """The model at `path` for infill: its vocabulary has the tokens for it, and no probe has seen it fail.

    Raises `RoleMismatchError` where it cannot, naming one that can where the catalog knows it, and `UsageError` where the file is
    no
    model. `override_roles` lets a model pass that failed its probe; without the tokens there is nothing to lay a prompt out with.
    """
    if says := find_refusal(name, path, Role.BASE):
        _pass_or_raise(says, name, Role.BASE, override_roles=override_roles and read_header(path).has_fim)
    return BaseModel(name, str(path.absolute()))


def check_instruct(name: str, path: Path, *, override_roles: bool = False) -> InstructModel:
    """The model at `path` for requests in turns: its file says it was tuned to follow them, and no probe has seen it fail.

    Raises `RoleMismatchError` for a base model, naming its instruct variant where the catalog knows one, and `UsageError` where the
    file is no model. `override_roles` hands out a model all the same, marked as forced.
    """
    if says := find_refusal(name, path, Role.INSTRUCT):
        _pass_or_raise(says, name, Role.INSTRUCT, override_roles=override_roles)
    return InstructModel(name, str(path.absolute()), is_forced=bool(says), trained_tokens=read_header(path).context_length)


def check_next_edit(name: str, path: Path) -> NextEditModel:
    """The model at `path` for next edits: its file or name says that it was tuned for them in a layout that is known here.

    Raises `RoleMismatchError` where it was not, and `UsageError` where the file is no model.
    """
    if says := find_refusal(name, path, Role.NEXT_EDIT):
        raise RoleMismatchError(says)
    return NextEditModel(name, str(path.absolute()))


def find_refusal(name: str, path: Path, role: Role) -> str:
    """Why the model at `path` cannot serve a role, and what can; empty where it can. Raises `UsageError` where it is no model."""
    header = read_header(path)
    names = (name, path.stem, header.name, header.basename, header.finetune, *header.sources)
    if role is Role.NEXT_EDIT:
        return _find_next_edit_refusal(name, *names)
    if is_next_edit_model(*names):
        return _NEXT_EDIT_TEXT.format(name) + _advise(name, header, role)
    if (role is Role.BASE and not header.has_fim) or (role is Role.INSTRUCT and detect_kind(header).role is not Role.INSTRUCT):
        return _REFUSAL_TEXTS[role].format(name) + _advise(name, header, role)
    proof = role_probe_store.find_result(path)
    outcome = None if proof is None else proof.infill if role is Role.BASE else proof.chat
    if outcome is None or outcome.passed:
        return ""
    return f"{name} cannot {_ROLE_VERBS[role]}: when it was probed, {outcome.says}. {_advise(name, header, role)}"


def make_probe_models(name: str, path: Path) -> tuple[BaseModel | None, InstructModel]:
    """The model in both roles for a probe, whatever an earlier one has shown; no base model without the tokens for infill."""
    base = BaseModel(name, str(path.absolute())) if read_header(path).has_fim else None
    return base, InstructModel(name, str(path.absolute()))


def make_remote_base(name: str, url: str) -> BaseModel:
    """A model on a server for infill. Whether it can is found out when the server is asked: `find_remote_refusal`, then a probe."""
    return BaseModel(name, url)


def make_remote_instruct(name: str, url: str, *, override_roles: bool = False) -> InstructModel:
    """A model on a server for requests in turns. Raises `RoleMismatchError` where its very name says that it is a base model."""
    kind = detect_kind_by_name(name)
    is_certain = (kind.role is Role.BASE and kind.sure == "certain") or is_next_edit_model(name)
    says = find_remote_refusal(name, (), Role.INSTRUCT) if is_certain else ""
    if says:
        _pass_or_raise(says, name, Role.INSTRUCT, override_roles=override_roles)
    return InstructModel(name, url, is_forced=bool(says))


def make_remote_next_edit(name: str, url: str) -> NextEditModel:
    """A model on a server for next edits. Its layout is known by its name only, which the server tells when it is asked."""
    return NextEditModel(name, url)


def find_remote_refusal(name: str, aliases: Sequence[str], role: Role) -> str:
    """Why a model on a server cannot serve a role, by its name and what its server calls it, and what can; empty where it may.

    Whether it can infill is for its family and a probe to say.
    """
    if role is Role.NEXT_EDIT:
        return _find_next_edit_refusal(name, name, *aliases)
    if is_next_edit_model(name, *aliases):
        return _NEXT_EDIT_TEXT.format(name) + f"Have the server serve another model, and name that in {role}.model."
    if role is Role.BASE or detect_kind_by_name(name, aliases).role is Role.INSTRUCT:
        return ""
    return _REFUSAL_TEXTS[role].format(name) + advise_remote(name, role)


def advise_remote(name: str, role: Role) -> str:
    """What to use instead of a model on a server, spelled as its server spells names."""
    line, colon, tag = name.partition(":")
    if colon:  # Ollama's
        size = match[0] + "-" if (match := re.match(r"\d+(\.\d+)?[bm]", tag)) else ""
        base = f"{line}:{size}{'code' if line in ('codellama', 'codegemma') else 'base'}"
        variants = {Role.INSTRUCT: f"{line}:{size}instruct", Role.BASE: base}
        other = next(each for each in NEEDED_ROLES if each is not role)
        return f"Its {role} variant is {variants[role]}; {variants[other]} is for the {other} role."
    bare = name.rpartition("/")[2].lower()
    entry = max((e for e in catalog.list_entries() if bare.startswith(e.name)), key=lambda e: len(e.name), default=None)
    if entry is not None and (better := entry.find_variant(role)) is not None and better is not entry:
        return f"Its {role} variant is {better.name}: have the server serve that, and name it in {role}.model."
    return f"Have the server serve its {role} variant, and name that in {role}.model."


def check_catalog_role(entry: CatalogEntry, role: Role) -> None:
    """Raise `RoleMismatchError` where the catalog does not list the role for the entry, before anything is pulled."""
    if role not in entry.roles:
        raise RoleMismatchError(_REFUSAL_TEXTS[role].format(entry.name) + _suggest_variant(entry, role, entry.name))


def _find_next_edit_refusal(name: str, *names: str) -> str:
    """Why a model cannot propose next edits: only those can whose layout is known."""
    if has_next_edit_format(*names):
        return ""
    if is_next_edit_model(*names):
        return f"{name} was tuned to propose the next edit, but Interfix does not have its layout. {_NEXT_EDIT_ADVICE}"
    return f"{name} was not tuned to propose the next edit, as far as its names tell. {_NEXT_EDIT_ADVICE}"


_NEXT_EDIT_ADVICE = "Use one of Sweep's (sweep-next-edit) or Zed's (zeta, zeta-2, zeta-2.1) under its makers' name."


def _pass_or_raise(refusal_text: str, name: str, role: Role, *, override_roles: bool) -> None:
    if not override_roles:
        raise RoleMismatchError(refusal_text)
    log.warning("%s is forced into the %s role by models.override_roles, though: %s", name, role, refusal_text)


_NEXT_EDIT_TEXT = (
    "{} was tuned to propose the next edit in a layout of its own: it neither completes at the cursor nor follows requests. "
)
_ROLE_VERBS = {Role.BASE: "complete", Role.INSTRUCT: "follow requests"}
_REFUSAL_TEXTS = {
    Role.BASE: "{} has no fill-in-the-middle tokens: it cannot complete between what stands before and after the cursor. ",
    Role.INSTRUCT: "{} is a base model: it continues text and will not follow a request such as 'explain'. ",
}


def _advise(name: str, header: ModelHeader, role: Role) -> str:
    """What to use instead: the variant of the same line and size, where the catalog knows the model by name or header."""
    for entry in catalog.list_entries():
        same = (entry.family, entry.parameters.lower()) == (header.basename.lower(), header.size_label.lower())
        if name in (entry.name, Path(entry.file).stem) or same:
            return _suggest_variant(entry, role, name)
    return _suggest_variant(None, role, name)


def _suggest_variant(entry: CatalogEntry | None, role: Role, name: str) -> str:
    if entry is not None and (better := entry.find_variant(role)) is not None and name not in (better.name, Path(better.file).stem):
        return f"Its {role} variant is {better.name}."
    able = next(other.name for other in catalog.list_entries() if role in other.roles and other.name != name)
    return f"Set models.{role} to a model that can, such as {able}."
