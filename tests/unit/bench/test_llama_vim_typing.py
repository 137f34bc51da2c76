"""llama.vim's policy: what it asks, keeps and shows. About `tests/bench/llama_vim_typing.py`."""

import json
import random
from collections.abc import Callable

import httpx

from interfix.bench.acceptance_policy import AcceptedPart, AcceptGranularity
from tests.bench.llama_vim_client import LlamaVimClient
from tests.bench.llama_vim_typing import LlamaVimDocument

Answer = Callable[[dict[str, str]], str]


def open_document(answer: Answer, after: str = "\n") -> tuple[LlamaVimDocument, list[str]]:
    """A document, and the prompts that the server gets."""
    prompts: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        prompts.append(body["prompt"])
        return httpx.Response(200, json={"content": answer(body), "timings": {"prompt_n": 10}})

    http = httpx.AsyncClient(transport=httpx.MockTransport(respond))
    return LlamaVimDocument(http, "http://test", LlamaVimClient([], random.Random(1)), "total = ", after), prompts


async def test_the_rest_of_an_answer_is_shown_while_it_is_typed() -> None:
    document, prompts = open_document(lambda body: "price * count" if body["prompt"] == "total = " else "")
    assert await document.request_suggestion() == "price * count"
    await document.finish()
    asked = len(prompts)
    await document.insert("pri")
    assert await document.request_suggestion() == "ce * count"
    assert len(prompts) == asked
    await document.insert("ze")
    assert await document.request_suggestion() == ""
    assert len(prompts) == asked + 1
    await document.finish()


async def test_what_follows_an_answer_is_computed_ahead() -> None:
    document, prompts = open_document(lambda body: {"total = ": "price", "total = price": " * count"}.get(body["prompt"], ""))
    assert await document.request_suggestion() == "price"
    await document.finish()
    await document.accept(AcceptedPart(AcceptGranularity.WHOLE, "price", 1))
    assert await document.request_suggestion() == " * count"
    await document.finish()
    assert prompts[:2] == ["total = ", "total = price"]
    assert document.decoded_tokens == 10 * len(prompts)


async def test_an_answer_that_says_the_next_line_again_is_not_shown() -> None:
    document, _ = open_document(lambda _: "0", after="\n\ntotal = 0\nreturn total\n")
    assert await document.request_suggestion() == ""


async def test_nothing_is_asked_for_far_from_the_end_of_a_line() -> None:
    document, prompts = open_document(lambda _: "0", after="123456789\n")
    assert await document.request_suggestion() == ""
    assert prompts == []
