"""The replay's typist at the same places twice: with Interfix as the editor's server, and with llama.vim's policy against
`llama-server`; same weights, one run.

llama.vim's policy, as its `autoload/llama.vim` of 2026-01-31 has it: a request at every move of the cursor, one at a time, tried
again every 100 ms while another is under way; an answer is kept by the text around its cursor, and its rest is shown while that is
typed; after an answer the next one is computed ahead for the text as it would be with it; nothing with more than 8 characters
behind the cursor; an answer that says the next line again is not shown.
"""

import asyncio
import random
from collections import OrderedDict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec
from rich.table import Table

from interfix.bench.acceptance_policy import AcceptedPart
from interfix.bench.typing_replay import ReplayReport
from interfix.bench.typing_replay import run as replay
from interfix.bench.typing_session import TypingSession, TypingStats, sum_stats
from interfix.bench.typing_sites import choose_sites, find_sources
from interfix.errors import UnavailableError, UsageError
from interfix.models.role_check import BaseModel
from interfix.output.console_output import Console, write_json
from tests.bench.llama_server import start_llama_server
from tests.bench.llama_vim_client import RING_CHUNKS, LlamaVimClient

MAX_LINE_SUFFIX = 8
MAX_TOKENS = 128
AHEAD_PREDICT_MS = 1000
RETRY_SECONDS = 0.1
MAX_TYPED_ALONG = 128
"""So many characters back an answer is looked for whose rest is still right."""
MAX_KEPT_ANSWERS = 250
REQUEST_SECONDS = 900


class TypingCost(msgspec.Struct, frozen=True):
    """What typing with one of them came to."""

    name: str
    """Whose policy and server."""
    saved: float
    """Characters that came from suggestions, of 100."""
    shown: int
    """Suggestions shown."""
    precision: float | None
    """The share of them whose first line was right."""
    unwanted: int
    """Suggestions whose first line was not."""
    decoded: int
    """Tokens of prompts that were decoded."""


def run(folder: Path, model: BaseModel, *, files: int, seed: int) -> tuple[TypingCost, TypingCost]:
    """Type into so many files; show figures. Raises `UsageError` where there is nothing to type."""
    ours = replay(folder, files=files, seed=seed, settings={"models.base": model.path})
    stats, decoded = asyncio.run(_type_with_llama_vim(folder.resolve(), model, files, seed))
    costs = _describe_replay(ours), _describe_stats("llama.vim", stats, decoded)
    table = Table("typed with", "characters from suggestions", "shown", "right", "not wanted", "tokens decoded")
    for cost in costs:
        right = "none shown" if cost.precision is None else f"{cost.precision:.0%}"
        table.add_row(cost.name, f"{cost.saved:.1f}%", str(cost.shown), right, str(cost.unwanted), f"{cost.decoded:,}")
    Console(stderr=True).print(table)
    write_json(costs)
    return costs


def _describe_replay(report: ReplayReport) -> TypingCost:
    return _describe_stats("Interfix", report.typed, report.decoded)


def _describe_stats(name: str, stats: TypingStats, decoded: int) -> TypingCost:
    return TypingCost(
        name=name,
        saved=round(100 * stats.suggested / max(1, stats.characters), 1),
        shown=stats.shown,
        precision=round(stats.right / stats.shown, 3) if stats.shown else None,
        unwanted=stats.shown - stats.right,
        decoded=decoded,
    )


async def _type_with_llama_vim(folder: Path, model: BaseModel, count: int, seed: int) -> tuple[TypingStats, int]:
    chance = random.Random(seed)  # draws as the replay does: the same places, the same slips
    files = find_sources(folder)
    sites = choose_sites(folder, files, count, chance)
    if not sites:
        raise UsageError(f"{folder} has no file with enough lines of code to type.")
    sessions, decoded = [], 0
    async with start_llama_server(model) as url, httpx.AsyncClient(timeout=REQUEST_SECONDS) as http:
        for site in sites:
            rng = random.Random(chance.random())
            others = [path for path in files if path != folder / site.path]
            visited = random.Random(seed).sample(others, min(RING_CHUNKS, len(others)))
            texts = [(str(path.relative_to(folder)), path.read_text("utf-8", "replace")) for path in visited]
            document = LlamaVimDocument(http, url, LlamaVimClient(texts, random.Random(seed)), site.prefix, site.suffix)
            await document.warm_up()
            session = TypingSession(document, site, rng)
            await session.run()
            await document.finish()
            sessions.append(session)
            decoded += document.decoded_tokens
    return sum_stats([session.collect_stats() for session in sessions]), decoded


class LlamaVimDocument:
    """A document in an editor that llama.vim runs in."""

    def __init__(self, http: httpx.AsyncClient, url: str, client: LlamaVimClient, before: str, after: str) -> None:
        self.decoded_tokens = 0
        """Tokens of prompts that the server has decoded, warm-ups aside."""
        self._http, self._url, self._client = http, url, client
        self._before, self._after = before, after
        self._answers: OrderedDict[str, str] = OrderedDict()
        """By the text before the cursor; the text behind it does not change."""
        self._is_computing = False
        self._ahead: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass

    async def warm_up(self) -> None:
        """Have the server read the chunks of other files."""
        await self._http.post(f"{self._url}/infill", json=self._client.make_warm_up())

    async def finish(self) -> None:
        """Wait for what is computed ahead."""
        await asyncio.gather(*self._ahead)

    async def insert(self, text: str) -> None:
        """Put a text in at the cursor."""
        self._before += text

    async def backspace(self) -> None:
        """Take the character before the cursor away."""
        self._before = self._before[:-1]

    async def accept(self, accepted: AcceptedPart) -> None:
        """Put in what was suggested last, or the beginning of it."""
        await self.insert(accepted.text)

    async def look(self, expected: str) -> str:
        """What is shown now: nobody but the user changes it here."""
        return expected

    async def request_suggestion(self) -> str:
        """What is shown at the cursor after a key; empty for nothing or what comes too late."""
        before = self._before
        if len(self._after.partition("\n")[0]) > MAX_LINE_SUFFIX:
            return ""
        if (known := self._find_answer(before)) is None:
            while self._is_computing:
                await asyncio.sleep(RETRY_SECONDS)
                if self._before != before:
                    return ""
            await self._compute(before, {})
            if self._before != before or (known := self._find_answer(before)) is None:
                return ""
        suggestion = "" if self._repeats_what_follows(before, known) else known
        if suggestion:
            task = asyncio.create_task(self._compute_ahead(before + suggestion))
            self._ahead.add(task)
            task.add_done_callback(self._ahead.discard)
        return suggestion

    def _find_answer(self, before: str) -> str | None:
        """What is known to follow; the rest of an answer whose beginning was typed since; None where nothing is known."""
        for typed in range(min(MAX_TYPED_ALONG, len(before)) + 1):
            answer = self._answers.get(before[: len(before) - typed])
            if answer is not None and answer.startswith(before[len(before) - typed :]) and (not typed or len(answer) > typed):
                return answer[typed:]
        return None

    async def _compute_ahead(self, before: str) -> None:
        if not self._is_computing and self._find_answer(before) is None:
            await self._compute(before, {"t_max_predict_ms": AHEAD_PREDICT_MS})

    async def _compute(self, before: str, limits: dict[str, Any]) -> None:
        self._is_computing = True
        try:
            body = self._client.make_request(before, self._after, MAX_TOKENS) | limits | {"stream": False}
            answer = await self._http.post(f"{self._url}/infill", json=body)
        finally:
            self._is_computing = False
        if answer.status_code != httpx.codes.OK:
            raise UnavailableError(f"{self._url} answers {answer.status_code}: {answer.text[:300]}")
        result = answer.json()
        self.decoded_tokens += result["timings"]["prompt_n"]
        text = result["content"].rstrip("\n")
        self._answers[before] = text if text.strip() else ""
        if len(self._answers) > MAX_KEPT_ANSWERS:
            self._answers.popitem(last=False)

    def _repeats_what_follows(self, before: str, text: str) -> bool:
        line_prefix, (line_suffix, *below) = before.rpartition("\n")[2], self._after.split("\n")
        first, *more = text.split("\n")
        if not text.strip() or (first == line_suffix and line_suffix):
            return True
        if not first and more and below[: len(more)] == more:
            return True
        written = next((at for at, line in enumerate(below) if line.strip()), None)
        return written is not None and below[written] == line_prefix + first and below[written + 1 :][: len(more)] == more
