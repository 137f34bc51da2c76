"""Ollama's API as editors use it: `/api/generate`, `/api/chat`, `/api/tags`, `/api/show`, `/api/version`.

Sources: Ollama's `docs/api.md`, and what Zed, cmp-ai, Continue and Ollama's Python client send. Times are in nanoseconds.
"""

import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import msgspec

from interfix.http_api.api_services import ApiServices, ModelDescription
from interfix.http_api.call_types import AnswerEnd, GenerationOptions, InfillCall, TextPiece
from interfix.http_api.chat_service import ChatCall, ChatTurn
from interfix.http_api.endpoint import ClientRequest
from interfix.http_api.errors import HttpError
from interfix.http_api.fim_prompt_parser import parse_fim_prompt
from interfix.http_api.llama_server_api import fill_from_prompt
from interfix.http_api.replies import JsonReply, LineStream, Reply
from interfix.http_api.request_fields import (
    MAX_INFILL_TOKENS,
    Count,
    SamplingFields,
    build_options,
    limit_tokens,
)

API_VERSION = "0.6.4"
"""The version of Ollama whose API this is: clients ask for it before they use what a version has brought."""
_DONE_REASONS = {"end": "stop", "length": "length", "word": "stop"}
_ROLES = frozenset({"system", "user", "assistant"})


class OptionsBody(SamplingFields, kw_only=True):
    """`options` of a request."""

    num_predict: Count | None = None


class GenerateBody(msgspec.Struct, kw_only=True):
    """`/api/generate`."""

    model: str | None = None
    prompt: str | None = None
    suffix: str | None = None
    system: str | None = None
    raw: bool | None = None
    stream: bool | None = None
    images: list[msgspec.Raw] | None = None
    options: OptionsBody | None = None


class MessageBody(msgspec.Struct):
    """A turn."""

    role: str
    content: str | None = None
    images: list[msgspec.Raw] | None = None


class OllamaChatBody(msgspec.Struct, kw_only=True):
    """`/api/chat`."""

    model: str | None = None
    messages: list[MessageBody] | None = None
    stream: bool | None = None
    tools: list[msgspec.Raw] | None = None
    options: OptionsBody | None = None


class ShowBody(msgspec.Struct):
    """`/api/show`."""

    model: str | None = None
    name: str | None = None


class OllamaApi:
    """The handlers."""

    def __init__(self, services: ApiServices) -> None:
        self._services = services

    async def generate(self, request: ClientRequest) -> Reply:
        """`POST /api/generate`: an infill where there is a suffix, a marker or a raw prompt; else a question, as Ollama has it."""
        body = request.decode(GenerateBody)
        if body.images:
            raise HttpError(400, "Interfix answers text only; leave the images out.")
        prompt = body.prompt or ""
        options = self._make_options(body.options, request, MAX_INFILL_TOKENS)
        if not prompt and not body.suffix:
            return JsonReply(self._make_head(body.model or "") | {"response": "", "done": True, "done_reason": "load"})
        if body.suffix or body.raw or parse_fim_prompt(prompt) is not None:
            call = fill_from_prompt(InfillCall(model=body.model or "", prefix="", options=options), prompt, body.suffix)
            return await self._answer(self._services.infill(call), "response", body.stream)
        turns = [ChatTurn("system", body.system)] if body.system else []
        options = self._make_options(body.options, request, self._services.max_chat_tokens)
        chat = ChatCall(model=body.model or "", turns=(*turns, ChatTurn("user", prompt)), options=options)
        return await self._answer(self._services.chat(chat), "response", body.stream)

    async def chat(self, request: ClientRequest) -> Reply:
        """`POST /api/chat`."""
        body = request.decode(OllamaChatBody)
        if body.tools:
            raise HttpError(400, "Interfix calls no tools: leave tools out.")
        messages = body.messages or []
        if not messages:
            message = {"message": {"role": "assistant", "content": ""}}
            return JsonReply(self._make_head(body.model or "") | message | {"done": True, "done_reason": "load"})
        if other := next((message.role for message in messages if message.role not in _ROLES), None):
            raise HttpError(400, f"A turn is of system, user or assistant, not of {other[:40]}.")
        if any(message.images for message in messages):
            raise HttpError(400, "Interfix answers text only; leave the images out.")
        call = ChatCall(
            model=body.model or "",
            turns=tuple(ChatTurn(message.role, message.content or "") for message in messages),
            options=self._make_options(body.options, request, self._services.max_chat_tokens),
        )
        return await self._answer(self._services.chat(call), "message", body.stream)

    async def list_tags(self, _request: ClientRequest) -> Reply:
        """`GET /api/tags`."""
        served = [await self._services.describe(model) for model in await self._services.models.list_served()]
        models = [
            _describe_tag(description.name, description.header.bytes if description.header else 0, description)
            for description in served
        ]
        models += [_describe_tag(model.name, model.bytes, None) for model in await self._services.models.list_others()]
        return JsonReply({"models": models})

    async def show(self, request: ClientRequest) -> Reply:
        """`POST /api/show`."""
        body = request.decode(ShowBody)
        model = await self._find_described(body.model or body.name or "")
        architecture = model.header.architecture if model.header else "unknown"
        return JsonReply(
            {
                "details": _describe_details(model),
                "model_info": {
                    "general.architecture": architecture,
                    f"{architecture}.context_length": model.context_tokens,
                },
                "template": "{{ .Prompt }}",
                "parameters": "",
                "capabilities": ["completion", "insert"] if model.completes else ["completion"],
            }
        )

    async def version(self, _request: ClientRequest) -> Reply:
        """`GET /api/version`."""
        return JsonReply({"version": API_VERSION})

    async def _find_described(self, name: str) -> ModelDescription:
        served = await self._services.models.list_served()
        model = next((each for each in served if each.name == name.removesuffix(":latest")), None)
        return await self._services.describe(model or await self._services.models.find_base(""))

    def _make_options(self, options: OptionsBody | None, request: ClientRequest, most_tokens: int) -> GenerationOptions:
        given = options or OptionsBody()
        return build_options(given, limit_tokens(given.num_predict, most_tokens), raw=self._services.wants_raw(request))

    async def _answer(self, answer: AsyncGenerator[TextPiece | AnswerEnd, None], field: str, stream: bool | None) -> Reply:
        """Ollama streams unless it is told not to."""
        began = time.perf_counter()
        if stream is not False:
            return LineStream(self._stream(answer, field, began))
        texts: list[str] = []
        async for event in answer:
            if isinstance(event, AnswerEnd):
                return JsonReply(self._describe_end(event, field, "".join(texts), began))
            texts.append(event.text)
        raise AssertionError("a stream ends with its end")

    async def _stream(
        self, answer: AsyncGenerator[TextPiece | AnswerEnd, None], field: str, began: float
    ) -> AsyncGenerator[Any, None]:
        async for event in answer:
            if isinstance(event, AnswerEnd):
                yield self._describe_end(event, field, "", began)
            else:
                yield self._make_head("") | _say(field, event.text) | {"done": False}

    def _describe_end(self, end: AnswerEnd, field: str, text: str, began: float) -> dict[str, Any]:
        return (
            self._make_head(end.model)
            | _say(field, text)
            | {
                "done": True,
                "done_reason": _DONE_REASONS[end.reason],
                "context": [],
                "total_duration": int((time.perf_counter() - began) * 1e9),
                "load_duration": 0,
                "prompt_eval_count": end.prompt_tokens,
                "prompt_eval_duration": int(end.prefill_ms * 1e6),
                "eval_count": end.tokens,
                "eval_duration": int(end.decode_ms * 1e6),
            }
        )

    def _make_head(self, model: str) -> dict[str, Any]:
        return {"model": model, "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z")}


def _say(field: str, text: str) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": text}} if field == "message" else {field: text}


def _describe_tag(name: str, size: int, description: ModelDescription | None) -> dict[str, Any]:
    return {
        "name": name,
        "model": name,
        "modified_at": "1970-01-01T00:00:00Z",
        "size": size,
        "digest": "",
        "details": _describe_details(description),
    }


def _describe_details(description: ModelDescription | None) -> dict[str, Any]:
    header = description.header if description else None
    family = header.architecture if header else ""
    return {
        "format": "gguf",
        "family": family,
        "families": [family] if family else [],
        "parameter_size": header.size_label if header else "",
        "quantization_level": header.quantisation if header else "",
        "parent_model": "",
    }
