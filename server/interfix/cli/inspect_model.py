"""`interfix models inspect`: what a model file is, on one page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from interfix.cli.options import JsonOption
from interfix.inference_types import NEEDED_ROLES, Role
from interfix.models import memory_estimate, role_check, role_probe_store
from interfix.models.kind_detection import ModelKind, detect_kind
from interfix.models.memory_estimate import MemoryEstimate
from interfix.models.model_header import ModelHeader, read_header
from interfix.models.role_probe_store import ProbeResult
from interfix.output.console_output import Console, write_json


class ModelCard(msgspec.Struct, frozen=True):
    """All that is known of a file."""

    header: ModelHeader
    """What its header says."""
    kind: ModelKind
    """Base or instruct, and how one can tell."""
    memory: MemoryEstimate
    """What it needs for one role."""
    proof: ProbeResult | None
    """What a probe has shown; None where none has been run."""
    roles: tuple[Role, ...]
    """The roles it can serve."""
    refusals: dict[Role, str]
    """For each role it cannot serve, why not and what can."""


def inspect(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A GGUF file.")],
    context: Annotated[
        int, typer.Option("--context-tokens", metavar="N", min=1, help="The context to tell the memory for.")
    ] = 4096,
    probe: Annotated[bool, typer.Option("--probe", help="Load it and prove its roles; the outcome is remembered.")] = False,
    json: JsonOption = False,
) -> None:
    """Tell what a model file is, how one can tell, what it needs and which roles it can serve: from its header, in no time."""
    if probe:
        from interfix.engine.probes.role_probe_launcher import probe_roles

        probe_roles(path)
    card = _build_card(path, context)
    if json:
        report = {**msgspec.to_builtins(card), "path": str(path.absolute())}
        report["memory"]["total"] = card.memory.total
        write_json(report)
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _card_rows(card):
        if value:
            table.add_row(name, value)
    Console().print(table)


def _build_card(path: Path, context: int) -> ModelCard:
    header = read_header(path)
    refusals = {role: says for role in Role if (says := role_check.find_refusal(path.stem, path, role))}
    return ModelCard(
        header=header,
        kind=detect_kind(header),
        memory=memory_estimate.estimate_from_header(header, context),
        proof=role_probe_store.find_result(path),
        roles=tuple(role for role in Role if role not in refusals),
        refusals=refusals,
    )


def _card_rows(card: ModelCard) -> Iterator[tuple[str, str]]:
    header, needs = card.header, card.memory
    yield "name", " · ".join(text for text in (header.name, header.basename, header.size_label) if text)
    yield "architecture", header.architecture
    yield "parameters", f"{header.parameters / 1e6:,.0f} million in {header.tensors} tensors"
    stored = ", ".join(f"{name} {share:.0%}" for name, share in header.shares.items() if share >= _MIN_SHARE)
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
            f"{_format_megabytes(needs.total)} for {needs.context:,} tokens: "
            f"weights {_format_megabytes(needs.weights)}, KV cache {_format_megabytes(needs.kv)}, "
            f"{f'states {_format_megabytes(needs.state)}, ' if needs.state else ''}"
            f"computing {_format_megabytes(needs.compute)}"
        ),
    )
    yield from _probe_rows(card.proof)
    yield "roles", ", ".join(card.roles) or "none"
    for role, says in card.refusals.items():
        if role in NEEDED_ROLES:
            yield f"not {role}", says


# Norms and biases make up less of the parameters than this.
_MIN_SHARE = 0.005


def _probe_rows(proof: ProbeResult | None) -> Iterator[tuple[str, str]]:
    if proof is None:
        yield "probe", "not run yet: --probe loads the model and proves its roles"
        return
    yield "probe, infill", proof.infill.says if proof.infill else "not asked: there are no tokens for it"
    yield "probe, chat", proof.chat.says if proof.chat else "not asked: there is no chat template"
    yield "speed", f"{proof.tokens_per_second:.0f} tokens/s" if proof.tokens_per_second else ""


def _format_megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
