"""llama.cpp's own server: prompts by token ids, its tokeniser, its chat template.

Sources: tools/server/README.md of llama.cpp. `/infill` is not used: it lays out by itself, with a file name and a repository of its
own ("filename", "myproject"), other shares, and no family's order; `/completion` takes our layout token by token.
"""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import PurePath
from typing import Any

import msgspec

from interfix.engine.remote.backend import (
    BackendStream,
    GenerationParams,
    ModelInfo,
    ServerPrompt,
    StreamEnd,
    StreamStart,
    StreamToken,
    TokenPiece,
)
from interfix.engine.remote.response_bytes import split_sse
from interfix.engine.remote.transport import Transport
from interfix.engine.remote.transport_errors import RequestRejected, TransientFailure
from interfix.inference_types import ChatMessage

_SEPARATOR = "\x00"
"""Between texts that are tokenised together: its token is in no text without it."""


class _Generation(msgspec.Struct, frozen=True):
    n_ctx: int = 0


class _Props(msgspec.Struct, frozen=True):
    model_path: str = ""
    model_alias: str = ""
    chat_template: str = ""
    bos_token: str = ""
    eos_token: str = ""
    build_info: str = ""
    default_generation_settings: _Generation = _Generation()


class _Token(msgspec.Struct, frozen=True):
    id: int
    piece: str | list[int] = ""
    """Its bytes, where they are no text by themselves."""

    @property
    def data(self) -> bytes:
        return self.piece.encode() if isinstance(self.piece, str) else bytes(self.piece)


class _Pieces(msgspec.Struct, frozen=True):
    tokens: list[_Token]


class _Ids(msgspec.Struct, frozen=True):
    tokens: list[int]


class _Laid(msgspec.Struct, frozen=True):
    prompt: str


class _Progress(msgspec.Struct, frozen=True):
    total: int
    cache: int = 0


class _Likely(msgspec.Struct, frozen=True):
    logprob: float | None = None


class _Event(msgspec.Struct, frozen=True):
    """A completion, or a piece of one."""

    content: str = ""
    tokens: list[int] = []
    completion_probabilities: list[_Likely] = []
    prompt_progress: _Progress | None = None
    stop: bool = False
    stop_type: str = ""
    tokens_evaluated: int = 0
    error: Any = None


class LlamaServerBackend:
    """`llama-server` with one model."""

    accepts_token_ids = True
    parses_control_tokens = False

    def __init__(self, transport: Transport, model: str) -> None:
        self.transport = transport
        self._model = model

    async def describe_model(self) -> ModelInfo:
        props = await self.transport.request_json("/props" + (f"?model={self._model}" if self._model else ""), _Props)
        path, template = props.model_path, props.chat_template
        name = self._model or PurePath(path.replace("\\", "/")).name.removesuffix(".gguf")
        empty = await self.transport.request_json(
            "/tokenize", _Ids, {**self._make_model_field(), "content": "", "add_special": True}
        )
        return ModelInfo(
            name=name,
            aliases=(PurePath(path).name, props.model_alias),
            context_tokens=props.default_generation_settings.n_ctx,
            chat_template=template,
            vendor="llamacpp",
            bos=next(iter(empty.tokens), -1),
            bos_text=props.bos_token,
            eos_text=props.eos_token,
            fingerprint=f"{path}|{props.build_info}|{len(template)}",
        )

    async def complete(self, info: ModelInfo, prompt: ServerPrompt, params: GenerationParams) -> BackendStream:
        body = {
            **self._make_model_field(),
            "prompt": prompt.tokens or prompt.text,
            "n_predict": params.max_tokens,
            "stream": True,
            "cache_prompt": not params.ignores_cache,
            "return_progress": True,
            "return_tokens": True,
            "n_probs": 1,
            "stop": params.stop_texts,
            **make_sampling_body(params),
        }
        async with aclosing(self.transport.stream_json("/completion", body, split_sse, _Event, _is_progress)) as events:
            async for event in events:
                if event.error is not None:
                    raise RequestRejected(f"{info.name} stopped: {_read_error_message(event.error)}.")
                if event.prompt_progress is not None:
                    yield StreamStart(event.prompt_progress.total, event.prompt_progress.cache)
                elif event.stop:
                    yield StreamEnd("length" if event.stop_type == "limit" else "end", event.tokens_evaluated)
                    return
                else:
                    likely = next(iter(event.completion_probabilities), _Likely())
                    yield StreamToken(event.content, likely.logprob, next(iter(event.tokens), -1))
        endpoint = self.transport.endpoint
        raise TransientFailure(f"{endpoint.display_name} ended its answer before it was complete.")

    async def chat(self, info: ModelInfo, messages: Sequence[ChatMessage], params: GenerationParams) -> BackendStream:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        laid_out = await self.transport.request_json("/apply-template", _Laid, {**self._make_model_field(), "messages": turns})
        async with aclosing(self.complete(info, ServerPrompt((), laid_out.prompt), params)) as events:
            async for event in events:
                yield event

    async def count_prompt_tokens(self, info: ModelInfo, text: str) -> int:  # noqa: ARG002
        body = {**self._make_model_field(), "prompt": text, "n_predict": 1, "cache_prompt": False}
        return (await self.transport.request_json("/completion", _Event, body)).tokens_evaluated

    async def tokenize(self, info: ModelInfo, texts: Sequence[str], *, special: bool) -> list[list[TokenPiece]] | None:  # noqa: ARG002
        """All texts in one request, with a token between them that none of them can hold."""
        between = (await self._tokenize_parts([_SEPARATOR], special=False))[-1:]
        if not between or any(_SEPARATOR in text for text in texts):
            return [await self._tokenize_parts([text], special=special) for text in texts]
        parts: list[Any] = []
        for text in texts:
            parts += [text, between[0].token]
        token_lists: list[list[TokenPiece]] = [[]]
        for piece in await self._tokenize_parts(parts, special=special):
            if piece.token == between[0].token:
                token_lists.append([])
            else:
                token_lists[-1].append(piece)
        return token_lists[:-1]

    async def _tokenize_parts(self, content: Sequence[Any], *, special: bool) -> list[TokenPiece]:
        body = {
            **self._make_model_field(),
            "content": list(content),
            "add_special": False,
            "parse_special": special,
            "with_pieces": True,
        }
        return [TokenPiece(each.id, each.data) for each in (await self.transport.request_json("/tokenize", _Pieces, body)).tokens]

    def _make_model_field(self) -> dict[str, str]:
        """A server with several models wants to know which is meant."""
        return {"model": self._model} if self._model else {}


def make_sampling_body(params: GenerationParams) -> dict[str, Any]:
    """Only the samplers that are wanted: the server's own defaults would penalise repetition, or cut off what is unlikely."""
    how = params.sampling
    values = {"top_k": how.top_k, "top_p": how.top_p, "min_p": how.min_p}
    given = {name: value for name, value in values.items() if value is not None}
    return {
        "temperature": how.temperature or 0.0,
        "seed": params.seed,
        "repeat_penalty": 1.0,
        "samplers": [*given, "temperature"],
        **given,
    }


def _is_progress(event: _Event) -> bool:
    return event.prompt_progress is not None


def _read_error_message(error: Any) -> str:
    return str(error.get("message", error) if isinstance(error, dict) else error)[:200]
