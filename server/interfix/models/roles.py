"""The two roles as types: only what this module hands out can be put into an infill or a chat request. Loads no model."""

import re
from pathlib import Path

import msgspec

from interfix.errors import RoleRefused
from interfix.models import catalog
from interfix.models.catalog import Entry
from interfix.models.inspect import Header, read_header
from interfix.values import Role


class BaseModel(msgspec.Struct, frozen=True):
    """A model that can infill: it continues text between a prefix and a suffix."""

    name: str
    """Catalog name, or the file's stem for a file of the user's own."""
    path: str
    """Absolute path of the GGUF file."""


class InstructModel(msgspec.Struct, frozen=True):
    """A model that follows a request in turns and ends by itself."""

    name: str
    """Catalog name, or the file's stem for a file of the user's own."""
    path: str
    """Absolute path of the GGUF file."""
    forced: bool = False
    """The user insists, though the file reads as a base model."""


def as_base(name: str, path: Path) -> BaseModel:
    """The model at `path` for infill: its vocabulary has the tokens for it.

    Raises `RoleRefused` where it has not, naming one that can where the catalog knows it, and `BadUsage` where the file is no
    model. Whether an instruct file kept the ability, not just the tokens, only a probe can tell.
    """
    header = read_header(path)
    if not header.fim:
        raise RoleRefused(_REFUSAL[Role.BASE].format(name) + _advice(name, header, Role.BASE))
    return BaseModel(name, str(path.absolute()))


def as_instruct(name: str, path: Path) -> InstructModel:
    """The model at `path` for requests in turns: it was tuned to follow them, as far as its file tells.

    Raises `RoleRefused` for a base model, naming its instruct variant where the catalog knows one, and `BadUsage` where the
    file is no model.
    """
    header = read_header(path)
    if not follows_instructions(header):
        raise RoleRefused(_REFUSAL[Role.INSTRUCT].format(name) + _advice(name, header, Role.INSTRUCT))
    return InstructModel(name, str(path.absolute()))


def check_promise(entry: Entry, role: Role) -> None:
    """Raise `RoleRefused` where the catalog does not list the role for the entry, before anything is pulled."""
    if role not in entry.roles:
        raise RoleRefused(_REFUSAL[role].format(entry.name) + _instead(entry, role))


def follows_instructions(header: Header) -> bool:
    """Whether the file was tuned on instructions, as its metadata says.

    What the file calls itself counts most. Where it says neither, a chat template does, except in the Qwen 2 line, whose base
    files carry one as well.
    """
    said = f"{header.finetune} {header.name}"
    if _INSTRUCT.search(said):
        return True
    return not _BASE.search(said) and header.chat_template and header.architecture not in ("qwen2", "qwen2moe")


_INSTRUCT = re.compile(r"instruct|chat|assistant|(?<![a-z])it(?![a-z])", re.IGNORECASE)
_BASE = re.compile(r"(?<![a-z])(base|pt|pretrained|foundation)(?![a-z])", re.IGNORECASE)


_REFUSAL = {
    Role.BASE: "{} has no fill-in-the-middle tokens: it cannot complete between what stands before and after the cursor. ",
    Role.INSTRUCT: "{} is a base model: it continues text and will not follow a request such as 'explain'. ",
}


def _advice(name: str, header: Header, role: Role) -> str:
    """What to use instead: the variant of the same line and size, where the catalog knows the model by name or header."""
    for known in catalog.entries():
        if known.name == name or (known.family, known.parameters) == (header.basename.lower(), header.size_label):
            return _instead(known, role)
    return _instead(None, role)


def _instead(entry: Entry | None, role: Role) -> str:
    if entry is not None and (better := entry.variant(role)) is not None and better.name != entry.name:
        return f"Its {role} variant is {better.name}."
    able = next(known.name for known in catalog.entries() if role in known.roles)
    return f"Set models.{role} to a model that can, such as {able}."
