"""Servers that speak OpenAI's API: vLLM above all, and llama-cpp-python's, SGLang, LM Studio, LiteLLM.

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

from interfix.engine.remote.backend import (
    BackendStream,
    GenerationParams,
    ModelInfo,
    ServerPrompt,
    StreamEnd,
    StreamToken,
    TokenPiece,
)
from interfix.engine.remote.response_bytes import split_sse
from interfix.engine.remote.token_bytes import decode_token_spelling
from interfix.engine.remote.transport import Transport
from interfix.engine.remote.transport_errors import RequestRejected, TransientFailure
from interfix.errors import UnavailableError, UsageError
from interfix.inference_types import ChatMessage, Role

MAX_STOP_TEXTS = 4
"""OpenAI takes so many `stop` texts and no more; whatever stands here is looked for on this side, too."""
VLLM = "vllm"
SGLANG = "sglang"
_LOGPROB_VENDORS = (VLLM, SGLANG, "llamacpp")
"""Servers that are known to tell log-probabilities."""
_PENALTY_FIELD = {VLLM: "repetition_penalty", SGLANG: "repetition_penalty", "me": "repeat_penalty", "llamacpp": "repeat_penalty"}
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


class OpenAIBackend:
    """One model of such a server."""

    parses_control_tokens = True

    def __init__(self, transport: Transport, model: str) -> None:
        self.transport = transport
        self.accepts_token_ids = False
        self._model = model
        self._api = "" if transport.endpoint.url.endswith("/v1") else "/v1"
        self._has_logprobs = True

    async def describe_model(self) -> ModelInfo:
        model = self._choose_model((await self.transport.request_json(f"{self._api}/models", _Models)).data)
        vendor = (model.owned_by or "").lower()
        bos = await self._find_bos(model.id) if vendor == VLLM else None
        self.accepts_token_ids = bos is not None
        if vendor not in _LOGPROB_VENDORS and self.transport.endpoint.role is Role.BASE:
            self._has_logprobs = await self._check_logprobs(model.id)
        root, length = model.root or "", model.max_model_len or 0
        return ModelInfo(
            bos=-1 if bos is None else bos,
            name=model.id,
            aliases=(root,) if root else (),
            context_tokens=length or (model.meta and model.meta.n_ctx) or 0,
            vendor=vendor,
            fingerprint=f"{model.id}|{root}|{length}|{vendor}",
        )

    async def complete(self, info: ModelInfo, prompt: ServerPrompt, params: GenerationParams) -> BackendStream:
        given = prompt.tokens if self.accepts_token_ids and prompt.tokens else prompt.text
        body = {**self._make_body(info, params), "prompt": given, **({"logprobs": 1} if self._has_logprobs else {})}
        async with aclosing(self._stream_choices(f"{self._api}/completions", body, _split_completion)) as events:
            async for event in events:
                yield event

    async def chat(self, info: ModelInfo, messages: Sequence[ChatMessage], params: GenerationParams) -> BackendStream:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        body = {**self._make_body(info, params), "messages": turns}
        if info.vendor in (VLLM, SGLANG):
            body["chat_template_kwargs"] = {"enable_thinking": False}
        async with aclosing(self._stream_choices(f"{self._api}/chat/completions", body, _split_delta)) as events:
            async for event in events:
                yield event

    async def count_prompt_tokens(self, info: ModelInfo, text: str) -> int:
        body = {"model": info.name, "prompt": text, "max_tokens": 1, "temperature": 0}
        answer = await self.transport.request_json(f"{self._api}/completions", _Event, body)
        return (answer.usage and answer.usage.prompt_tokens) or 0

    async def tokenize(self, info: ModelInfo, texts: Sequence[str], *, special: bool) -> list[list[TokenPiece]] | None:  # noqa: ARG002
        """By vLLM's own service."""
        if not self.accepts_token_ids:
            return None
        token_lists = []
        for text in texts:
            answer = await self._tokenize_text(info.name, text, add_bos=False)
            spelled = answer.token_strs or ()
            if len(spelled) != len(answer.tokens):
                return None  # its tokens are no use without what they say
            token_lists.append(
                [TokenPiece(token, decode_token_spelling(each)) for token, each in zip(answer.tokens, spelled, strict=True)]
            )
        return token_lists

    async def _check_logprobs(self, model: str) -> bool:
        """Whether the server tells log-probabilities: some do not, and break off when they are asked to."""
        try:
            body = {"model": model, "prompt": "x = ", "max_tokens": 1, "logprobs": 1}
            choices = (await self.transport.request_json(f"{self._api}/completions", _Event, body)).choices
            return bool(choices and choices[0].logprobs)
        except (RequestRejected, UnavailableError):
            return False

    async def _find_bos(self, model: str) -> int | None:
        """The token that the server puts before a text, -1 for none; None where its tokeniser is kept from us, as by a proxy."""
        try:
            bare, begun = [(await self._tokenize_text(model, "a", add_bos=begin)).tokens for begin in (False, True)]
        except RequestRejected:
            return None
        return begun[0] if begun[1:] == bare else -1

    async def _tokenize_text(self, model: str, text: str, *, add_bos: bool) -> _Tokens:
        path = "/tokenize" if self._api else f"{self.transport.endpoint.url.removesuffix('/v1')}/tokenize"
        body = {"model": model, "prompt": text, "add_special_tokens": add_bos, "return_token_strs": True}
        return await self.transport.request_json(path, _Tokens, body)

    def _choose_model(self, models: list[_Model]) -> _Model:
        endpoint, names = self.transport.endpoint, [model.id for model in models]
        if self._model:
            served = next((model for model in models if model.id == self._model), None)
            if served is None and names:
                near, _, _ = process.extract(self._model, names, limit=1)[0]
                raise UsageError(
                    f"{endpoint.display_name} has no model {self._model}; the nearest is {near}. Set {endpoint.role}.model."
                )
            return served or _Model(self._model)
        if not models:
            raise UnavailableError(f"{endpoint.display_name} serves no model; set {endpoint.role}.model.")
        if len(models) > 1:
            raise UsageError(f"{endpoint.display_name} serves {', '.join(names[:5])}; name one in {endpoint.role}.model.")
        return models[0]

    def _make_body(self, info: ModelInfo, params: GenerationParams) -> dict[str, Any]:
        how, vendor = params.sampling, info.vendor
        body: dict[str, Any] = {
            "model": info.name,
            "max_tokens": params.max_tokens,
            "temperature": how.temperature or 0.0,
            "top_p": 1.0 if how.top_p is None else how.top_p,
            "seed": params.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
            "stop": params.stop_texts[:MAX_STOP_TEXTS],
        }
        if vendor in _PENALTY_FIELD:
            body |= {_PENALTY_FIELD[vendor]: 1.0, "min_p": how.min_p or 0.0}
            body |= {"top_k": how.top_k} if how.top_k else {}
        if vendor in (VLLM, SGLANG):
            # Else a control token that ends the hole would be left out of the text, and the answer go on behind it.
            body |= {"stop_token_ids": sorted(params.stop_tokens), "skip_special_tokens": False}
        return body

    async def _stream_choices(
        self, path: str, body: Any, split_choice: Callable[[_Choice], Iterator[StreamToken]]
    ) -> BackendStream:
        reason, prompt_tokens = "", 0
        async with aclosing(self.transport.stream_json(path, body, split_sse, _Event)) as events:
            async for event in events:
                if event.error is not None:
                    raise UnavailableError(
                        f"{self.transport.endpoint.display_name} stopped in the middle of its answer; its own log says more."
                    )
                prompt_tokens = (event.usage and event.usage.prompt_tokens) or prompt_tokens
                for choice in event.choices or ():
                    for piece in split_choice(choice):
                        yield piece
                    reason = choice.finish_reason or reason
        if not reason:
            raise TransientFailure(f"{self.transport.endpoint.display_name} ended its answer before it was complete.")
        yield StreamEnd("length" if reason == "length" else "end", prompt_tokens)


def _split_completion(choice: _Choice) -> Iterator[StreamToken]:
    """A piece of a completion, by tokens where they are all told, with as many probabilities, and add up to the text."""
    text, logprobs = choice.text or "", choice.logprobs or _Logprobs()
    tokens, values = logprobs.tokens or [], logprobs.token_logprobs or []
    if logprobs.content:
        tokens, values = [each.token for each in logprobs.content], [each.logprob for each in logprobs.content]
    if tokens and "".join(tokens) == text and len(values) == len(tokens):
        for token, value in zip(tokens, values, strict=True):
            yield StreamToken(token, value)
    elif text:
        yield StreamToken(text, sum(value or 0.0 for value in values) if values else None)


def _split_delta(choice: _Choice) -> Iterator[StreamToken]:
    if text := choice.delta and choice.delta.content:
        yield StreamToken(text)
