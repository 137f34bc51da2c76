"""Which model a server has, of which family, and how its text is counted: from what the server tells, its names, its vocabulary.

Knows no request and runs no model.
"""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from pathlib import Path

import msgspec

from interfix.engine.remote.asked import Asked, asked
from interfix.engine.remote.estimate import Estimate
from interfix.engine.remote.server import Piece, Server, Told
from interfix.models.roles import served_advice, served_refusal
from interfix.prompt.families import FAMILIES, UNKNOWN, Family, Origin, family_of
from interfix.prompt.families.family import TURN_ENDS
from interfix.prompt.tokenizer import Tokenizer
from interfix.values import Role

log = logging.getLogger(__name__)


class Recognised(msgspec.Struct, frozen=True):
    """A server's model, as far as it is known without running it."""

    told: Told
    """What the server tells."""
    family: Family
    """How it was trained to see a hole, to take turns and to stop."""
    tokenizer: Tokenizer
    """Counts its prompts; an `Estimate` where nothing better is to be had."""
    counted: str
    """How prompts are counted, for people."""


async def recognise(server: Server, models: Path) -> Recognised:
    """Ask the server what it has. `models` is the folder of local model files, whose vocabularies can be borrowed.

    Raises what the server's questions raise.
    """
    told = await server.told()
    origin = Origin(" ".join((told.model, *told.says)))
    family = next((family for family in FAMILIES if family.claims(origin)), UNKNOWN)
    if (own := await _asked(server, told, family)) is not None:
        return Recognised(told, family_of(own, origin), own, "by the server's tokeniser")
    if family is not UNKNOWN and (lent := await asyncio.to_thread(_borrowed, family, models)) is not None:
        return Recognised(told, family, lent, "by the vocabulary of a local file of the same family")
    return Recognised(told, family, Estimate(controls_of(family)), "by an estimate that learns from the server's counts")


def refusal(found: Recognised, role: Role) -> str:
    """Why the model cannot serve a role, by what is known of it; empty where it may, which is then for a probe to prove.

    A name that says nothing is taken for a base model's where its makers name those so, and is not judged where they are unknown.
    """
    told, family = found.told, found.family
    if role is Role.INSTRUCT:
        return "" if family is UNKNOWN else served_refusal(told.model, told.says, role)
    if family is UNKNOWN:
        return (
            f"Neither its name nor its vocabulary tells of what family {told.model} is, and so how it wants a hole laid out. "
            "Have the server serve it under its makers' name."
        )
    if not family.can_infill(found.tokenizer):
        why = family.refusal or "Its vocabulary has no fill-in-the-middle tokens."
        return f"{told.model} cannot complete inside a file. {why} {served_advice(told.model, role)}"
    return ""


def controls_of(family: Family) -> tuple[str, ...]:
    """Every control token that means something to the family, by its text."""
    files = (family.form.mark, family.form.repository, family.form.gap) if family.form else ()
    marks = (*family.markers, *family.signature, *family.stops, *family.turn_ends, *TURN_ENDS, *files)
    return tuple(dict.fromkeys(mark for mark in marks if mark.startswith(("<", "[", "▁<"))))


async def _asked(server: Server, told: Told, family: Family) -> Asked | None:
    families = FAMILIES if family is UNKNOWN else (family,)
    controls = dict.fromkeys(control for each in families for control in controls_of(each))

    def ask(texts: Sequence[str], special: bool) -> Awaitable[list[list[Piece]] | None]:
        return server.tokenised(told, texts, special=special)

    return await asked(ask, told, controls, careful=server.sees_controls)


def _borrowed(family: Family, models: Path) -> Tokenizer | None:
    from interfix.engine.remote.vocabularies import borrowed  # here: it needs llama.cpp's library, which most servers make needless

    return borrowed(family, models)
