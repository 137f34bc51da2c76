"""What a guide by names adds to the time of a keystroke: members of real code are typed with it and without it, in one run.

A language server that answers after so many milliseconds is played: what a real one computes is no time of ours.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from rich.table import Table

from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.completion.calibration_store import load_calibrations
from interfix.completion.completer import Completer
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import Settings
from interfix.context.exclusion import Exclusion
from interfix.context.gatherer import Gatherer
from interfix.context.index import WorkspaceIndex
from interfix.context.index.file_extraction import find_member_names
from interfix.context.names.completion_item_names import OfferedName, OfferedNames
from interfix.context.names.name_position import PositionKind
from interfix.context.names.name_search import NameSearch
from interfix.context.workspace_reader import Workspace
from interfix.engine.protocol import Engine
from interfix.errors import UsageError
from interfix.models.role_check import BaseModel
from interfix.output.console_output import Console, write_json
from interfix.syntax.snapshot import Snapshot
from tests.bench.name_places import Place, choose_places, cut_line

TYPED_CHARACTERS = 2
"""So much of each name is typed, a key at a time, behind the key that types its link."""
MEMBER_KIND = 2
"""Of LSP's `CompletionItemKind`: a method."""


class GuideCostOptions(msgspec.Struct, frozen=True):
    """What to type, and who answers."""

    language: str = "python"
    """A folder under `grammars/`."""
    places: int = 30
    """Members, of each folder."""
    seed: int = 1
    """Draws the places."""
    server_ms: int = 20
    """So long the language server takes to answer, ms."""
    offered: int = 100
    """So many names it offers, beside those of the file."""


class GuideCost(msgspec.Struct, frozen=True):
    """Time from a key to its suggestion, debounce included."""

    keys: int
    """Keys that were typed each way."""
    guided: int
    """Those at which names were known."""
    with_ms: Percentiles
    without_ms: Percentiles
    ratio: float
    """Of the medians: with the guide to without it."""


def run(folders: Sequence[Path], settings: Settings, engine: Engine, model: BaseModel, options: GuideCostOptions) -> GuideCost:
    """Type in workspaces, and show the figures. Raises `UsageError` where there is no member."""
    cost = asyncio.run(_measure(folders, settings, engine, model, options))
    table = Table("keys", "guided", "with, ms", "p95", "without, ms", "p95", "ratio")
    figures = [f"{each:.1f}" for part in (cost.with_ms, cost.without_ms) for each in (part.p50, part.p95)]
    table.add_row(str(cost.keys), str(cost.guided), *figures, f"{cost.ratio:.3f}")
    Console(stderr=True).print(table)
    write_json(cost)
    return cost


async def _measure(
    folders: Sequence[Path], settings: Settings, engine: Engine, model: BaseModel, options: GuideCostOptions
) -> GuideCost:
    times = _KeyTimes()
    try:
        for folder in folders:
            root = folder.resolve()
            places = choose_places(root, options.language, PositionKind.MEMBER, options.places, options.seed)
            async with _open_workspace(root, settings) as workspace:
                typist = _Typist(workspace, settings, engine, model, options)
                try:
                    for number, place in enumerate(places):
                        await typist.type_place(place, times, guide_first=number % 2 == 0)
                finally:
                    typist.close()
    finally:
        await engine.close()
    if not times.with_ms:
        raise UsageError(f"There is no member in any {options.language} file of these folders.")
    with_ms, without_ms = compute_percentiles(times.with_ms), compute_percentiles(times.without_ms)
    return GuideCost(len(times.with_ms), times.guided, with_ms, without_ms, round(with_ms.p50 / without_ms.p50, 4))


class _KeyTimes:
    """What was measured so far."""

    def __init__(self) -> None:
        self.with_ms: list[float] = []
        self.without_ms: list[float] = []
        self.guided = 0


class _Typist:
    """Types in one workspace."""

    def __init__(
        self, workspace: Workspace, settings: Settings, engine: Engine, model: BaseModel, options: GuideCostOptions
    ) -> None:
        self._root = workspace.root
        self._model = model
        self._options = options
        self._debounce_seconds = settings.completion.debounce_ms / 1000
        self._gatherer = Gatherer(settings.context, settings.completion.prompt_tokens, lambda _: workspace)
        self._names = NameSearch(lambda _: workspace, self._answer)
        self._offered: tuple[OfferedName, ...] = ()
        completion = settings.completion
        self._guided = Completer(engine, completion, None, load_calibrations(), gatherer=self._gatherer, names=self._names)
        self._plain = Completer(engine, completion, None, load_calibrations(), gatherer=self._gatherer)

    async def type_place(self, place: Place, times: _KeyTimes, *, guide_first: bool) -> None:
        """Type the beginning of a name with the guide and without; once before, so that the prompt is read for both."""
        snapshot, rest = cut_line(Path(place.path), place.offset)
        own = sorted(find_member_names(snapshot.data.decode("utf-8", "replace")))
        names = [*own, *(f"member_{number}" for number in range(self._options.offered))]
        self._offered = tuple(OfferedName(name, kind=MEMBER_KIND) for name in names)
        await self._type_key(self._plain, snapshot, place.offset)
        for typed in range(TYPED_CHARACTERS + 1):
            written = snapshot.replace_range(place.offset, place.offset, rest[:typed])
            offset = place.offset + len(rest[:typed].encode())
            for with_guide in (guide_first, not guide_first):
                completer = self._guided if with_guide else self._plain
                ms, is_guided = await self._type_key(completer, written, offset)
                (times.with_ms if with_guide else times.without_ms).append(ms)
                times.guided += is_guided
        self._names.drop_document(snapshot.key)
        self._gatherer.drop_document(snapshot.key)

    async def _type_key(self, completer: Completer, snapshot: Snapshot, offset: int) -> tuple[float, bool]:
        """The time from a key to its suggestion, ms, and whether names were known."""
        request = SuggestionRequest(self._model, snapshot, offset, self._root, automatic=True)
        began = time.perf_counter()
        completer.prepare(request)
        await asyncio.sleep(self._debounce_seconds)
        made = await completer.suggest(request)
        return (time.perf_counter() - began) * 1000, bool(made.decision.guided_by)

    async def _answer(self, _snapshot: Snapshot, _offset: int) -> OfferedNames | None:
        await asyncio.sleep(self._options.server_ms / 1000)
        return OfferedNames(self._offered)

    def close(self) -> None:
        self._gatherer.close()
        self._names.close()


@asynccontextmanager
async def _open_workspace(root: Path, settings: Settings) -> AsyncGenerator[Workspace, None]:
    with tempfile.TemporaryDirectory(prefix="interfix-guide-cost-") as temporary:
        exclusion = Exclusion(root, settings.context)
        index = WorkspaceIndex(root, exclusion, Path(temporary))
        await index.start()
        try:
            while not index.status.current:
                await index.wait_for_status()
            yield Workspace(root, exclusion, index)
        finally:
            await index.close()
