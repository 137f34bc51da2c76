"""Servers that speak OpenAI's API: vLLM above all, and llama-cpp-python's, SGLang, LM Studio, LiteLLM. Knows no family.

Sources: OpenAI's API reference for completions, chat completions and models; vLLM's "OpenAI-Compatible Server" page for what it
takes beyond that (`top_k`, `stop_token_ids`, `skip_special_tokens`, prompts by ids, `/tokenize`), and for its default of taking
sampling parameters, a repetition penalty among them, from the model's `generation_config.json`, which is undone here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Any

from rapidfuzz import process

from interfix.engine.remote.server import Answer, Ended, Piece, Prompt, Told, Wish, Written
from interfix.engine.remote.spelling import data_of
from interfix.engine.remote.transport import Passing, Rejected, Transport, server_sent
from interfix.errors import BadUsage, Unavailable
from interfix.values import Message, Role

FEW_ENDS = 4
"""OpenAI takes so many `stop` texts and no more; whatever stands here is looked for on this side, too."""
VLLM = "vllm"
_SURE = (VLLM, "sglang", "llamacpp")
"""Servers that are known to tell log-probabilities."""
_PENALTY = {VLLM: "repetition_penalty", "sglang": "repetition_penalty", "me": "repeat_penalty", "llamacpp": "repeat_penalty"}
"""By `owned_by` in the list of models: how a server that is known to penalise repetition by itself calls that. `me` is
llama-cpp-python."""


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
        entry = self._chosen((await self.transport.ask(f"{self._api}/models"))["data"])
        vendor = str(entry.get("owned_by", "")).lower()
        bos = await self._begun(str(entry["id"])) if vendor == VLLM else None
        self.takes_tokens = bos is not None
        if vendor not in _SURE and self.transport.place.role is Role.BASE:
            self._logprobs = await self._tells(str(entry["id"]))
        root, length = str(entry.get("root", "") or ""), int(entry.get("max_model_len") or 0)
        return Told(
            bos=-1 if bos is None else bos,
            model=str(entry["id"]),
            says=(root,) if root else (),
            context=length or int((entry.get("meta") or {}).get("n_ctx") or 0),
            vendor=vendor,
            build=f"{entry['id']}|{root}|{length}|{vendor}",
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
        if told.vendor in (VLLM, "sglang"):
            body["chat_template_kwargs"] = {"enable_thinking": False}
        async with aclosing(self._choices(f"{self._api}/chat/completions", body, _said)) as events:
            async for event in events:
                yield event

    async def measured(self, told: Told, text: str) -> int:
        body = {"model": told.model, "prompt": text, "max_tokens": 1, "temperature": 0}
        answer = await self.transport.ask(f"{self._api}/completions", body)
        return int((answer.get("usage") or {}).get("prompt_tokens", 0))

    async def tokenised(self, told: Told, texts: Sequence[str], *, special: bool) -> list[list[Piece]] | None:  # noqa: ARG002
        """By vLLM's own service."""
        if not self.takes_tokens:
            return None
        found = []
        for text in texts:
            answer = await self._tokens(told.model, text, begin=False)
            spelled = answer.get("token_strs") or ()
            found.append([Piece(token, data_of(each)) for token, each in zip(answer["tokens"], spelled, strict=False)])
        return found

    async def _tells(self, model: str) -> bool:
        """Whether the server tells log-probabilities: some do not, and break off when they are asked to."""
        try:
            body = {"model": model, "prompt": "x = ", "max_tokens": 1, "logprobs": 1}
            return bool((await self.transport.ask(f"{self._api}/completions", body))["choices"][0].get("logprobs"))
        except (Rejected, Unavailable):
            return False

    async def _begun(self, model: str) -> int | None:
        """The token that the server puts before a text, -1 for none; None where its tokeniser is kept from us, as by a proxy."""
        try:
            bare, begun = [(await self._tokens(model, "a", begin=begin))["tokens"] for begin in (False, True)]
        except Rejected:
            return None
        return int(begun[0]) if begun[1:] == bare else -1

    async def _tokens(self, model: str, text: str, *, begin: bool) -> Any:
        path = "/tokenize" if self._api else f"{self.transport.place.url.removesuffix('/v1')}/tokenize"
        body = {"model": model, "prompt": text, "add_special_tokens": begin, "return_token_strs": True}
        return await self.transport.ask(path, body)

    def _chosen(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        place, names = self.transport.place, [str(entry["id"]) for entry in entries]
        if self._model:
            known = next((entry for entry in entries if entry["id"] == self._model), None)
            if known is None and names:
                near, _, _ = process.extract(self._model, names, limit=1)[0]
                raise BadUsage(f"{place.who} has no model {self._model}; the nearest is {near}. Set {place.role}.model.")
            return known or {"id": self._model}
        if not entries:
            raise Unavailable(f"{place.who} serves no model; set {place.role}.model.")
        if len(entries) > 1:
            raise BadUsage(f"{place.who} serves {', '.join(names[:5])}; name one in {place.role}.model.")
        return entries[0]

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
        if vendor == VLLM:
            # Else a control token that ends the hole would be left out of the text, and the answer go on behind it.
            body |= {"stop_token_ids": sorted(wish.end_tokens), "skip_special_tokens": False}
        return body

    async def _choices(self, path: str, body: Any, pieces: Callable[[dict[str, Any]], Iterator[Written]]) -> Answer:
        reason, prompt_tokens = "", 0
        async with aclosing(self.transport.stream(path, body, server_sent)) as events:
            async for event in events:
                if "error" in event:
                    raise Unavailable(f"{self.transport.place.who} stopped in the middle of its answer; its own log says more.")
                prompt_tokens = (event.get("usage") or {}).get("prompt_tokens") or prompt_tokens
                for choice in event.get("choices") or ():
                    for piece in pieces(choice):
                        yield piece
                    reason = choice.get("finish_reason") or reason
        if not reason:
            raise Passing(f"{self.transport.place.who} ended its answer before it was complete.")
        yield Ended("length" if reason == "length" else "end", prompt_tokens)


def _completed(choice: dict[str, Any]) -> Iterator[Written]:
    """A piece of a completion, by tokens where they are told and add up to the text."""
    text = choice.get("text") or ""
    told = choice.get("logprobs") or {}
    tokens, values = told.get("tokens") or (), told.get("token_logprobs") or ()
    if tokens and "".join(tokens) == text:
        for token, value in zip(tokens, values, strict=False):
            yield Written(token, value)
    elif text:
        yield Written(text, sum(value or 0.0 for value in values) if values else None)


def _said(choice: dict[str, Any]) -> Iterator[Written]:
    if text := (choice.get("delta") or {}).get("content"):
        yield Written(text)
