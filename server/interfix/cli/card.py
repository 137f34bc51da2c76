"""`interfix models inspect`: what a model file is, on one page. Knows how to print it, not how it is made out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from interfix.cli.options import Json
from interfix.models import memory, proofs, roles
from interfix.models.evidence import Kind, kind
from interfix.models.inspect import Header, read_header
from interfix.models.memory import Memory
from interfix.models.proofs import Proof
from interfix.output.terminal import Console, write_json
from interfix.values import Role


class Card(msgspec.Struct, frozen=True):
    """All that is known of a file."""

    header: Header
    """What its header says."""
    kind: Kind
    """Base or instruct, and how one can tell."""
    memory: Memory
    """What it needs for one role."""
    proof: Proof | None
    """What a probe has shown; None where none has been run."""
    roles: tuple[Role, ...]
    """The roles it can serve."""
    refusals: dict[Role, str]
    """For each role it cannot serve, why not and what can."""


def inspect(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A GGUF file.")],
    context: Annotated[int, typer.Option("--context", metavar="TOKENS", min=1, help="The context to tell the memory for.")] = 4096,
    probe: Annotated[bool, typer.Option("--probe", help="Load it and prove its roles; the outcome is remembered.")] = False,
    json: Json = False,
) -> None:
    """Tell what a model file is, how one can tell, what it needs and which roles it can serve: from its header, in no time."""
    if probe:
        from interfix.engine.prove import prove

        prove(path)
    card = _card(path, context)
    if json:
        told = {**msgspec.to_builtins(card), "path": str(path.absolute())}
        told["memory"]["total"] = card.memory.total
        write_json(told)
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _lines(card):
        if value:
            table.add_row(name, value)
    Console().print(table)


def _card(path: Path, context: int) -> Card:
    header = read_header(path)
    refusals = {role: says for role in Role if (says := roles.refusal(path.stem, path, role))}
    return Card(
        header=header,
        kind=kind(header),
        memory=memory.of_file(header, context),
        proof=proofs.proof(path),
        roles=tuple(role for role in Role if role not in refusals),
        refusals=refusals,
    )


def _lines(card: Card) -> Iterator[tuple[str, str]]:
    header, needs = card.header, card.memory
    yield "name", " · ".join(text for text in (header.name, header.basename, header.size_label) if text)
    yield "architecture", header.architecture
    yield "parameters", f"{header.parameters / 1e6:,.0f} million in {header.tensors} tensors"
    stored = ", ".join(f"{name} {share:.0%}" for name, share in header.shares.items() if share >= _SHOWN_SHARE)
    yield "quantisation", f"{header.quantisation or 'not told'} ({stored})"
    yield "context", f"{header.context_length:,} tokens" if header.context_length else "not told"
    yield "vocabulary", f"{header.vocabulary:,} tokens, {header.tokenizer}"
    yield "infill", "; ".join(f"{mark.part} {mark.token} (by {mark.rule})" for mark in header.marks) or "no tokens for it"
    yield "chat template", ", ".join(header.template) or "none"
    yield "licence", header.licence or "not told"
    yield "from", ", ".join(header.sources)
    yield "made as", f"{card.kind.role} ({card.kind.sure}): {'; '.join(card.kind.evidence)}"
    yield "KV cache", f"cannot be shifted: {header.fixed}" if header.fixed else "can be shifted"
    if header.attention.window:
        yield "", f"layers with a sliding window of {header.attention.window} tokens are kept in full, so that they can be, too"
    yield (
        "memory",
        (
            f"{_mb(needs.total)} for {needs.context:,} tokens: "
            f"weights {_mb(needs.weights)}, KV cache {_mb(needs.kv)}, computing {_mb(needs.compute)}"
        ),
    )
    yield from _probed(card.proof)
    yield "roles", ", ".join(card.roles) or "none"
    for role, says in card.refusals.items():
        yield f"not {role}", says


# Norms and biases make up less of the parameters than this.
_SHOWN_SHARE = 0.005


def _probed(proof: Proof | None) -> Iterator[tuple[str, str]]:
    if proof is None:
        yield "probe", "not run yet: --probe loads the model and proves its roles"
        return
    yield "probe, infill", proof.infill.says if proof.infill else "not asked: there are no tokens for it"
    yield "probe, chat", proof.chat.says if proof.chat else "not asked: there is no chat template"
    yield "speed", f"{proof.tokens_per_second:.0f} tokens/s" if proof.tokens_per_second else ""


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
