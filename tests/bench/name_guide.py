"""Whether a guide by names helps: at names of real code, what it refuses that people wrote, and what a model writes with it.

At each place the rest of the line is taken out. The guide is made from the index, from a language server, and from both. The judge
is another language server, which the guide knows nothing of.
"""

import asyncio
import math
import re
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from rich.table import Table

from interfix.completion.calibration_store import load_calibrations
from interfix.completion.completer import Completer
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import CompletionSettings, Settings
from interfix.context.exclusion import Exclusion
from interfix.context.gatherer import Gatherer
from interfix.context.index import WorkspaceIndex
from interfix.context.names.completion_item_names import OfferedNames, list_texts
from interfix.context.names.name_position import PositionKind
from interfix.context.names.name_search import AskServer, KnownNames, NameSearch
from interfix.context.workspace_reader import Workspace
from interfix.engine.client import create_local_engine
from interfix.engine.guided_text import GuidedText
from interfix.engine.protocol import Engine
from interfix.errors import UsageError
from interfix.guided_decoding_names import NameGuide
from interfix.lsp.language_server_client import open_language_server
from interfix.models.role_check import BaseModel
from interfix.output.console_output import Console, write_json
from interfix.syntax.snapshot import Snapshot
from tests.bench.name_places import GuidedChoice, Place, choose_places, cut_line

GUIDES = {
    "off": ("index", "server"),
    "index": ("server",),
    "server": ("index",),
    "both": (),
    "strict": (),
    "joined": (),
}
"""By name, the sources that each guide leaves out. The last two are there to compare with: one refuses all that is not offered, one
takes what is a member of anything for no less likely."""
COLUMNS = (
    *("guide", "places", "known", "refuses", "behind", "at a cost", "right", "gained", "lost", "judged", "not there"),
    *("shown", "its right", "its judged", "its not there"),
)
MAX_TOKENS = 12
GATHERING_MS = 3_000
_NAME = re.compile(r"#?\w+")


class NameBenchOptions(msgspec.Struct, frozen=True):
    """What to measure, and by whom."""

    language: str = "python"
    """A folder under `grammars/`."""
    kind: PositionKind = PositionKind.MEMBER
    """Of the names that are taken out."""
    places: int = 120
    """Names, of all folders together."""
    seed: int = 1
    """Draws the places."""
    server: str = ""
    """The command of the language server that guides; empty: none."""
    judge: str = ""
    """The command of the one that says what exists; empty: none."""
    prompt_tokens: int = 1024
    """Most tokens of a prompt."""
    output: Path | None = None
    """Keeps each place, so that a run that was ended goes on."""


class NamesReport(msgspec.Struct, frozen=True):
    """What one guide is worth."""

    guide: str
    places: int
    known: int
    """Places at which it knows which names there are."""
    refused: int
    """Those at which it refuses the name that a person wrote."""
    refused_behind: int
    """Those at which it refuses what the person wrote behind the name."""
    costly: int
    """Those at which the name is allowed at a cost."""
    right: int
    """Names that the model wrote as the person did."""
    gained: int
    """Those of them that it wrote otherwise without a guide."""
    lost: int
    """Names that it wrote as the person did only without a guide."""
    judged: int
    """Places at which the judge knows the names."""
    unreal: int
    """Names that the model wrote there and that the judge has not."""
    shown: int
    """Suggestions that would be shown to who types."""
    shown_right: int
    """Those of them whose name is the person's."""
    shown_judged: int
    """Those of them at which the judge knows the names."""
    shown_unreal: int
    """Those of these whose name the judge has not."""


def run(folders: Sequence[Path], settings: Settings, model: BaseModel | None, options: NameBenchOptions) -> list[NamesReport]:
    """Measure in workspaces, and show it; without a model only what the guides refuse.

    Raises `UsageError` where there is no place.
    """
    measurements = asyncio.run(_measure(folders, settings, model, options))
    if not measurements:
        raise UsageError(f"There is no {options.kind.name.lower()} in any {options.language} file of these folders.")
    reports = [_sum_up(measurements, name) for name in GUIDES]
    table = Table(*COLUMNS)
    for each in reports:
        table.add_row(*map(str, msgspec.structs.astuple(each)))
    Console(stderr=True).print(table)
    write_json(reports)
    return reports


async def _measure(folders: Sequence[Path], settings: Settings, model: BaseModel | None, options: NameBenchOptions) -> list[Place]:
    done = _read_done(options.output)
    measured: list[Place] = []
    engine = create_local_engine()
    try:
        for folder in folders:
            root = folder.resolve()
            chosen = choose_places(root, options.language, options.kind, options.places // len(folders), options.seed)
            known = [done.get((each.path, each.offset), each) for each in chosen]
            left = [each for each in known if not each.guides or (model is not None and not each.guides["off"].name)]
            measured += known
            if not left:
                continue
            if all(each.guides for each in left):
                options = msgspec.structs.replace(options, server="", judge="")
            async with _open_bench(root, settings, engine, model, options) as bench:
                for place in left:
                    await bench.measure(place)
                    if options.output is not None:
                        with options.output.open("ab") as file:
                            file.write(msgspec.json.encode(place) + b"\n")
    finally:
        await engine.close()
    return measured


def _read_done(output: Path | None) -> dict[tuple[str, int], Place]:
    if output is None or not output.exists():
        return {}
    places = (msgspec.json.decode(line, type=Place) for line in output.read_bytes().splitlines())
    return {(place.path, place.offset): place for place in places}


class _GuideSearch(NameSearch):
    """Changes what names cost, where a guide is there to compare with."""

    def __init__(self, name: str, workspace: Workspace, ask_server: AskServer) -> None:
        super().__init__(lambda _: workspace, ask_server, GUIDES[name], patient=True)
        self._name = name

    async def find(self, snapshot: Snapshot, offset: int, root: Path | None, *, explicit: bool = False) -> KnownNames:
        if self._name == "off":
            return KnownNames()  # nor what the document names
        known = await super().find(snapshot, offset, root, explicit=explicit)
        return msgspec.structs.replace(known, guide=_change_costs(known.guide, self._name))


class _Bench:
    """One workspace, with whoever knows names in it and, maybe, a model."""

    def __init__(
        self, workspace: Workspace, settings: Settings, engine: Engine, model: BaseModel | None, prompt_tokens: int
    ) -> None:
        self.server: AskServer | None = None
        self.judge: AskServer | None = None
        self._root = workspace.root
        self._model = model
        self._offered: OfferedNames | None = None
        patient = msgspec.structs.replace(settings.context, limit_ms=GATHERING_MS)
        self._gatherer = Gatherer(patient, prompt_tokens, lambda _: workspace)
        self._searches = {name: _GuideSearch(name, workspace, self._answer) for name in GUIDES}
        completion = _be_patient(settings.completion, prompt_tokens)
        self._completers = {
            name: Completer(engine, completion, calibrations=load_calibrations(), gatherer=self._gatherer, names=search)
            for name, search in self._searches.items()
        }

    async def measure(self, place: Place) -> None:
        """What the guides make of a place."""
        snapshot, rest = cut_line(Path(place.path), place.offset)
        if self.server is not None:
            place.offered = await self.server(snapshot, place.offset)
        if self.judge is not None and (real := await self.judge(snapshot, place.offset)) is not None:
            place.real = list_texts(real.items)
            place.judged = place.written in place.real
        self._offered = place.offered
        plain_output: tuple[str, bool] | None = None
        for name, search in self._searches.items():
            known = await search.find(snapshot, place.offset, self._root, explicit=True)
            choice = place.guides[name] = _judge_written(known.guide, place.written, rest)
            if self._model is not None:
                # Where a guide has nothing against what is written without one, it is written with it, too.
                same = plain_output is not None and (
                    known.guide is None or GuidedText(known.guide).judge(plain_output[0].encode()) == 0.0
                )
                output = plain_output if same and plain_output is not None else await self._write(name, snapshot, place.offset)
                plain_output = plain_output or output
                match = _NAME.match(output[0])
                choice.name, choice.shown = match[0] if match else "?", output[1]
            search.drop_document(snapshot.key)

    async def _answer(self, _snapshot: Snapshot, _offset: int) -> OfferedNames | None:
        return self._offered

    async def _write(self, name: str, snapshot: Snapshot, offset: int) -> tuple[str, bool]:
        """What the model writes with a guide, and whether that would be shown."""
        assert self._model is not None
        request = SuggestionRequest(self._model, snapshot, offset, self._root, automatic=True)
        made = await self._completers[name].suggest(request)
        return made.text or made.decision.said, bool(made.text)

    def close(self) -> None:
        self._gatherer.close()
        for search in self._searches.values():
            search.close()


@asynccontextmanager
async def _open_bench(
    root: Path, settings: Settings, engine: Engine, model: BaseModel | None, options: NameBenchOptions
) -> AsyncGenerator[_Bench, None]:
    with tempfile.TemporaryDirectory(prefix="interfix-names-") as temporary:
        exclusion = Exclusion(root, settings.context)
        index = WorkspaceIndex(root, exclusion, Path(temporary))
        await index.start()
        while not index.status.current:
            await index.wait_for_status()
        bench = _Bench(Workspace(root, exclusion, index), settings, engine, model, options.prompt_tokens)
        try:
            async with (
                open_language_server(options.server, root) as bench.server,
                open_language_server(options.judge, root) as bench.judge,
            ):
                yield bench
        finally:
            bench.close()
            await index.close()


def _be_patient(settings: CompletionSettings, prompt_tokens: int) -> CompletionSettings:
    """Short suggestions, of however long it takes: what is measured is no time."""
    return msgspec.structs.replace(
        settings,
        prompt_tokens=prompt_tokens,
        line_tokens=MAX_TOKENS,
        block_tokens=MAX_TOKENS,
        latency_ms=600_000,
        time_ms=0,
        guide=True,
    )


def _judge_written(guide: NameGuide | None, written: str, rest: str) -> GuidedChoice:
    """What a guide has against what a person wrote."""
    if guide is None:
        return GuidedChoice()
    text = GuidedText(msgspec.structs.replace(guide, uses=""))
    end = len(written)
    cost = text.judge((rest[: end + 1] if rest[end:].strip() else f"{written}\n").encode())
    behind = cost < math.inf and text.judge(f"{rest}\n".encode()) == math.inf
    return GuidedChoice(bool(text.state.tiers), cost == math.inf, behind, 0.0 if cost == math.inf else cost)


def _change_costs(guide: NameGuide | None, name: str) -> NameGuide | None:
    if guide is None or name not in ("strict", "joined"):
        return guide
    return msgspec.structs.replace(guide, elsewhere_cost=math.inf if name == "strict" else 0.0)


def _sum_up(places: Sequence[Place], guide: str) -> NamesReport:
    chosen = [(place, place.guides[guide]) for place in places]
    judged = [
        (choice, choice.name.lstrip("#") not in place.real) for place, choice in chosen if place.judged and choice.name.strip("?")
    ]
    return NamesReport(
        guide=guide,
        places=len(places),
        known=sum(choice.known for _, choice in chosen),
        refused=sum(choice.refused for _, choice in chosen),
        refused_behind=sum(choice.refused_behind for _, choice in chosen),
        costly=sum(choice.cost > 0 for _, choice in chosen),
        right=sum(choice.name == place.written for place, choice in chosen),
        gained=sum(choice.name == place.written != place.guides["off"].name for place, choice in chosen),
        lost=sum(choice.name != place.written == place.guides["off"].name for place, choice in chosen),
        judged=len(judged),
        unreal=sum(is_unreal for _, is_unreal in judged),
        shown=sum(choice.shown for _, choice in chosen),
        shown_right=sum(choice.shown and choice.name == place.written for place, choice in chosen),
        shown_judged=sum(choice.shown for choice, _ in judged),
        shown_unreal=sum(choice.shown and is_unreal for choice, is_unreal in judged),
    )
