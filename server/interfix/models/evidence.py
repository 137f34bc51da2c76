"""Base or instruct: what a model file says of itself, weighed. Does not know what the model does when it runs."""

import re
from collections.abc import Sequence

import msgspec

from interfix.models.inspect import Header
from interfix.values import Role


class Kind(msgspec.Struct, frozen=True):
    """Which of the two a model is made for, and how one can tell."""

    role: Role
    """Base or instruct."""
    sure: str
    """certain (the file says so itself), likely (several signs, or a weak one) or assumed (nothing says otherwise)."""
    evidence: tuple[str, ...]
    """What was found, one clause each, the weightiest first."""


class _Sign(msgspec.Struct, frozen=True):
    weight: int
    """Above 0 for instruct, below for base."""
    says: str


def kind(header: Header) -> Kind:
    """What the metadata say.

    What the file calls itself counts most. Where it says neither, a chat template does, except in the Qwen 2 line, whose base
    files carry one as well.
    """
    return _weighed(_signs(header))


def _weighed(signs: list["_Sign"]) -> Kind:
    signs = sorted(signs, key=lambda sign: -abs(sign.weight))
    total = sum(sign.weight for sign in signs)
    role = Role.INSTRUCT if total > 0 else Role.BASE
    evidence = tuple(sign.says for sign in signs)
    if total == 0:
        return Kind(role, "assumed", (*evidence, "nothing in the file says that it was tuned on instructions"))
    return Kind(role, "certain" if abs(total) >= _NAMED else "likely", evidence)


def named(name: str, says: Sequence[str] = ()) -> Kind:
    """The same of a model on a server: by its name there, and whatever else the server calls it."""
    signs = [_word("its name", name, _NAMED), *(_word("its server", each, _HINTED) for each in says)]
    if found := _CODE_TAG.search(name):
        signs.append(_Sign(-_NAMED, f"its tag says {found.group()!r}"))
    return _weighed([sign for sign in signs if sign is not None])


_INSTRUCT = re.compile(r"instruct|chat|assistant|conversational|(?<![a-z])it(?![a-z])", re.IGNORECASE)
_BASE = re.compile(r"(?<![a-z])(base|pt|pretrained|foundation)(?![a-z])", re.IGNORECASE)
# Ollama's tags for Code Llama and CodeGemma: 7b-code is the base model.
_CODE_TAG = re.compile(r"(?<=:)(\S*-)?code(?![a-z])", re.IGNORECASE)
_NAMED, _HINTED, _WEAK = 6, 2, 1


def _signs(header: Header) -> list[_Sign]:
    signs = [_word("general.finetune", header.finetune, _NAMED), _word("general.name", header.name, _NAMED)]
    signs += [_word("general.basename", header.basename, _HINTED)]
    signs += [_word("the repository", source, _HINTED) for source in header.sources]
    signs += [_word("a tag", tag, _HINTED) for tag in header.tags if ":" not in tag]
    if header.template:
        marked = ", ".join(header.template)
        if header.architecture in _CARRIES_TEMPLATE:
            signs.append(_Sign(0, f"a chat template ({marked}), which the base files of {header.architecture} carry, too"))
        else:
            signs.append(_Sign(_WEAK, f"it carries a chat template: {marked}"))
    return [sign for sign in signs if sign is not None]


_CARRIES_TEMPLATE = ("qwen2", "qwen2moe")


def _word(where: str, text: str, weight: int) -> _Sign | None:
    """What a piece of metadata says, if it says anything."""
    for pattern, sign in ((_INSTRUCT, weight), (_BASE, -weight)):
        if found := pattern.search(text):
            return _Sign(sign, f"{where} says {found.group()!r}: {text}")
    return None
