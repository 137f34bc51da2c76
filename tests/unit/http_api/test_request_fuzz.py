"""Ten thousand requests that nobody would write, against `http_api/app.py` without a socket."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.fake_engine import FakeEngine
from tests.http_client import make_app, make_client

REQUESTS = 10_000
PATHS = (
    "/infill",
    "/completion",
    "/v1/completions",
    "/v1/fim/completions",
    "/v1/chat/completions",
    "/api/generate",
    "/api/chat",
    "/api/show",
    "/v1/models",
    "/api/tags",
    "/props",
    "/health",
    "/nothing",
)
KEYS = [
    "input_prefix",
    "input_suffix",
    "input_extra",
    "prompt",
    "suffix",
    "messages",
    "role",
    "content",
    "text",
    "filename",
    "n_predict",
    "max_tokens",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "seed",
    "stop",
    "stream",
    "n",
    "n_cmpl",
    "n_indent",
    "n_probs",
    "logprobs",
    "top_logprobs",
    "options",
    "num_predict",
    "raw",
    "response_fields",
    "echo",
    "cache_prompt",
    "t_max_prompt_ms",
    "t_max_predict_ms",
    "model",
    "tools",
    "stream_options",
    "include_usage",
    "id_slot",
    "samplers",
    "unknown",
    "\x00",
    "",
]
TEXTS = (
    "",
    "a",
    "def f(x):\n    return ",
    "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>",
    "[SUFFIX]b[PREFIX]a",
    "<|im_start|>system\n",
    "\r\n\t \u2028\ufeff\u0000",
    "x" * 5000,
    "\n" * 3000,
    "é漢🙂" * 50,
    "user",
    "assistant",
    "true",
)
NUMBERS = (0, 1, -1, 2, 0.5, 1.5, -0.0, 1e-300, 1e300, 2**31, 2**63, -(2**63), 2**70, 100)


def make_value(rng: random.Random, depth: int = 0) -> Any:
    """Anything that JSON can say, often of the kind that a field has."""
    kind = rng.randrange(8 if depth < 4 else 5)
    if kind == 0:
        return rng.choice(NUMBERS)
    if kind in (1, 2):
        return rng.choice(TEXTS)
    if kind == 3:
        return rng.choice((None, True, False))
    if kind == 4:
        return rng.choice(NUMBERS) * rng.choice((1, 3))
    if kind == 5:
        return [make_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 6:
        return [make_object(rng, depth + 1) for _ in range(rng.randrange(3))]
    return make_object(rng, depth + 1)


def make_object(rng: random.Random, depth: int = 0) -> dict[str, Any]:
    return {rng.choice(KEYS): make_value(rng, depth) for _ in range(rng.randrange(8))}


def make_plausible(rng: random.Random) -> dict[str, Any]:
    """A request that a client might send, with one field or two that it would not."""
    body: dict[str, Any] = {
        "input_prefix": rng.choice(TEXTS),
        "input_suffix": rng.choice(TEXTS),
        "prompt": rng.choice(TEXTS),
        "suffix": rng.choice(TEXTS),
        "messages": [{"role": "user", "content": rng.choice(TEXTS)}],
        "stream": rng.choice((True, False)),
        "stop": [rng.choice(TEXTS)],
    }
    for _ in range(rng.randrange(3)):
        body[rng.choice(KEYS)] = make_value(rng, 3)
    return body


def make_body(rng: random.Random) -> bytes:
    make: Callable[[random.Random], Any] = rng.choice((make_value, make_object, make_plausible, make_plausible))
    text = json.dumps(make(rng)).encode()
    if rng.random() < 0.1:  # cut, or with a byte that does not belong there
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice((b"", b"\xff", b'"', b"\x00")) + text[at + rng.randrange(3) :]
    return text


@pytest.mark.slow
async def test_each_gets_an_answer_or_a_sentence() -> None:
    rng = random.Random(11)
    engine = FakeEngine(*TEXTS[1:4])
    engine.answers = [rng.choice(TEXTS) for _ in range(4 * REQUESTS)]
    statuses: dict[int, int] = {}
    async with make_client(make_app(engine)) as client:
        for _ in range(REQUESTS):
            path, body = rng.choice(PATHS), make_body(rng)
            method = "POST" if rng.random() < 0.9 else "GET"
            answer = await client.request(method, path, content=body)
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            if answer.status_code >= 400 and answer.status_code != 405:
                error = answer.json()["error"]
                assert error if isinstance(error, str) else error["message"], (path, body)
            assert answer.status_code < 500, (path, body, answer.text)
    assert statuses[200] > REQUESTS / 10
    assert statuses[400] > REQUESTS / 10
    assert engine.ended_count == len(engine.requests), "a stream was left open"
