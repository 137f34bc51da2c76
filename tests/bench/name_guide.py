"""Whether a guide by names helps: at members of real code, what it refuses that people wrote, and what a model writes with it.

At each place the rest of the line is taken out behind the link. The guide is made from the index, from a language server, and from
both. The judge is another language server, which the guide knows nothing of.
"""

import asyncio
import math
import random
import re
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import msgspec
from rich.table import Table

from interfix.config.settings import Settings
from interfix.context.exclusion import Exclusion
from interfix.context.gatherer import Gatherer
from interfix.context.index import WorkspaceIndex
from interfix.context.names.name_position import find_name_position
from interfix.context.names.name_search import AskServer, NameSearch
from interfix.context.names.server_names import OfferedNames, list_texts
from interfix.context.workspace_files import Workspace
from interfix.engine.client import create_local_engine
from interfix.engine.guided_text import GuidedText
from interfix.engine.protocol import Engine, InfillRequest
from interfix.errors import UsageError
from interfix.lsp.language_server_client import open_language_server
from interfix.models.role_check import BaseModel
from interfix.name_guide import NameGuide
from interfix.output.standard_streams import Console, write_json
from interfix.syntax.document import Document
from interfix.syntax.snapshot import Snapshot
from interfix.values import GeneratedToken

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
PLACES_PER_FILE = 5
MAX_TOKENS = 12
MAX_FILE_BYTES = 60_000
GATHERING_MS = 3_000
_MEMBER = re.compile(rb"(?<=[\w)\]])(?:\?\.|->|::|\.)([A-Za-z_]\w*)")
_NAME = re.compile(r"\w+")


class GuidedChoice(msgspec.Struct):
    """What one guide makes of a place."""

    known: bool = False
    """It knows which names there are."""
    refused: bool = False
    """It would not let be written what a person wrote."""
    cost: float = 0.0
    """What that costs."""
    name: str = ""
    """What the model wrote; empty where none was asked."""


class Place(msgspec.Struct):
    """A member in a file."""

    path: str
    offset: int
    """Byte offset of the name."""
    written: str
    """The name that the person wrote."""
    judged: bool = False
    """The judge knows the names there, that one among them."""
    offered: OfferedNames | None = None
    """What the language server offers."""
    real: list[str] = []
    """The names that the judge has."""
    guides: dict[str, GuidedChoice] = {}


class NamesReport(msgspec.Struct, frozen=True):
    """What one guide is worth."""

    guide: str
    places: int
    known: int
    """Places at which it knows which names there are."""
    refused: int
    """Those of them at which it refuses what a person wrote."""
    costly: int
    """Those at which that is allowed at a cost."""
    right: int
    """Names that the model wrote as the person did."""
    judged: int
    """Places at which the judge knows the names."""
    unreal: int
    """Names that the model wrote there and that the judge has not."""


def run(
    folders: Sequence[Path],
    settings: Settings,
    model: BaseModel | None,
    *,
    language: str,
    places: int,
    seed: int,
    server: str,
    judge: str,
    prompt_tokens: int,
    output: Path | None,
) -> list[NamesReport]:
    """Measure in workspaces, and show it; without a model only what the guides refuse. `output` keeps each place, so that a run
    that was ended goes on. Raises `UsageError` where there is no place.
    """
    found = asyncio.run(_measure(folders, settings, model, language, places, seed, server, judge, prompt_tokens, output))
    if not found:
        raise UsageError(f"There is no member in any {language} file of these folders.")
    reports = [_sum_up(found, name) for name in GUIDES]
    table = Table("guide", "places", "known", "refuses", "at a cost", "right", "judged", "not there")
    for each in reports:
        table.add_row(*map(str, msgspec.structs.astuple(each)))
    Console(stderr=True).print(table)
    write_json(reports)
    return reports


async def _measure(
    folders: Sequence[Path],
    settings: Settings,
    model: BaseModel | None,
    language: str,
    places: int,
    seed: int,
    server: str,
    judge: str,
    prompt_tokens: int,
    output: Path | None,
) -> list[Place]:
    done = _read_done(output)
    measured: list[Place] = []
    engine = create_local_engine()
    try:
        for folder in folders:
            chosen = list(_choose_places(folder.resolve(), language, places // len(folders), seed))
            known = [done.get((each.path, each.offset), each) for each in chosen]
            left = [each for each in known if not each.guides or (model is not None and not each.guides["off"].name)]
            measured += known
            if not left:
                continue
            is_asked = all(each.guides for each in left)
            async with _open_bench(
                folder.resolve(), settings, "" if is_asked else server, "" if is_asked else judge, prompt_tokens
            ) as bench:
                for place in left:
                    await bench.measure(place, engine, model)
                    if output is not None:
                        with output.open("ab") as file:
                            file.write(msgspec.json.encode(place) + b"\n")
    finally:
        await engine.close()
    return measured


def _read_done(output: Path | None) -> dict[tuple[str, int], Place]:
    if output is None or not output.exists():
        return {}
    places = (msgspec.json.decode(line, type=Place) for line in output.read_bytes().splitlines())
    return {(place.path, place.offset): place for place in places}


class _Bench:
    """One workspace, with whoever knows names in it."""

    def __init__(
        self,
        root: Path,
        workspace: Workspace,
        settings: Settings,
        server: AskServer | None,
        judge: AskServer | None,
        prompt_tokens: int,
    ) -> None:
        self._root = root
        self._server = server
        self._judge = judge
        self._prompt_tokens = prompt_tokens
        self._offered: OfferedNames | None = None
        patient = msgspec.structs.replace(settings.context, limit_ms=GATHERING_MS)
        self._gatherer = Gatherer(patient, prompt_tokens, lambda _: workspace)
        self._searches = {
            name: NameSearch(lambda _: workspace, self._answer, without, patient=True) for name, without in GUIDES.items()
        }

    async def measure(self, place: Place, engine: Engine, model: BaseModel | None) -> None:
        """Fill in what the guides make of a place."""
        snapshot = _cut_line(Path(place.path), place.offset)
        if self._server is not None:
            place.offered = await self._server(snapshot, place.offset)
        if self._judge is not None and (real := await self._judge(snapshot, place.offset)) is not None:
            place.real = list_texts(real.items)
            place.judged = place.written in place.real
        self._offered = place.offered
        plain = ""
        for name, search in self._searches.items():
            known = await search.find(snapshot, place.offset, self._root, explicit=True)
            guide = _change_costs(known.guide, name)
            choice = place.guides[name] = GuidedChoice()
            if guide is not None:
                text = GuidedText(guide)
                choice.known = bool(text.state.tiers)
                cost = text.judge(f"{place.written} ".encode())
                choice.refused, choice.cost = cost == math.inf, 0.0 if cost == math.inf else cost
            if model is not None:
                # Where a guide has nothing against what is written without one, it is written with it, too.
                same = plain and guide is not None and GuidedText(guide).judge(plain.encode()) == 0.0
                said = plain if same else await self._write(snapshot, place.offset, engine, model, guide)
                plain = plain or said
                choice.name = found[0] if (found := _NAME.match(said)) else "?"
            search.drop_document(snapshot.key)

    async def _answer(self, _snapshot: Snapshot, _offset: int) -> OfferedNames | None:
        return self._offered

    async def _write(self, snapshot: Snapshot, offset: int, engine: Engine, model: BaseModel, guide: NameGuide | None) -> str:
        """What the model writes, at least a name."""
        gathered = await self._gatherer.gather(snapshot, offset, self._root, model.name, explicit=True)
        request = InfillRequest(
            model=model,
            document=snapshot.key,
            segments=gathered.segments,
            prompt_budget=self._prompt_tokens,
            max_tokens=MAX_TOKENS,
            guide=guide,
        )
        text = ""
        async with aclosing(engine.infill(request)) as events:
            async for event in events:
                if isinstance(event, GeneratedToken):
                    text += event.text
                    if re.match(r"\w+\W", text):
                        break
        return text

    def close(self) -> None:
        self._gatherer.close()
        for search in self._searches.values():
            search.close()


@asynccontextmanager
async def _open_bench(root: Path, settings: Settings, server: str, judge: str, prompt_tokens: int) -> AsyncGenerator[_Bench, None]:
    with tempfile.TemporaryDirectory(prefix="interfix-names-") as temporary:
        exclusion = Exclusion(root, settings.context)
        index = WorkspaceIndex(root, exclusion, Path(temporary))
        await index.start()
        while not index.status.current:
            await index.wait_for_status()
        try:
            async with open_language_server(server, root) as asked, open_language_server(judge, root) as judging:
                bench = _Bench(root, Workspace(root, exclusion, index), settings, asked, judging, prompt_tokens)
                try:
                    yield bench
                finally:
                    bench.close()
        finally:
            await index.close()


def _choose_places(root: Path, language: str, count: int, seed: int) -> list[Place]:
    """Members in the folder's files, drawn by the seed."""
    chance = random.Random(seed)
    paths = [path for path in sorted(root.rglob("*")) if path.is_file() and path.stat().st_size <= MAX_FILE_BYTES]
    chance.shuffle(paths)
    found: list[Place] = []
    for path in paths:
        if len(found) >= count:
            break
        if path.suffix in ("", ".json", ".md") or "node_modules" in path.relative_to(root).parts or path.name.endswith(".d.ts"):
            continue
        try:
            snapshot = Document(path.as_uri(), path.read_bytes().decode()).snapshot()
        except UnicodeDecodeError:
            continue
        if snapshot.language is None or snapshot.language.id != language:
            continue
        matches = list(_MEMBER.finditer(snapshot.data))
        chance.shuffle(matches)
        places = [match for match in matches if find_name_position(snapshot, match.start(1)) is not None]
        found += [Place(str(path), match.start(1), match[1].decode()) for match in places[:PLACES_PER_FILE]]
    return found[:count]


def _change_costs(guide: NameGuide | None, name: str) -> NameGuide | None:
    if guide is None or name not in ("strict", "joined"):
        return guide
    return msgspec.structs.replace(guide, elsewhere_cost=math.inf if name == "strict" else 0.0)


def _cut_line(path: Path, offset: int) -> Snapshot:
    """The file without the rest of a line."""
    snapshot = Document(path.as_uri(), path.read_bytes().decode()).snapshot()
    end = snapshot.data.find(b"\n", offset)
    return snapshot.replace_range(offset, len(snapshot.data) if end < 0 else end, "")


def _sum_up(places: Sequence[Place], guide: str) -> NamesReport:
    chosen = [(place, place.guides[guide]) for place in places]
    return NamesReport(
        guide=guide,
        places=len(places),
        known=sum(choice.known for _, choice in chosen),
        refused=sum(choice.refused for _, choice in chosen),
        costly=sum(choice.cost > 0 for _, choice in chosen),
        right=sum(choice.name == place.written for place, choice in chosen),
        judged=sum(place.judged for place in places),
        unreal=sum(place.judged and bool(choice.name.strip("?")) and choice.name not in place.real for place, choice in chosen),
    )
