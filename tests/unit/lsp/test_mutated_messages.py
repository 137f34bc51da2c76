"""Whatever is wrong with a message: each request has its reply, none of them failed for a reason that nobody foresaw.

About all of `lsp/`; `python -m tests.bench attacks` sends more, to a real server.
"""

import asyncio
import random

import pytest

from tests.effort import scale_examples
from tests.unit.lsp.fake_editor import DOCUMENT_URI, FakeEditor, LspError
from tests.unit.lsp.message_mutations import list_messages, mutate_value

INTERNAL_ERROR = -32603


@pytest.mark.parametrize("seed", range(5))
async def test_every_mutated_request_has_a_reply_that_says_what_is_wrong(editor: FakeEditor, seed: int) -> None:
    rng = random.Random(seed)
    await editor.initialize()
    patterns = list(list_messages(DOCUMENT_URI))
    replies: dict[asyncio.Future[object], str] = {}
    for _ in range(scale_examples(400)):
        method, params, wants_reply = rng.choice(patterns)
        sent = mutate_value(params, rng)
        if wants_reply:
            replies[editor.request(method, sent)] = f"{method} {sent!r}"[:300]
        else:
            editor.notify(method, sent)
    await asyncio.wait(replies, timeout=60)
    failures = []
    for reply, request in replies.items():
        assert reply.done(), f"no reply: {request}"
        error = reply.exception()
        if isinstance(error, LspError) and error.code == INTERNAL_ERROR:
            failures.append(request)
    assert failures == []
