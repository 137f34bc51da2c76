"""Detects from a model file's header whether the model is base or instruct."""

import re
from collections.abc import Sequence

import msgspec

from interfix.inference_types import NEXT_EDIT_FORMAT_PATTERN, NEXT_EDIT_PATTERN, Role
from interfix.models.model_header import ModelHeader


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
    signs.append(_match_line(name))
    if match := _CODE_TAG.search(name):
        signs.append(_Sign(-_STRONG, f"its tag says {match.group()!r}"))
    return _weigh_signs([sign for sign in signs if sign is not None])


def is_next_edit_model(*names: str) -> bool:
    """Whether a model was tuned to rewrite a stretch after an edit, by its names: it neither infills nor follows requests.

    Its vocabulary cannot tell: Sweep's models are tuned from Qwen2.5-Coder and Zeta's from Qwen2.5-Coder and Seed-Coder.
    """
    return any(_NEXT_EDIT.search(name) for name in names)


def has_next_edit_format(*names: str) -> bool:
    """Whether it is one whose layout is known (`prompt/families`): Sweep's or Zed's."""
    return any(_NEXT_EDIT_FORMATS.search(name) for name in names)


def has_reasoning_name(name: str) -> bool:
    """Whether a name is one of a model whose chat template may begin the reasoning, so that an answer begins within it."""
    return _REASONING.search(name) is not None


_REASONING = re.compile(
    r"think|reason|(?<![a-z])(qwq|magistral|qwen-?3\.[5-9]|qwen-?[4-9]|glm-?[4-9]|minimax-?m|nemotron|seed-oss|smollm-?3)"
    r"|(?<![a-z0-9])r1(?![0-9])",
    re.IGNORECASE,
)
_INSTRUCT = re.compile(
    r"instruct|chat|assistant|conversational|think|reason|distill|(?<![a-z])it(?![a-z])|(?<![a-z0-9])(r1|qwq)(?![a-z0-9])",
    re.IGNORECASE,
)
# PT is "pretrained" with Gemma, but "PyTorch" with ERNIE.
_BASE = re.compile(r"(?<![a-z])(base|pretrained?|foundation)(?![a-z])|(?:\A|gemma.*[^a-z])(pt)(?![a-z])", re.IGNORECASE)
# Lines whose makers name the base models so and the others not at all; the older Qwen lines name the others.
_BARE_IS_INSTRUCT = re.compile(
    r"(?<![a-z])(qwen-?[3-9](?!\d)|smollm-?3|granite-?[4-9]|gpt-oss|phi-?[34]|magistral|devstral|glm-?[4-9]|ernie-?4|lfm-?2|minimax-?m"
    r"|kimi-?k|deepseek-?v[23]|nemotron)"
    # Ollama's tags of size: there the base model of these has a tag of its own.
    r"|\A(?:\S*/)?(qwen2(\.5)?(-coder)?|gemma\d|llama3(\.\d)?|mistral(-nemo|-small)?|deepseek-coder(-v2)?|granite-code|yi-coder)(?=:)",
    re.IGNORECASE,
)
_NEXT_EDIT = re.compile(NEXT_EDIT_PATTERN, re.IGNORECASE)
_NEXT_EDIT_FORMATS = re.compile(NEXT_EDIT_FORMAT_PATTERN, re.IGNORECASE)
# Ollama's tags for Code Llama and CodeGemma, Llama and Gemma: 7b-code and 8b-text are base models.
_CODE_TAG = re.compile(r"(?<=:)(\S*-)?(code|text)(?![a-z])", re.IGNORECASE)
_STRONG, _MEDIUM, _WEAK = 6, 2, 1


def _collect_signs(header: ModelHeader) -> list[_Sign]:
    signs = [_match_word("general.finetune", header.finetune, _STRONG), _match_word("general.name", header.name, _STRONG)]
    signs += [_match_word("general.basename", header.basename, _MEDIUM)]
    signs += [_match_line(f"{header.name} {header.basename}")]
    signs += [_match_word("the repository", source, _MEDIUM) for source in header.sources]
    signs += [_match_word("a tag", tag, _MEDIUM) for tag in header.tags if ":" not in tag]
    if header.template:
        marked = ", ".join(header.template)
        if header.architecture in _TEMPLATE_IN_BASE:
            signs.append(_Sign(0, f"a chat template ({marked}), which the base files of {header.architecture} carry, too"))
        else:
            signs.append(_Sign(_WEAK, f"it carries a chat template: {marked}"))
    return [sign for sign in signs if sign is not None]


def _match_line(names: str) -> _Sign | None:
    """That models of this line follow requests unless they are said to be base models; less than any word of the file itself."""
    spelled = re.sub(r"[ _]", "-", names)
    match = _BARE_IS_INSTRUCT.search(spelled)
    return _Sign(_WEAK, f"of the {match.group()} line only base models are named so") if match else None


_TEMPLATE_IN_BASE = ("qwen2", "qwen2moe")


def _match_word(where: str, text: str, weight: int) -> _Sign | None:
    """What a piece of metadata says, if it says anything."""
    for pattern, sign in ((_INSTRUCT, weight), (_BASE, -weight)):
        if match := pattern.search(text):
            return _Sign(sign, f"{where} says {match.group(match.lastindex or 0)!r}: {text}")
    return None
