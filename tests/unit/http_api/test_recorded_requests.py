"""Requests of llama.vim (2026-01-31) and minuet-ai.nvim (2026-08-06) against `http_api/app.py`.

`recorded_requests.json.gz` holds what they sent from a Neovim in which somebody typed at three places of three files of this
repository and went back to the first (`tests/editors/http_plugin_driver.py`): minuet shows 4,000 characters, llama.vim 256 and 64
lines.
"""

import gzip
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from interfix.engine.protocol import InfillRequest
from interfix.values import SegmentKind
from tests.fake_engine import FakeEngine
from tests.http_client import make_app, make_client

RECORDED: list[dict[str, Any]] = msgspec.json.decode(
    gzip.decompress((Path(__file__).parent / "recorded_requests.json.gz").read_bytes())
)
CLIENTS = ("llama.vim", "minuet-ai.nvim")


async def replay(client_name: str) -> tuple[FakeEngine, list[int]]:
    """What the engine is asked, and the status of each answer."""
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
