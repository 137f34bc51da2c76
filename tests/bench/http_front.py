"""llama.vim's own requests at every key that the replay's typist presses, against `llama-server` and against `interfix serve
--http`: same weights, same machine, one run, one server after the other at each place.
"""

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from rich.console import Console
from rich.table import Table

from interfix.bench.percentiles import Percentiles, compute_percentiles
from interfix.bench.typing_sites import TypingSite, choose_sites, find_sources
from interfix.bench.typist import Typist
from interfix.errors import UnavailableError, UsageError
from interfix.models.role_check import BaseModel
from tests.bench.llama_server import find_port, run_server, start_llama_server
from tests.bench.llama_vim_client import LlamaVimClient
from tests.isolated_home import INTERFIX_COMMAND, make_home, small_model_settings

LLAMA_SERVER, INTERFIX = "llama-server", "interfix"
REQUEST_SECONDS = 900
"""A cold ring of 16 chunks is 5,000 tokens, which a busy machine reads for minutes."""


class KeyState(msgspec.Struct, frozen=True):
    """The file after one key."""

    wait_ms: int
    """Since the key before, ms."""
    before: str
    """The text before the cursor."""
    after: str
    """The text after it."""


class KeyCost(msgspec.Struct, frozen=True):
    """What one key cost."""

    decoded: int
    """Tokens of the prompt that were decoded."""
    first_ms: float
    """From the request to the first token, ms."""
    written: int
    """Tokens generated."""


class ServerCost(msgspec.Struct, frozen=True):
    """What all keys cost with one server, the first of each place aside: its prompt is new."""

    server: str
    """Its name."""
    keys: int
    """Keys that were measured."""
    decoded: Percentiles
    """Tokens of the prompt decoded, a key."""
    decoded_mean: float
    """The same on average, so that a rare new prompt counts."""
    first_ms: Percentiles
    """Time to the first token, ms."""
    opened: Percentiles
    """Tokens decoded at the first key of a place."""


class FrontReport(msgspec.Struct, frozen=True):
    """Both in one run."""

    servers: tuple[ServerCost, ...]
    """llama-server, then Interfix."""
    fewer_tokens: float
    """How many times fewer tokens Interfix decodes at the median key."""
    sooner: float
    """How many times sooner its first token is there at the median key."""


def run(folder: Path, model: BaseModel, *, site_count: int, key_count: int, max_tokens: int, seed: int) -> None:
    """Type at so many places of a folder; show figures. Raises `UsageError` where there is nothing to type."""
    report = asyncio.run(_measure(folder.resolve(), model, site_count, key_count, max_tokens, seed))
    table = Table("server", "keys", "tokens p50", "p95", "mean", "first token p50 ms", "p95", "first key, tokens")
    for cost in report.servers:
        figures = (cost.decoded.p50, cost.decoded.p95, cost.decoded_mean, cost.first_ms.p50, cost.first_ms.p95, cost.opened.p50)
        table.add_row(cost.server, str(cost.keys), *(f"{figure:.1f}" for figure in figures))
    Console(stderr=True).print(table)
    Console(stderr=True).print(
        f"{report.fewer_tokens:.1f} times fewer tokens, first token {report.sooner:.1f} times sooner, at the median"
    )
    print(msgspec.json.encode(report).decode(), flush=True)


async def _measure(folder: Path, model: BaseModel, site_count: int, key_count: int, max_tokens: int, seed: int) -> FrontReport:
    rng = random.Random(seed)
    files = find_sources(folder)
    sites = choose_sites(folder, files, site_count, rng)
    if not sites:
        raise UsageError(f"{folder} has no place to type at. Name a folder of source files.")
    others = [
        (str(path.relative_to(folder)), path.read_text("utf-8", "replace")) for path in rng.sample(files, min(16, len(files)))
    ]
    costs: dict[str, list[list[KeyCost]]] = {LLAMA_SERVER: [], INTERFIX: []}
    async with start_llama_server(model) as llama_server, _start_interfix(model) as interfix:
        for site in sites:
            keys = _press_keys(site, key_count, random.Random(seed))
            for name, url in ((LLAMA_SERVER, llama_server), (INTERFIX, interfix)):
                client = LlamaVimClient([each for each in others if each[0] != str(site.path)], random.Random(seed))
                costs[name].append(await _type_keys(url, client, keys, max_tokens))
    servers = tuple(_summarize(name, costs[name]) for name in (LLAMA_SERVER, INTERFIX))
    theirs, ours = servers
    return FrontReport(
        servers,
        fewer_tokens=round(theirs.decoded.p50 / max(1.0, ours.decoded.p50), 1),
        sooner=round(theirs.first_ms.p50 / max(0.1, ours.first_ms.p50), 1),
    )


def _press_keys(site: TypingSite, count: int, rng: random.Random) -> list[KeyState]:
    states: list[KeyState] = []
    typist, text = Typist(site.text, rng), site.prefix
    while len(states) < count and (key := typist.plan_key()) is not None:
        text = text + key.text if key.text else text[:-1]
        typist.press(key)
        states.append(KeyState(key.wait_ms, text, site.suffix))
    return states


async def _type_keys(url: str, client: LlamaVimClient, keys: Sequence[KeyState], max_tokens: int) -> list[KeyCost]:
    costs = []
    headers = {"X-Interfix-Raw": "1"}  # token by token, as llama-server streams
    async with httpx.AsyncClient(timeout=REQUEST_SECONDS, headers=headers) as http:
        await http.post(f"{url}/infill", json=client.make_warm_up())
        for key in keys:
            await asyncio.sleep(key.wait_ms / 1000)
            costs.append(await _ask(http, url, client.make_request(key.before, key.after, max_tokens)))
    return costs


async def _ask(http: httpx.AsyncClient, url: str, body: dict[str, Any]) -> KeyCost:
    began, first_ms = time.perf_counter(), 0.0
    async with http.stream("POST", f"{url}/infill", json=body) as answer:
        if answer.status_code != 200:
            raise UnavailableError(f"{url} answers {answer.status_code}: {(await answer.aread()).decode()[:300]}")
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                first_ms = first_ms or (time.perf_counter() - began) * 1000
                event = msgspec.json.decode(line[6:])
                if event.get("stop"):
                    return KeyCost(event["timings"]["prompt_n"], first_ms, event["timings"]["predicted_n"])
    raise UnavailableError(f"{url} ended its answer early.")


def _summarize(name: str, sites: list[list[KeyCost]]) -> ServerCost:
    typed = [cost for site in sites for cost in site[1:]]
    return ServerCost(
        server=name,
        keys=len(typed),
        decoded=compute_percentiles([cost.decoded for cost in typed]),
        decoded_mean=round(sum(cost.decoded for cost in typed) / max(1, len(typed)), 1),
        first_ms=compute_percentiles([cost.first_ms for cost in typed]),
        opened=compute_percentiles([site[0].decoded for site in sites if site]),
    )


@asynccontextmanager
async def _start_interfix(model: BaseModel) -> AsyncIterator[str]:
    home, environment = make_home({**small_model_settings(), "INTERFIX_MODELS_BASE": model.path})
    port = find_port()
    try:
        async with run_server([INTERFIX_COMMAND, "serve", "--http", f"127.0.0.1:{port}"], environment, port) as url:
            yield url
    finally:
        stopping = await asyncio.create_subprocess_exec(INTERFIX_COMMAND, "stop", env=environment)
        await stopping.wait()
        shutil.rmtree(home, ignore_errors=True)
