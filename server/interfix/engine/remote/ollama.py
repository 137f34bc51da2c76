"""Ollama by its own API: raw prompts as text in our layout, chats in turns. Knows no family.

Sources: docs/api.md of Ollama (`/api/tags`, `/api/show`, `/api/generate` with `raw`, `/api/chat`; one JSON object a line) and its
api/types.go (`truncate` and `shift`, without which what is too long loses its beginning; `remote_host`).
"""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import msgspec
from rapidfuzz import process

from interfix.engine.remote.server import Answer, Ended, Piece, Prompt, Told, Wish, Written
from interfix.engine.remote.transport import Passing, Transport, lines
from interfix.errors import BadUsage, Unavailable
from interfix.values import Message

CONTEXT = 8192
"""Tokens of context that are asked for, where the model has them: Ollama's own default cuts longer prompts without a word."""
KEPT = "30m"
"""How long Ollama keeps the model in memory after a request."""


class _Tag(msgspec.Struct, frozen=True):
    name: str
    digest: str = ""
    remote_host: str = ""


class _Tags(msgspec.Struct, frozen=True):
    models: list[_Tag] | None = None


class _Details(msgspec.Struct, frozen=True):
    family: str = ""


class _Shown(msgspec.Struct, frozen=True):
    model_info: dict[str, Any] | None = None
    details: _Details | None = None


class _Likely(msgspec.Struct, frozen=True):
    logprob: float = 0.0


class _Message(msgspec.Struct, frozen=True):
    content: str = ""


class _Event(msgspec.Struct, frozen=True):
    """A piece of an answer."""

    response: str = ""
    message: _Message = _Message()
    logprobs: list[_Likely] | None = None
    done: bool = False
    done_reason: str = ""
    prompt_eval_count: int = 0
    error: Any = None


class Ollama:
    """One model of an Ollama."""

    takes_tokens = False
    sees_controls = True

    def __init__(self, transport: Transport, model: str) -> None:
        self.transport = transport
        self._model = model

    async def told(self) -> Told:
        listed = {tag.name: tag for tag in (await self.transport.ask("/api/tags", _Tags)).models or ()}
        name = self._chosen(list(listed))
        if away := listed[name].remote_host:
            place = self.transport.place
            raise BadUsage(
                f"{name} is not computed by the Ollama at {place.host} but on {away}, where code would go without your having "
                f"said so. Name a model that Ollama has itself in {place.role}.model."
            )
        shown = await self.transport.ask("/api/show", _Shown, {"model": name})
        info = shown.model_info or {}
        most = _number(info.get(f"{info.get('general.architecture', '')}.context_length")) or CONTEXT
        says = [info.get(f"general.{key}") for key in ("name", "basename", "finetune")]
        return Told(
            model=name,
            says=tuple(str(each) for each in (*says, shown.details and shown.details.family) if each),
            context=min(most, CONTEXT),
            vendor="ollama",
            build=listed[name].digest,
        )

    async def complete(self, told: Told, prompt: Prompt, wish: Wish) -> Answer:
        body = {**_body(told, wish), "prompt": prompt.text, "raw": True, "logprobs": True}
        async with aclosing(self._pieces("/api/generate", body)) as events:
            async for event in events:
                yield event

    async def chat(self, told: Told, messages: Sequence[Message], wish: Wish) -> Answer:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        async with aclosing(self._pieces("/api/chat", {**_body(told, wish), "messages": turns, "think": False})) as events:
            async for event in events:
                yield event

    async def measured(self, told: Told, text: str) -> int:
        options = {"num_predict": 1, "num_ctx": told.context}
        body = {"model": told.model, "prompt": text, "raw": True, "stream": False, "options": options}
        return (await self.transport.ask("/api/generate", _Event, body)).prompt_eval_count

    async def tokenised(self, told: Told, texts: Sequence[str], *, special: bool) -> list[list[Piece]] | None:  # noqa: ARG002
        return None

    def _chosen(self, names: list[str]) -> str:
        place = self.transport.place
        if not names:
            raise Unavailable(f"{place.who} has no model; get one with: ollama pull NAME")
        if not self._model:
            if len(names) > 1:
                raise BadUsage(f"{place.who} has {', '.join(names[:5])}; name one in {place.role}.model.")
            return names[0]
        for name in (self._model, f"{self._model}:latest"):
            if name in names:
                return name
        near, _, _ = process.extract(self._model, names, limit=1)[0]
        raise BadUsage(f"{place.who} has no model {self._model}; the nearest is {near}. Get it with: ollama pull {self._model}")

    async def _pieces(self, path: str, body: Any) -> Answer:
        place = self.transport.place
        async with aclosing(self.transport.stream(path, body, lines, _Event)) as events:
            async for event in events:
                if event.error is not None:
                    raise Unavailable(f"{place.who} stopped in the middle of its answer; its own log says more.")
                if text := event.response or event.message.content:
                    yield Written(text, sum(each.logprob for each in event.logprobs) if event.logprobs else None)
                if event.done:
                    yield Ended("length" if event.done_reason == "length" else "end", event.prompt_eval_count)
                    return
        raise Passing(f"{place.who} ended its answer before it was complete.")


def _body(told: Told, wish: Wish) -> dict[str, Any]:
    how = wish.sampling
    options: dict[str, Any] = {
        "num_predict": wish.limit,
        "num_ctx": told.context,
        "temperature": how.temperature or 0.0,
        "seed": wish.seed,
        "repeat_penalty": 1.0,
        "stop": wish.ends,
    }
    options |= {name: value for name in ("top_k", "top_p", "min_p") if (value := getattr(how, name)) is not None}
    whole = {"truncate": False, "shift": False}
    return {"model": told.model, "stream": True, "keep_alive": KEPT, "options": options, **whole}


def _number(value: Any) -> int:
    return int(value) if isinstance(value, (int, str)) and str(value).isdigit() else 0
