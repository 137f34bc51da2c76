"""OpenAI's API as editors use it: `/v1/completions` with `suffix` or markers, `/v1/chat/completions`, `/v1/models`, and Mistral's
`/v1/fim/completions`, which has the former's request and the latter's answer.
"""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec

from interfix.http_api.api_services import ApiServices
from interfix.http_api.call_types import AnswerEnd, InfillCall, TextPiece
from interfix.http_api.chat_service import ChatCall, ChatTurn
from interfix.http_api.endpoint import ClientRequest
from interfix.http_api.errors import HttpError
from interfix.http_api.llama_server_api import MAX_CANDIDATES, fill_from_prompt
from interfix.http_api.openai_answer import FINISH_REASONS, OpenAiAnswerForm, describe_usage
from interfix.http_api.replies import JsonReply, Reply, SseStream
from interfix.http_api.request_fields import (
    MAX_INFILL_TOKENS,
    ContentPart,
    Count,
    Milliseconds,
    SamplingFields,
    build_options,
    join_content,
    limit_tokens,
)

MAX_TURNS = 2000
"""Turns of a chat at most."""
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


class StreamOptions(msgspec.Struct):
    """How a stream is to be told."""

    include_usage: bool | None = None


class CommonBody(SamplingFields, kw_only=True):
    """What both kinds of requests have."""

    model: str | None = None
    max_tokens: Count | None = None
    max_completion_tokens: Count | None = None
    n_predict: Count | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Count | None = None


class OpenAiCompletionBody(CommonBody, kw_only=True):
    """`/v1/completions`."""

    prompt: str | list[str] | None = None
    suffix: str | None = None
    echo: bool | None = None
    logprobs: Count | bool | None = None
    t_max_prompt_ms: Milliseconds | None = None
    t_max_predict_ms: Milliseconds | None = None


class ChatMessageBody(msgspec.Struct):
    """A turn."""

    role: str
    content: str | list[ContentPart] | None = None


class ResponseFormat(msgspec.Struct):
    """How an answer is to be formed."""

    type: str = "text"


class OpenAiChatBody(CommonBody, kw_only=True):
    """`/v1/chat/completions`."""

    messages: list[ChatMessageBody]
    logprobs: bool | None = None
    top_logprobs: Count | None = None
    tools: list[msgspec.Raw] | None = None
    tool_choice: msgspec.Raw | None = None
    response_format: ResponseFormat | None = None


class OpenAiApi:
    """The handlers."""

    def __init__(self, services: ApiServices) -> None:
        self._services = services

    async def complete(self, request: ClientRequest) -> Reply:
        """`POST /v1/completions`."""
        return await self._complete(request, is_chat=False)

    async def complete_fim(self, request: ClientRequest) -> Reply:
        """`POST /v1/fim/completions`."""
        return await self._complete(request, is_chat=True)

    async def chat(self, request: ClientRequest) -> Reply:
        """`POST /v1/chat/completions`."""
        body = request.decode(OpenAiChatBody)
        call = self._make_chat_call(body)
        if _count(body.n) > 1:
            raise HttpError(400, "One answer a request: leave n out.", "n")
        form = OpenAiAnswerForm(is_chat=True, logprobs=bool(body.logprobs), usage=_wants_usage(body))
        if body.stream:
            return SseStream(self._stream([self._services.chat(call)], form, ""))
        return JsonReply(await self._collect([self._services.chat(call)], form, ""))

    async def list_models(self, _request: ClientRequest) -> Reply:
        """`GET /v1/models`: those of the settings first, then what else is installed."""
        served = [(model.name, await self._services.describe(model)) for model in await self._services.models.list_served()]
        others = [model.name for model in await self._services.models.list_others()]
        entries = [_describe_model(name, description.trained_tokens, description.context_tokens) for name, description in served]
        entries += [_describe_model(name, 0, 0) for name in others]
        return JsonReply({"object": "list", "data": entries})

    async def _complete(self, request: ClientRequest, *, is_chat: bool) -> Reply:
        body = request.decode(OpenAiCompletionBody)
        prompt = body.prompt[0] if isinstance(body.prompt, list) and len(body.prompt) == 1 else body.prompt
        if not isinstance(prompt, str):
            raise HttpError(400, "A completion needs one prompt, as a text.", "prompt")
        # True is what Mistral's clients send for one.
        alternatives = int(body.logprobs) if body.logprobs is not None else 0
        max_tokens = next((n for n in (body.max_tokens, body.max_completion_tokens, body.n_predict) if n is not None), None)
        call = InfillCall(
            model=body.model or "",
            prefix="",
            options=build_options(
                body,
                limit_tokens(max_tokens, MAX_INFILL_TOKENS),
                alternatives=alternatives,
                raw=self._services.wants_raw(request),
            ),
            max_prefill_ms=int(max(0, body.t_max_prompt_ms or 0)),
            max_generation_ms=int(max(0, body.t_max_predict_ms or 0)),
        )
        call = fill_from_prompt(call, prompt, body.suffix)
        count = min(_count(body.n), MAX_CANDIDATES)
        answers = [self._services.infill(msgspec.structs.replace(call, start_rank=0 if n == 0 else n + 1)) for n in range(count)]
        form = OpenAiAnswerForm(is_chat=is_chat, logprobs=body.logprobs not in (None, False), usage=_wants_usage(body))
        echo = prompt if body.echo else ""
        return SseStream(self._stream(answers, form, echo)) if body.stream else JsonReply(await self._collect(answers, form, echo))

    def _make_chat_call(self, body: OpenAiChatBody) -> ChatCall:
        if not body.messages or len(body.messages) > MAX_TURNS:
            raise HttpError(400, f"A chat needs from one to {MAX_TURNS} messages.", "messages")
        if body.tools and (body.tool_choice is None or bytes(body.tool_choice) != b'"none"'):
            raise HttpError(400, "Interfix calls no tools: leave tools out, or set tool_choice to none.", "tools")
        if body.response_format is not None and body.response_format.type != "text":
            raise HttpError(400, "Interfix cannot force an answer into a form: leave response_format out.", "response_format")
        turns = []
        for index, message in enumerate(body.messages):
            if message.role not in _ROLES:
                raise HttpError(
                    400, f"A turn is of system, user or assistant, not of {message.role[:40]}.", f"messages[{index}].role"
                )
            turns.append(ChatTurn(_ROLES[message.role], join_content(message.content, f"messages[{index}].content")))
        max_tokens = next((n for n in (body.max_completion_tokens, body.max_tokens, body.n_predict) if n is not None), None)
        alternatives = body.top_logprobs or 0 if body.logprobs else 0
        return ChatCall(
            model=body.model or "",
            turns=tuple(turns),
            options=build_options(body, limit_tokens(max_tokens, self._services.max_chat_tokens), alternatives=alternatives),
        )

    async def _collect(
        self, answers: list[AsyncGenerator[TextPiece | AnswerEnd, None]], form: OpenAiAnswerForm, echo: str
    ) -> dict[str, Any]:
        choices: list[dict[str, Any]] = []
        ends: list[AnswerEnd] = []
        for index, answer in enumerate(answers):
            pieces: list[TextPiece] = []
            async for event in answer:
                if isinstance(event, AnswerEnd):
                    ends.append(event)
                else:
                    pieces.append(event)
            text = echo + "".join(piece.text for piece in pieces)
            choices.append(form.make_choice(index, text, pieces, FINISH_REASONS[ends[-1].reason]))
        return form.make_head(ends[0].model) | {"choices": choices, "usage": describe_usage(ends)}

    async def _stream(
        self, answers: list[AsyncGenerator[TextPiece | AnswerEnd, None]], form: OpenAiAnswerForm, echo: str
    ) -> AsyncGenerator[Any, None]:
        ends: list[AnswerEnd] = []
        head = form.make_head("", is_stream=True)
        for index, answer in enumerate(answers):
            begin = echo
            if form.is_chat:
                yield head | {"choices": [form.make_delta(index, {"role": "assistant", "content": ""}, [])]}
            async for event in answer:
                if isinstance(event, AnswerEnd):
                    ends.append(event)
                    head["model"] = event.model
                    last = form.make_delta(index, {} if form.is_chat else "", [], FINISH_REASONS[event.reason])
                    yield head | {"choices": [last]}
                else:
                    text = begin + event.text
                    begin = ""
                    yield head | {"choices": [form.make_delta(index, {"content": text} if form.is_chat else text, [event])]}
        if form.usage:
            yield head | {"choices": [], "usage": describe_usage(ends)}


def _describe_model(name: str, trained: int, context: int) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": name, "object": "model", "created": 0, "owned_by": "interfix"}
    return entry | ({"meta": {"n_ctx_train": trained, "n_ctx": context}} if context else {})


def _wants_usage(body: CommonBody) -> bool:
    return bool(body.stream_options and body.stream_options.include_usage)


def _count(requested: int | None) -> int:
    return 1 if requested is None or requested < 1 else requested
