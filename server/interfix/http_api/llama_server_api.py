"""llama-server's API as plugins use it: `/infill`, `/completion`, `/tokenize`, `/detokenize`, `/props`.

Sources: the README of llama.cpp's server, and what llama.vim, llama.vscode and Continue send. The prompt of an infill is what
stands between the prefix and the cursor; other files come under the names that the client gives them.
"""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec

from interfix import __version__
from interfix.http_api.api_services import ApiServices
from interfix.http_api.call_types import AnswerEnd, InfillCall, TextPiece
from interfix.http_api.endpoint import ClientRequest
from interfix.http_api.errors import HttpError
from interfix.http_api.fim_prompt_parser import ContextChunk, parse_fim_prompt
from interfix.http_api.replies import JsonReply, Reply, SseStream
from interfix.http_api.request_fields import (
    MAX_INFILL_TOKENS,
    Count,
    Milliseconds,
    SamplingFields,
    build_options,
    limit_tokens,
)

MAX_CANDIDATES = 8
"""Answers to one request at most."""
MAX_FIELDS = 64
"""Names in `response_fields` at most."""
_STOP_TYPES = {"end": "eos", "length": "limit", "word": "word"}


class ExtraChunk(msgspec.Struct):
    """A piece of another file."""

    text: str = ""
    filename: str | None = None


class LlamaCompletionBody(SamplingFields, kw_only=True):
    """What `/completion` and `/infill` have in common."""

    prompt: str | list[str] | None = None
    model: str | None = None
    n_predict: Count | None = None
    max_tokens: Count | None = None
    stream: bool | None = None
    cache_prompt: bool | None = None
    n_indent: Count | None = None
    n_probs: Count | None = None
    n_cmpl: Count | None = None
    t_max_prompt_ms: Milliseconds | None = None
    t_max_predict_ms: Milliseconds | None = None
    response_fields: list[str] | None = None


class InfillBody(LlamaCompletionBody, kw_only=True):
    """What `/infill` has beside it."""

    input_prefix: str | None = None
    input_suffix: str | None = None
    input_extra: list[ExtraChunk] | None = None


class TokenizeBody(msgspec.Struct):
    """`/tokenize`."""

    content: str | None = None
    add_special: bool | None = None
    parse_special: bool | None = None
    with_pieces: bool | None = None


class DetokenizeBody(msgspec.Struct):
    """`/detokenize`."""

    tokens: list[int] | None = None


class LlamaServerApi:
    """The handlers."""

    def __init__(self, services: ApiServices) -> None:
        self._services = services

    async def infill(self, request: ClientRequest) -> Reply:
        """`POST /infill`."""
        body = request.decode(InfillBody)
        if body.input_prefix is None or body.input_suffix is None:
            missing = "input_prefix" if body.input_prefix is None else "input_suffix"
            raise HttpError(400, f"An infill needs a text in {missing}, which may be empty.", missing)
        if isinstance(body.prompt, list):
            raise HttpError(400, "The prompt of an infill is one text: what stands between the prefix and the cursor.", "prompt")
        call = self._make_call(body, request)
        call = msgspec.structs.replace(
            call,
            prefix=body.input_prefix + (body.prompt or ""),
            suffix=body.input_suffix,
            chunks=tuple(ContextChunk(chunk.filename or "", chunk.text) for chunk in body.input_extra or () if chunk.text),
        )
        return await self._answer(call, body)

    async def complete(self, request: ClientRequest) -> Reply:
        """`POST /completion`: a prompt with markers is an infill, one without is gone on with."""
        body = request.decode(LlamaCompletionBody)
        if isinstance(body.prompt, list):
            if len(body.prompt) != 1:
                raise HttpError(400, "Send one prompt a request, as a text.", "prompt")
            body.prompt = body.prompt[0]
        if body.prompt is None:
            raise HttpError(400, "A completion needs a text in prompt.", "prompt")
        return await self._answer(fill_from_prompt(self._make_call(body, request), body.prompt), body)

    async def tokenize(self, request: ClientRequest) -> Reply:
        """`POST /tokenize`."""
        body = request.decode(TokenizeBody)
        vocabulary = await self._services.load_vocabulary()
        tokens = await self._services.encode(vocabulary, body.content or "", markup=body.parse_special is not False)
        if body.add_special and vocabulary.bos >= 0:
            tokens.insert(0, vocabulary.bos)
        if not body.with_pieces:
            return JsonReply({"tokens": tokens})
        return JsonReply({"tokens": [{"id": token, "piece": _spell_piece(vocabulary.token_to_piece(token))} for token in tokens]})

    async def detokenize(self, request: ClientRequest) -> Reply:
        """`POST /detokenize`."""
        vocabulary = await self._services.load_vocabulary()
        tokens = request.decode(DetokenizeBody).tokens or []
        if not all(0 <= token < vocabulary.size for token in tokens):
            raise HttpError(400, f"A token is a number from 0 to {vocabulary.size - 1}.", "tokens")
        return JsonReply({"content": b"".join(map(vocabulary.token_to_piece, tokens)).decode("utf-8", "replace")})

    async def props(self, _request: ClientRequest) -> Reply:
        """`GET /props`."""
        model = await self._services.describe_base()
        settings = {"n_ctx": model.context_tokens, "params": {"n_predict": MAX_INFILL_TOKENS, "temperature": 0.0, "stop": []}}
        return JsonReply(
            {
                "default_generation_settings": settings,
                "total_slots": 1,
                "model_alias": model.name,
                "model_path": model.file,
                "chat_template": model.chat_template,
                "modalities": {"vision": False, "audio": False},
                "build_info": f"interfix-{__version__}",
            }
        )

    async def health(self, _request: ClientRequest) -> Reply:
        """`GET /health`. A model is loaded by the first request, so whoever answers is well."""
        return JsonReply({"status": "ok"})

    def _make_call(self, body: LlamaCompletionBody, request: ClientRequest) -> InfillCall:
        max_tokens = body.n_predict if body.n_predict is not None else body.max_tokens
        if body.response_fields and len(body.response_fields) > MAX_FIELDS:
            raise HttpError(400, f"At most {MAX_FIELDS} fields can be chosen.", "response_fields")
        return InfillCall(
            model=body.model or "",
            prefix="",
            options=build_options(
                body,
                limit_tokens(max_tokens, MAX_INFILL_TOKENS),
                alternatives=body.n_probs or 0,
                raw=self._services.wants_raw(request),
            ),
            min_indent=max(0, body.n_indent or 0),
            max_prefill_ms=int(max(0, body.t_max_prompt_ms or 0)),
            max_generation_ms=int(max(0, body.t_max_predict_ms or 0)),
            uses_cache=body.cache_prompt is not False,
        )

    async def _answer(self, call: InfillCall, body: LlamaCompletionBody) -> Reply:
        if body.stream:
            return SseStream(self._stream(call), is_openai=False)
        count = min(max(1, body.n_cmpl or 1), MAX_CANDIDATES) if call.options.max_tokens else 1
        answers = [await self._collect(msgspec.structs.replace(call, start_rank=0 if n == 0 else n + 1)) for n in range(count)]
        replies = [_choose_fields({**answer, "index": n}, body.response_fields) for n, answer in enumerate(answers)]
        return JsonReply(replies if count > 1 else replies[0])

    async def _collect(self, call: InfillCall) -> dict[str, Any]:
        pieces: list[TextPiece] = []
        async for event in self._services.infill(call):
            if isinstance(event, AnswerEnd):
                return self._describe_end("".join(piece.text for piece in pieces), pieces, event, call)
            pieces.append(event)
        raise AssertionError("a stream ends with its end")

    async def _stream(self, call: InfillCall) -> AsyncGenerator[Any, None]:
        async for event in self._services.infill(call):
            if isinstance(event, AnswerEnd):
                yield self._describe_end("", [], event, call)
            else:
                piece = {"index": 0, "content": event.text, "tokens": [], "stop": False, "id_slot": 0}
                yield piece | _describe_probabilities([event], call)

    def _describe_end(self, text: str, pieces: list[TextPiece], end: AnswerEnd, call: InfillCall) -> dict[str, Any]:
        read = end.prompt_tokens - end.reused_tokens
        return {
            "index": 0,
            "content": text,
            "tokens": [],
            "id_slot": 0,
            "stop": True,
            "model": end.model,
            "tokens_predicted": end.tokens,
            "tokens_evaluated": end.prompt_tokens,
            "generation_settings": {"n_predict": call.options.max_tokens, "stop": list(call.options.stop)},
            "has_new_line": "\n" in text,
            "truncated": False,
            "stop_type": _STOP_TYPES[end.reason],
            "stopping_word": end.stop_word,
            "tokens_cached": end.reused_tokens,
            "timings": {
                "cache_n": end.reused_tokens,
                "prompt_n": read,
                "prompt_ms": round(end.prefill_ms, 3),
                "prompt_per_token_ms": round(end.prefill_ms / max(1, read), 3),
                "prompt_per_second": round(read * 1000 / max(0.001, end.prefill_ms), 3),
                "predicted_n": end.tokens,
                "predicted_ms": round(end.decode_ms, 3),
                "predicted_per_token_ms": round(end.decode_ms / max(1, end.tokens), 3),
                "predicted_per_second": round(end.tokens * 1000 / max(0.001, end.decode_ms), 3),
            },
        } | _describe_probabilities(pieces, call)


def fill_from_prompt(call: InfillCall, prompt: str, suffix: str | None = None) -> InfillCall:
    """The call for a prompt: with a suffix of its own, with markers that are parsed back, or to be gone on with."""
    if not suffix and (parsed := parse_fim_prompt(prompt)) is not None:
        return msgspec.structs.replace(
            call,
            prefix=parsed.prefix,
            suffix=parsed.suffix,
            chunks=parsed.chunks,
            path=parsed.path,
            repository=parsed.repository,
        )
    return msgspec.structs.replace(call, prefix=prompt, suffix=suffix or "")


def _describe_probabilities(pieces: list[TextPiece], call: InfillCall) -> dict[str, Any]:
    if not call.options.alternatives:
        return {}
    return {
        "completion_probabilities": [
            {
                "token": token.text,
                "logprob": token.logprob,
                "top_logprobs": [{"token": text, "logprob": logprob} for text, logprob in token.alternatives],
            }
            for piece in pieces
            for token in piece.tokens
        ]
    }


def _choose_fields(answer: dict[str, Any], fields: list[str] | None) -> dict[str, Any]:
    """The fields that were asked for; one of an inner object keeps its whole name, as llama-server does it."""
    if fields is None:
        return answer
    fields_of_answer: dict[str, Any] = {}
    for name in fields:
        value: Any = answer
        for part in name.split("/"):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            fields_of_answer[name] = value
    return fields_of_answer


def _spell_piece(piece: bytes) -> str | list[int]:
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return list(piece)
