"""Ollama by its own API: raw prompts as text in our layout, chats in turns.

Sources: docs/api.md of Ollama (`/api/tags`, `/api/show`, `/api/generate` with `raw`, `/api/chat`; one JSON object a line) and its
api/types.go (`truncate` and `shift`, without which what is too long loses its beginning; `remote_host`).
"""

from collections.abc import Sequence
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
from interfix.engine.remote.response_bytes import split_json_lines
from interfix.engine.remote.transport import Transport
from interfix.engine.remote.transport_errors import TransientFailure
from interfix.errors import UnavailableError, UsageError
from interfix.inference_types import ChatMessage
from interfix.system.digit_parsing import parse_whole_number

MAX_CONTEXT_TOKENS = 8192
"""Tokens of context that are asked for, where the model has them: Ollama's own default cuts longer prompts without a word."""
_CHAT_MODEL = "chat model"
"""What a model is called, beside its names, that takes turns."""
KEEP_ALIVE = "30m"
"""How long Ollama keeps the model in memory after a request."""


class _Tag(msgspec.Struct, frozen=True):
    name: str
    digest: str = ""
    remote_host: str = ""


class _Tags(msgspec.Struct, frozen=True):
    models: list[_Tag] | None = None


class _Details(msgspec.Struct, frozen=True):
    family: str = ""


class _ModelDetails(msgspec.Struct, frozen=True):
    model_info: dict[str, Any] | None = None
    details: _Details | None = None
    template: str = ""
    capabilities: list[str] | None = None

    @property
    def chats(self) -> bool:
        """Whether it takes turns: its template goes through messages, or it does what only such models do."""
        return ".Messages" in self.template or not {"tools", "thinking"}.isdisjoint(self.capabilities or ())


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


class OllamaBackend:
    """One model of an Ollama."""

    accepts_token_ids = False
    parses_control_tokens = True

    def __init__(self, transport: Transport, model: str) -> None:
        self.transport = transport
        self._model = model

    async def describe_model(self) -> ModelInfo:
        listed = {tag.name: tag for tag in (await self.transport.request_json("/api/tags", _Tags)).models or ()}
        name = self._choose_model(list(listed))
        if away := listed[name].remote_host:
            endpoint = self.transport.endpoint
            raise UsageError(
                f"{name} is not computed by the Ollama at {endpoint.host} but on {away}, where code would go without your having "
                f"said so. Name a model that Ollama has itself in {endpoint.role}.model."
            )
        details = await self.transport.request_json("/api/show", _ModelDetails, {"model": name})
        info = details.model_info or {}
        most = _parse_int(info.get(f"{info.get('general.architecture', '')}.context_length")) or MAX_CONTEXT_TOKENS
        says = [info.get(f"general.{key}") for key in ("name", "basename", "finetune")]
        # Its names leave out that most of its models chat.
        says.append(_CHAT_MODEL if details.chats else None)
        return ModelInfo(
            name=name,
            aliases=tuple(str(each) for each in (*says, details.details and details.details.family) if each),
            context_tokens=min(most, MAX_CONTEXT_TOKENS),
            vendor="ollama",
            fingerprint=listed[name].digest,
        )

    async def complete(self, info: ModelInfo, prompt: ServerPrompt, params: GenerationParams) -> BackendStream:
        body = {**_make_body(info, params), "prompt": prompt.text, "raw": True, "logprobs": True}
        async with aclosing(self._stream_pieces("/api/generate", body)) as events:
            async for event in events:
                yield event

    async def chat(self, info: ModelInfo, messages: Sequence[ChatMessage], params: GenerationParams) -> BackendStream:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        async with aclosing(
            self._stream_pieces("/api/chat", {**_make_body(info, params), "messages": turns, "think": False})
        ) as events:
            async for event in events:
                yield event

    async def count_prompt_tokens(self, info: ModelInfo, text: str) -> int:
        options = {"num_predict": 1, "num_ctx": info.context_tokens}
        body = {"model": info.name, "prompt": text, "raw": True, "stream": False, "options": options}
        return (await self.transport.request_json("/api/generate", _Event, body)).prompt_eval_count

    async def tokenize(self, info: ModelInfo, texts: Sequence[str], *, special: bool) -> list[list[TokenPiece]] | None:  # noqa: ARG002
        return None

    def _choose_model(self, names: list[str]) -> str:
        endpoint = self.transport.endpoint
        if not names:
            raise UnavailableError(f"{endpoint.display_name} has no model; get one with: ollama pull NAME")
        if not self._model:
            if len(names) > 1:
                raise UsageError(f"{endpoint.display_name} has {', '.join(names[:5])}; name one in {endpoint.role}.model.")
            return names[0]
        for name in (self._model, f"{self._model}:latest"):
            if name in names:
                return name
        near, _, _ = process.extract(self._model, names, limit=1)[0]
        raise UsageError(
            f"{endpoint.display_name} has no model {self._model}; the nearest is {near}. Get it with: ollama pull {self._model}"
        )

    async def _stream_pieces(self, path: str, body: Any) -> BackendStream:
        endpoint = self.transport.endpoint
        async with aclosing(self.transport.stream_json(path, body, split_json_lines, _Event)) as events:
            async for event in events:
                if event.error is not None:
                    raise UnavailableError(f"{endpoint.display_name} stopped in the middle of its answer; its own log says more.")
                if text := event.response or event.message.content:
                    yield StreamToken(text, sum(each.logprob for each in event.logprobs) if event.logprobs else None)
                if event.done:
                    yield StreamEnd("length" if event.done_reason == "length" else "end", event.prompt_eval_count)
                    return
        raise TransientFailure(f"{endpoint.display_name} ended its answer before it was complete.")


def _make_body(info: ModelInfo, params: GenerationParams) -> dict[str, Any]:
    how = params.sampling
    options: dict[str, Any] = {
        "num_predict": params.max_tokens,
        "num_ctx": info.context_tokens,
        "temperature": how.temperature or 0.0,
        "seed": params.seed,
        "repeat_penalty": 1.0,
        "stop": params.stop_texts,
    }
    options |= {name: value for name in ("top_k", "top_p", "min_p") if (value := getattr(how, name)) is not None}
    whole = {"truncate": False, "shift": False}
    return {"model": info.name, "stream": True, "keep_alive": KEEP_ALIVE, "options": options, **whole}


def _parse_int(value: Any) -> int:
    return parse_whole_number(str(value), MAX_CONTEXT_TOKENS) or 0
