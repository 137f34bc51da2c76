"""Servers that speak OpenAI's API: vLLM above all, and llama-cpp-python's, SGLang, LM Studio, LiteLLM. Knows no family.

Sources: OpenAI's API reference for completions, chat completions and models; vLLM's "OpenAI-Compatible Server" page for what it
takes beyond that (`top_k`, `stop_token_ids`, `skip_special_tokens`, prompts by ids, `/tokenize`), and for its default of taking
sampling parameters, a repetition penalty among them, from the model's `generation_config.json`, which is undone here. SGLang's
entrypoints/openai/protocol.py for the same. To others nothing is sent but what OpenAI itself takes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Any

import msgspec
from rapidfuzz import process

from interfix.engine.remote.server import Answer, Ended, Piece, Prompt, Told, Wish, Written
from interfix.engine.remote.spelling import data_of
from interfix.engine.remote.transport import Passing, Rejected, Transport, server_sent
from interfix.errors import BadUsage, Unavailable
from interfix.values import Message, Role

FEW_ENDS = 4
"""OpenAI takes so many `stop` texts and no more; whatever stands here is looked for on this side, too."""
VLLM = "vllm"
SGLANG = "sglang"
_SURE = (VLLM, SGLANG, "llamacpp")
"""Servers that are known to tell log-probabilities."""
_PENALTY = {VLLM: "repetition_penalty", SGLANG: "repetition_penalty", "me": "repeat_penalty", "llamacpp": "repeat_penalty"}
"""By `owned_by` in the list of models: how a server that is known to penalise repetition by itself calls that. `me` is
llama-cpp-python."""


class _Meta(msgspec.Struct, frozen=True):
    n_ctx: int | None = None


class _Model(msgspec.Struct, frozen=True):
    """An entry of the list of models, with what vLLM, SGLang and llama-server add."""

    id: str
    owned_by: str | None = None
    root: str | None = None
    max_model_len: int | None = None
    meta: _Meta | None = None


class _Models(msgspec.Struct, frozen=True):
    data: list[_Model]


class _Likely(msgspec.Struct, frozen=True):
    token: str
    logprob: float | None = None


class _Logprobs(msgspec.Struct, frozen=True):
    """Of a completion; some servers tell them as a chat's are told."""

    tokens: list[str] | None = None
    token_logprobs: list[float | None] | None = None
    content: list[_Likely] | None = None


class _Delta(msgspec.Struct, frozen=True):
    content: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    text: str | None = None
    logprobs: _Logprobs | None = None
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None


class _Event(msgspec.Struct, frozen=True):
    """An answer, or a piece of one."""

    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None


class _Tokens(msgspec.Struct, frozen=True):
    """What vLLM's `/tokenize` answers."""

    tokens: list[int]
    token_strs: list[str] | None = None


class OpenAI:
    """One model of such a server."""

    sees_controls = True

    def __init__(self, transport: Transport, model: str) -> None:
        self.transport = transport
        self.takes_tokens = False
        self._model = model
        self._api = "" if transport.place.url.endswith("/v1") else "/v1"
        self._logprobs = True

    async def told(self) -> Told:
        model = self._chosen((await self.transport.ask(f"{self._api}/models", _Models)).data)
        vendor = (model.owned_by or "").lower()
        bos = await self._begun(model.id) if vendor == VLLM else None
        self.takes_tokens = bos is not None
        if vendor not in _SURE and self.transport.place.role is Role.BASE:
            self._logprobs = await self._tells(model.id)
        root, length = model.root or "", model.max_model_len or 0
        return Told(
            bos=-1 if bos is None else bos,
            model=model.id,
            says=(root,) if root else (),
            context=length or (model.meta and model.meta.n_ctx) or 0,
            vendor=vendor,
            build=f"{model.id}|{root}|{length}|{vendor}",
        )

    async def complete(self, told: Told, prompt: Prompt, wish: Wish) -> Answer:
        given = prompt.tokens if self.takes_tokens and prompt.tokens else prompt.text
        body = {**self._body(told, wish), "prompt": given, **({"logprobs": 1} if self._logprobs else {})}
        async with aclosing(self._choices(f"{self._api}/completions", body, _completed)) as events:
            async for event in events:
                yield event

    async def chat(self, told: Told, messages: Sequence[Message], wish: Wish) -> Answer:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        body = {**self._body(told, wish), "messages": turns}
        if told.vendor in (VLLM, SGLANG):
            body["chat_template_kwargs"] = {"enable_thinking": False}
        async with aclosing(self._choices(f"{self._api}/chat/completions", body, _said)) as events:
            async for event in events:
                yield event

    async def measured(self, told: Told, text: str) -> int:
        body = {"model": told.model, "prompt": text, "max_tokens": 1, "temperature": 0}
        answer = await self.transport.ask(f"{self._api}/completions", _Event, body)
        return (answer.usage and answer.usage.prompt_tokens) or 0

    async def tokenised(self, told: Told, texts: Sequence[str], *, special: bool) -> list[list[Piece]] | None:  # noqa: ARG002
        """By vLLM's own service."""
        if not self.takes_tokens:
            return None
        found = []
        for text in texts:
            answer = await self._tokens(told.model, text, begin=False)
            spelled = answer.token_strs or ()
            if len(spelled) != len(answer.tokens):
                return None  # its tokens are no use without what they say
            found.append([Piece(token, data_of(each)) for token, each in zip(answer.tokens, spelled, strict=True)])
        return found

    async def _tells(self, model: str) -> bool:
        """Whether the server tells log-probabilities: some do not, and break off when they are asked to."""
        try:
            body = {"model": model, "prompt": "x = ", "max_tokens": 1, "logprobs": 1}
            choices = (await self.transport.ask(f"{self._api}/completions", _Event, body)).choices
            return bool(choices and choices[0].logprobs)
        except (Rejected, Unavailable):
            return False

    async def _begun(self, model: str) -> int | None:
        """The token that the server puts before a text, -1 for none; None where its tokeniser is kept from us, as by a proxy."""
        try:
            bare, begun = [(await self._tokens(model, "a", begin=begin)).tokens for begin in (False, True)]
        except Rejected:
            return None
        return begun[0] if begun[1:] == bare else -1

    async def _tokens(self, model: str, text: str, *, begin: bool) -> _Tokens:
        path = "/tokenize" if self._api else f"{self.transport.place.url.removesuffix('/v1')}/tokenize"
        body = {"model": model, "prompt": text, "add_special_tokens": begin, "return_token_strs": True}
        return await self.transport.ask(path, _Tokens, body)

    def _chosen(self, models: list[_Model]) -> _Model:
        place, names = self.transport.place, [model.id for model in models]
        if self._model:
            known = next((model for model in models if model.id == self._model), None)
            if known is None and names:
                near, _, _ = process.extract(self._model, names, limit=1)[0]
                raise BadUsage(f"{place.who} has no model {self._model}; the nearest is {near}. Set {place.role}.model.")
            return known or _Model(self._model)
        if not models:
            raise Unavailable(f"{place.who} serves no model; set {place.role}.model.")
        if len(models) > 1:
            raise BadUsage(f"{place.who} serves {', '.join(names[:5])}; name one in {place.role}.model.")
        return models[0]

    def _body(self, told: Told, wish: Wish) -> dict[str, Any]:
        how, vendor = wish.sampling, told.vendor
        body: dict[str, Any] = {
            "model": told.model,
            "max_tokens": wish.limit,
            "temperature": how.temperature or 0.0,
            "top_p": 1.0 if how.top_p is None else how.top_p,
            "seed": wish.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
            "stop": wish.ends[:FEW_ENDS],
        }
        if vendor in _PENALTY:
            body |= {_PENALTY[vendor]: 1.0, "min_p": how.min_p or 0.0}
            body |= {"top_k": how.top_k} if how.top_k else {}
        if vendor in (VLLM, SGLANG):
            # Else a control token that ends the hole would be left out of the text, and the answer go on behind it.
            body |= {"stop_token_ids": sorted(wish.end_tokens), "skip_special_tokens": False}
        return body

    async def _choices(self, path: str, body: Any, pieces: Callable[[_Choice], Iterator[Written]]) -> Answer:
        reason, prompt_tokens = "", 0
        async with aclosing(self.transport.stream(path, body, server_sent, _Event)) as events:
            async for event in events:
                if event.error is not None:
                    raise Unavailable(f"{self.transport.place.who} stopped in the middle of its answer; its own log says more.")
                prompt_tokens = (event.usage and event.usage.prompt_tokens) or prompt_tokens
                for choice in event.choices or ():
                    for piece in pieces(choice):
                        yield piece
                    reason = choice.finish_reason or reason
        if not reason:
            raise Passing(f"{self.transport.place.who} ended its answer before it was complete.")
        yield Ended("length" if reason == "length" else "end", prompt_tokens)


def _completed(choice: _Choice) -> Iterator[Written]:
    """A piece of a completion, by tokens where they are all told, with as many probabilities, and add up to the text."""
    text, told = choice.text or "", choice.logprobs or _Logprobs()
    tokens, values = told.tokens or [], told.token_logprobs or []
    if told.content:
        tokens, values = [each.token for each in told.content], [each.logprob for each in told.content]
    if tokens and "".join(tokens) == text and len(values) == len(tokens):
        for token, value in zip(tokens, values, strict=True):
            yield Written(token, value)
    elif text:
        yield Written(text, sum(value or 0.0 for value in values) if values else None)


def _said(choice: _Choice) -> Iterator[Written]:
    if text := choice.delta and choice.delta.content:
        yield Written(text)
