"""Which model a server has, of which family, and how its text is counted: from what the server tells, its names, its vocabulary."""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from pathlib import Path

import msgspec

from interfix.engine.remote.backend import Backend, ModelInfo, TokenPiece
from interfix.engine.remote.estimated_tokenizer import EstimatedTokenizer
from interfix.engine.remote.server_tokenizer import ServerTokenizer, create_server_tokenizer
from interfix.inference_types import Role
from interfix.models.role_check import advise_remote, find_remote_refusal
from interfix.prompt.families import FAMILIES, UNKNOWN_FAMILY, Family, ModelIdentity, detect_family
from interfix.prompt.families.family import COMMON_TURN_ENDS
from interfix.prompt.tokenizer import Tokenizer

log = logging.getLogger(__name__)


class DetectedModel(msgspec.Struct, frozen=True):
    """A server's model, as far as it is known without running it."""

    info: ModelInfo
    """What the server tells."""
    family: Family
    """How it was trained to see a hole, to take turns and to stop."""
    tokenizer: Tokenizer
    """Counts its prompts; an `EstimatedTokenizer` where nothing better is to be had."""
    counting_method: str
    """How prompts are counted, for people."""


async def detect_model(backend: Backend, models_dir: Path) -> DetectedModel:
    """Ask the server what it has. `models_dir` is the folder of local model files, whose vocabularies can be borrowed.

    Raises what the server's questions raise.
    """
    info = await backend.describe_model()
    origin = ModelIdentity(" ".join((info.name, *info.aliases)))
    family = next((family for family in FAMILIES if family.matches_name(origin)), UNKNOWN_FAMILY)
    if (own := await _create_server_tokenizer(backend, info, family)) is not None:
        return DetectedModel(info, detect_family(own, origin), own, "by the server's tokeniser")
    if family is not UNKNOWN_FAMILY and (lent := await asyncio.to_thread(_load_gguf_tokenizer, family, models_dir)) is not None:
        return DetectedModel(info, family, lent, "by the vocabulary of a local file of the same family")
    return DetectedModel(
        info, family, EstimatedTokenizer(list_control_tokens(family)), "by an estimate that learns from the server's counts"
    )


def find_server_refusal(server_model: DetectedModel, role: Role) -> str:
    """Why the model cannot serve a role, by what is known of it; empty where it may, which is then for a probe to prove.

    A name that says nothing is taken for a base model's where its makers name those so, and is not judged where they are unknown.
    """
    info, family = server_model.info, server_model.family
    if role is Role.NEXT_EDIT:
        return find_remote_refusal(info.name, info.aliases, role)
    if role is Role.INSTRUCT:
        return "" if family is UNKNOWN_FAMILY else find_remote_refusal(info.name, info.aliases, role)
    if family is UNKNOWN_FAMILY:
        return (
            f"Neither its name nor its vocabulary tells of what family {info.name} is, and so how it wants a hole laid out. "
            "Have the server serve it under its makers' name."
        )
    if not family.can_infill(server_model.tokenizer):
        why = family.no_infill_reason or "Its vocabulary has no fill-in-the-middle tokens."
        return f"{info.name} cannot complete inside a file. {why} {advise_remote(info.name, role)}"
    return ""


def list_control_tokens(family: Family) -> tuple[str, ...]:
    """Every control token that means something to the family, by its text."""
    files = (
        (family.multi_file_format.path_marker, family.multi_file_format.repository_marker, family.multi_file_format.file_separator)
        if family.multi_file_format
        else ()
    )
    marks = (
        *family.fim_markers,
        *family.signature_tokens,
        *family.infill_stop_tokens,
        *family.turn_end_tokens,
        *COMMON_TURN_ENDS,
        *files,
    )
    return tuple(dict.fromkeys(mark for mark in marks if mark.startswith(("<", "[", "▁<"))))


async def _create_server_tokenizer(backend: Backend, info: ModelInfo, family: Family) -> ServerTokenizer | None:
    families = FAMILIES if family is UNKNOWN_FAMILY else (family,)
    controls = dict.fromkeys(control for each in families for control in list_control_tokens(each))

    def ask(texts: Sequence[str], special: bool) -> Awaitable[list[list[TokenPiece]] | None]:
        return backend.tokenize(info, texts, special=special)

    return await create_server_tokenizer(ask, info, controls, escapes_controls=backend.parses_control_tokens)


def _load_gguf_tokenizer(family: Family, models_dir: Path) -> Tokenizer | None:
    from interfix.engine.remote.gguf_tokenizer import (
        load_gguf_tokenizer,  # here: it needs llama.cpp's library, which most servers make needless
    )

    return load_gguf_tokenizer(family, models_dir)
