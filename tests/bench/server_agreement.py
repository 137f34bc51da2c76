"""Whether a server suggests what the local engine does with the same weights.

Both are asked through the same pipeline, greedily, for the same cases, with prompts of the same length, in one run.
"""

import asyncio
import math
import random
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

import msgspec
from rich.progress import Progress
from rich.table import Table

from interfix.bench.fim_case_files import InfillCase, read_cases
from interfix.completion.completer import Completer
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import Settings
from interfix.context.gatherer import Gatherer
from interfix.engine.client import create_local_engine
from interfix.engine.engine_wrapper import EngineWrapper
from interfix.engine.protocol import Engine, InfillRequest, KvReuse
from interfix.engine.remote.engine import RemoteEngine
from interfix.engine.remote.transport import Timeouts
from interfix.errors import UsageError
from interfix.inference_types import GeneratedToken, GenerationEvent, Role
from interfix.models.role_check import BaseModel, make_remote_base
from interfix.output.console_output import Console, write_json
from interfix.syntax.document import Document

GENEROUS_TIMEOUTS = Timeouts(first_event=900.0, next_event=120.0)
"""What is compared here is no speed."""
_LISTED_DIFFERENCES = 3


class ComparedCase(msgspec.Struct, frozen=True):
    """One case."""

    id: str | int
    """The case's."""
    kind: str
    """The case's."""
    local: str
    """What the local engine suggests; empty for nothing."""
    server: str
    """What the server does."""
    parting: str = ""
    """Where they part: the token of each, and how likely it is. A close call is decided by the order in which sums are taken."""


class AgreementReport(msgspec.Struct, frozen=True):
    """Figures of one run."""

    server: str
    """The server's kind and host."""
    local_model: str
    """Who completed on this machine."""
    server_model: str
    """Who completed on the server."""
    counted: str
    """How the server's prompts were counted."""
    cases: int
    """How many there were."""
    same: int
    """For how many both suggest the same, nothing included."""
    agreement: float
    """Their share."""
    silent: int
    """For how many neither suggests anything."""
    kinds: dict[str, tuple[int, int]]
    """By kind: cases, and those with the same suggestion."""
    differing: tuple[ComparedCase, ...]
    """The others."""

    def show(self) -> None:
        """A table for people on stderr, one JSON line for machines on stdout."""
        table = Table(title=f"{self.server}: {self.server_model}, and {self.local_model} here", title_justify="left")
        for heading in ("kind", "cases", "same"):
            table.add_column(heading, justify="left" if heading == "kind" else "right")
        for kind, (cases, same) in (*self.kinds.items(), ("all", (self.cases, self.same))):
            table.add_row(kind, str(cases), f"{same} ({same / max(1, cases):.0%})")
        console = Console(stderr=True)
        console.print(table)
        console.print(f"Prompts counted {self.counted}. {self.silent} cases without a suggestion from either.")
        for pair in self.differing[:_LISTED_DIFFERENCES]:
            parting = f" They part at {pair.parting}." if pair.parting else ""
            console.print(f"{pair.id}: {pair.local!r} here, {pair.server!r} there.{parting}")
        write_json(self)


def run(
    cases: Path,
    local_model: BaseModel,
    settings: Settings,
    *,
    kinds: Sequence[str],
    prompt_tokens: int,
    limit: int | None = None,
    seed: int = 1,
) -> AgreementReport:
    """Complete cases of these kinds with `local` and with the server that `settings.base` names; show figures.

    Raises `UsageError` for cases that cannot be read or are none of these kinds, and what the engines raise.
    """
    wanted = sorted((case for case in read_cases(cases) if case.kind in kinds), key=lambda case: str(case.id))
    if not wanted:
        raise UsageError(f"{cases} has no cases of these kinds: {', '.join(kinds)}.")
    if limit is not None and limit < len(wanted):
        wanted = random.Random(seed).sample(wanted, limit)
    completion = msgspec.structs.replace(settings.completion, prompt_tokens=prompt_tokens, threshold=0.0, time_ms=0)
    settings = msgspec.structs.replace(settings, completion=completion)
    report = asyncio.run(_run(wanted, local_model, settings))
    report.show()
    return report


async def _run(cases: list[InfillCase], local_model: BaseModel, settings: Settings) -> AgreementReport:
    server = RemoteEngine(Role.BASE, settings.base, Path(local_model.path).parent, timeouts=GENEROUS_TIMEOUTS)
    served = make_remote_base(settings.base.model or settings.base.engine, settings.base.url)
    pairs = []
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        async with create_local_engine() as here:
            for case in progress.track(cases, description="agreement"):
                one, own = await _suggest(here, local_model, case, settings)
                other, its = await _suggest(server, served, case, settings)
                pairs.append(ComparedCase(case.id, case.kind, one, other, _describe_difference(own, its)))
    status = await server.read_server_status()
    await server.close()
    differing = tuple(pair for pair in pairs if pair.local != pair.server)
    kinds = {}
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        of_kind = [pair.local == pair.server for pair in pairs if pair.kind == kind]
        kinds[kind] = len(of_kind), sum(of_kind)
    return AgreementReport(
        server=f"{status.engine} at {status.host}",
        local_model=local_model.name,
        server_model=status.model,
        counted=status.counted,
        cases=len(pairs),
        same=len(pairs) - len(differing),
        agreement=round(1 - len(differing) / len(pairs), 4),
        silent=sum(not pair.local and not pair.server for pair in pairs),
        kinds=kinds,
        differing=differing,
    )


class GreedyEngine(EngineWrapper):
    """An engine without chance and past: a second try, which is drawn, comes to nothing, and every prompt is decoded whole."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.tokens: list[GeneratedToken] = []
        """What it wrote."""

    async def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        if not request.sampling.temperature:
            request = msgspec.structs.replace(request, reuse=KvReuse.NONE)
            async with aclosing(self.engine.infill(request)) as events:
                async for event in events:
                    if isinstance(event, GeneratedToken):
                        self.tokens.append(event)
                    yield event


async def _suggest(engine: Engine, model: BaseModel, case: InfillCase, settings: Settings) -> tuple[str, list[GeneratedToken]]:
    document = Document(f"file:///{case.id}/{case.file_name}", case.prefix + case.suffix, 0, case.language)
    gatherer = Gatherer(settings.context, settings.completion.prompt_tokens)
    greedy = GreedyEngine(engine)
    completer = Completer(greedy, settings.completion, gatherer=gatherer)
    suggestion = await completer.suggest(SuggestionRequest(model, document.snapshot(), len(case.prefix.encode())))
    gatherer.close()
    return suggestion.text, greedy.tokens


def _describe_difference(local_tokens: Sequence[GeneratedToken], server_tokens: Sequence[GeneratedToken]) -> str:
    """The first token that differs; empty where one answer is the other's beginning."""
    for one, other in zip(local_tokens, server_tokens, strict=False):
        if one.text != other.text:
            return f"{_format_token(one)} here, {_format_token(other)} there"
    return ""


def _format_token(token: GeneratedToken) -> str:
    """Zero is what is told where nothing is known."""
    return f"{token.text!r} ({math.exp(token.logprob):.0%})" if token.logprob else repr(token.text)
