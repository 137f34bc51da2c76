"""Requests of llama.vim (2026-01-31) and minuet-ai.nvim (2026-08-06) against `http_api/app.py`.

`recorded_requests.json.gz` holds what they sent from a Neovim in which somebody typed at three places of three files of this
repository and went back to the first (`tests/editors/http_plugin_driver.py`): minuet shows 4,000 characters, llama.vim 256 and 64
lines.
"""

import gzip
import statistics
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from interfix.engine.document_slot_pool import KvSlotPool
from interfix.engine.kv_slot import KvSlot, SlotKey
from interfix.engine.protocol import InfillRequest
from interfix.inference_types import SegmentKind
from interfix.prompt.families.qwen import QWEN_CODER
from interfix.prompt.infill_layout import lay_out_infill
from tests.fake_engine import FakeEngine
from tests.http_client import make_app, make_client
from tests.unit.engine.fake_kv_cache import FakeKvCache
from tests.unit.prompt.fake_tokenizer import FakeTokenizer

RECORDED: list[dict[str, Any]] = msgspec.json.decode(
    gzip.decompress((Path(__file__).parent / "recorded_requests.json.gz").read_bytes())
)
CLIENTS = ("llama.vim", "minuet-ai.nvim")
DECODED_CLIENTS = (pytest.param("llama.vim", marks=pytest.mark.slow), "minuet-ai.nvim")
"""For what counts tokens, of which llama.vim's requests have many."""


_replayed: dict[str, tuple[FakeEngine, list[int]]] = {}
"""What came of each client's requests, which are replayed once."""


async def replay(client_name: str) -> tuple[FakeEngine, list[int]]:
    """What the engine is asked, and the status of each answer."""
    if client_name not in _replayed:
        _replayed[client_name] = await replay_anew(client_name)
    return _replayed[client_name]


async def replay_anew(client_name: str) -> tuple[FakeEngine, list[int]]:
    engine = FakeEngine("value = 1")
    async with make_client(make_app(engine)) as client:
        answers = [
            await client.post(request["path"], json=request["body"]) for request in RECORDED if request["client"] == client_name
        ]
    return engine, [answer.status_code for answer in answers]


def count_common_characters(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def read_prefix(request: InfillRequest) -> str:
    return "".join(segment.text for segment in request.segments if segment.kind is SegmentKind.PREFIX)


@pytest.mark.parametrize("client_name", CLIENTS)
async def test_each_is_answered(client_name: str) -> None:
    engine, statuses = await replay(client_name)
    assert set(statuses) == {200}
    assert len(engine.requests) > 30


@pytest.mark.parametrize("client_name", CLIENTS)
async def test_a_file_that_is_returned_to_has_its_document_still(client_name: str) -> None:
    engine, _ = await replay(client_name)
    visits = [request.document for request in engine.requests]
    changes = [one for one, other in pairwise([*visits, ""]) if one != other]
    assert len(changes) == 3
    assert changes[0] == changes[2] != changes[1]


@pytest.mark.parametrize("client_name", CLIENTS)
async def test_the_head_of_a_prompt_stays_while_somebody_types(client_name: str) -> None:
    engine, _ = await replay(client_name)
    shared = []
    for one, other in pairwise(engine.requests):
        if one.document == other.document:
            before, now = read_prefix(one), read_prefix(other)
            shared.append(count_common_characters(before, now) / max(1, len(before)))
    assert sum(share > 0.9 for share in shared) >= 0.9 * len(shared)


def count_decoded(requests: list[InfillRequest], *, by_document: bool) -> list[int]:
    """Tokens that each request has the engine decode, by the real layout and slots over a cache that computes nothing."""
    tokenizer = FakeTokenizer()
    pool = KvSlotPool(FakeKvCache, 8192, 5)  # type: ignore[arg-type]
    counts: list[int] = []
    for request in requests:
        key = SlotKey(request.document if by_document else "one for all")
        slot: KvSlot = pool.acquire(key, 0)
        laid_out = lay_out_infill(request.segments, tokenizer, QWEN_CODER, 2048, slot.layout_choice)
        slot.layout_choice = laid_out.choice
        plan = slot.plan_fill(laid_out.tokens, laid_out.suffix_range)
        for _ in slot.fill(plan, laid_out.tokens, laid_out.suffix_range):
            pass
        slot.open_gap()
        counts.append(plan.decode_count)
    return counts


@pytest.mark.parametrize("client_name", DECODED_CLIENTS)
async def test_a_keystroke_decodes_what_was_typed_and_the_head_of_the_suffix(client_name: str) -> None:
    engine, _ = await replay(client_name)
    typed = [request for request in engine.requests if request.max_tokens]
    counts = count_decoded(typed, by_document=True)
    assert statistics.median(counts) <= 16
    assert sum(count > 200 for count in counts) <= 0.15 * len(counts)


@pytest.mark.parametrize("client_name", DECODED_CLIENTS)
async def test_a_file_that_is_returned_to_is_not_decoded_anew(client_name: str) -> None:
    engine, _ = await replay(client_name)
    again = next(
        index
        for index, (one, other) in enumerate(pairwise(engine.requests), start=1)
        if one.document != other.document and other.document == engine.requests[0].document
    )
    apart, together = (count_decoded(engine.requests, by_document=by_document)[again] for by_document in (True, False))
    assert apart < together / 4
