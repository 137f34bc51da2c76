"""Base or instruct: what a model file says of itself, weighed. Does not know what the model does when it runs."""

import re
from collections.abc import Sequence

import msgspec

from interfix.models.model_header import ModelHeader
from interfix.values import Role


class ModelKind(msgspec.Struct, frozen=True):
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
    clause: str


def detect_kind(header: ModelHeader) -> ModelKind:
    """What the metadata say.

    What the file calls itself counts most. Where it says neither, a chat template does, except in the Qwen 2 line, whose base
    files carry one as well.
    """
    return _weigh_signs(_collect_signs(header))


def _weigh_signs(signs: list["_Sign"]) -> ModelKind:
    signs = sorted(signs, key=lambda sign: -abs(sign.weight))
    total = sum(sign.weight for sign in signs)
    role = Role.INSTRUCT if total > 0 else Role.BASE
    evidence = tuple(sign.clause for sign in signs)
    if total == 0:
        return ModelKind(role, "assumed", (*evidence, "nothing in the file says that it was tuned on instructions"))
    return ModelKind(role, "certain" if abs(total) >= _STRONG else "likely", evidence)


def detect_kind_by_name(name: str, aliases: Sequence[str] = ()) -> ModelKind:
    """The same of a model on a server: by its name there, and whatever else the server calls it."""
    signs = [_match_word("its name", name, _STRONG), *(_match_word("its server", each, _MEDIUM) for each in aliases)]
    if found := _CODE_TAG.search(name):
        signs.append(_Sign(-_STRONG, f"its tag says {found.group()!r}"))
    return _weigh_signs([sign for sign in signs if sign is not None])


def has_reasoning_name(name: str) -> bool:
    """Whether a name is one of a model whose chat template may begin the reasoning, so that an answer begins within it."""
    return _REASONING.search(name) is not None


_REASONING = re.compile(
    r"think|reason|(?<![a-z])(qwq|magistral|qwen-?3\.[5-9]|qwen-?[4-9]|glm-?[4-9]|minimax-?m|nemotron|seed-oss|smollm-?3)"
    r"|(?<![a-z0-9])r1(?![0-9])",
    re.IGNORECASE,
)
_INSTRUCT = re.compile(r"instruct|chat|assistant|conversational|(?<![a-z])it(?![a-z])", re.IGNORECASE)
_BASE = re.compile(r"(?<![a-z])(base|pt|pretrained|foundation)(?![a-z])", re.IGNORECASE)
# Ollama's tags for Code Llama and CodeGemma: 7b-code is the base model.
_CODE_TAG = re.compile(r"(?<=:)(\S*-)?code(?![a-z])", re.IGNORECASE)
_STRONG, _MEDIUM, _WEAK = 6, 2, 1


def _collect_signs(header: ModelHeader) -> list[_Sign]:
    signs = [_match_word("general.finetune", header.finetune, _STRONG), _match_word("general.name", header.name, _STRONG)]
    signs += [_match_word("general.basename", header.basename, _MEDIUM)]
    signs += [_match_word("the repository", source, _MEDIUM) for source in header.sources]
    signs += [_match_word("a tag", tag, _MEDIUM) for tag in header.tags if ":" not in tag]
    if header.template:
        marked = ", ".join(header.template)
        if header.architecture in _TEMPLATE_IN_BASE:
            signs.append(_Sign(0, f"a chat template ({marked}), which the base files of {header.architecture} carry, too"))
        else:
            signs.append(_Sign(_WEAK, f"it carries a chat template: {marked}"))
    return [sign for sign in signs if sign is not None]


_TEMPLATE_IN_BASE = ("qwen2", "qwen2moe")


def _match_word(where: str, text: str, weight: int) -> _Sign | None:
    """What a piece of metadata says, if it says anything."""
    for pattern, sign in ((_INSTRUCT, weight), (_BASE, -weight)):
        if found := pattern.search(text):
            return _Sign(sign, f"{where} says {found.group()!r}: {text}")
    return None
