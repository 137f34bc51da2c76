"""llama.cpp's own server: prompts by token ids, its tokeniser, its chat template. Knows no family.

Sources: tools/server/README.md of llama.cpp. `/infill` is not used: it lays out by itself, with a file name and a repository of its
own ("filename", "myproject"), other shares, and no family's order; `/completion` takes our layout token by token.
"""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import PurePath
from typing import Any

import msgspec

from interfix.engine.remote.server import Answer, Begun, Ended, Piece, Prompt, Told, Wish, Written
from interfix.engine.remote.transport import Passing, Rejected, Transport, server_sent
from interfix.values import Message

_NEVER_TEXT = "\x00"
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


class LlamaServer:
    """`llama-server` with one model."""

    takes_tokens = True
    sees_controls = False

    def __init__(self, transport: Transport, model: str) -> None:
        self.transport = transport
        self._model = model

    async def told(self) -> Told:
        props = await self.transport.ask("/props" + (f"?model={self._model}" if self._model else ""), _Props)
        path, template = props.model_path, props.chat_template
        name = self._model or PurePath(path.replace("\\", "/")).name.removesuffix(".gguf")
        empty = await self.transport.ask("/tokenize", _Ids, {**self._named(), "content": "", "add_special": True})
        return Told(
            model=name,
            says=(PurePath(path).name, props.model_alias),
            context=props.default_generation_settings.n_ctx,
            template=template,
            vendor="llamacpp",
            bos=next(iter(empty.tokens), -1),
            bos_text=props.bos_token,
            eos_text=props.eos_token,
            build=f"{path}|{props.build_info}|{len(template)}",
        )

    async def complete(self, told: Told, prompt: Prompt, wish: Wish) -> Answer:
        body = {
            **self._named(),
            "prompt": prompt.tokens or prompt.text,
            "n_predict": wish.limit,
            "stream": True,
            "cache_prompt": not wish.whole,
            "return_progress": True,
            "return_tokens": True,
            "n_probs": 1,
            "stop": wish.ends,
            **sampling_of(wish),
        }
        async with aclosing(self.transport.stream("/completion", body, server_sent, _Event, _reads)) as events:
            async for event in events:
                if event.error is not None:
                    raise Rejected(f"{told.model} stopped: {_message(event.error)}.")
                if event.prompt_progress is not None:
                    yield Begun(event.prompt_progress.total, event.prompt_progress.cache)
                elif event.stop:
                    yield Ended("length" if event.stop_type == "limit" else "end", event.tokens_evaluated)
                    return
                else:
                    likely = next(iter(event.completion_probabilities), _Likely())
                    yield Written(event.content, likely.logprob, next(iter(event.tokens), -1))
        place = self.transport.place
        raise Passing(f"{place.who} ended its answer before it was complete.")

    async def chat(self, told: Told, messages: Sequence[Message], wish: Wish) -> Answer:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        laid_out = await self.transport.ask("/apply-template", _Laid, {**self._named(), "messages": turns})
        async with aclosing(self.complete(told, Prompt((), laid_out.prompt), wish)) as events:
            async for event in events:
                yield event

    async def measured(self, told: Told, text: str) -> int:  # noqa: ARG002
        body = {**self._named(), "prompt": text, "n_predict": 1, "cache_prompt": False}
        return (await self.transport.ask("/completion", _Event, body)).tokens_evaluated

    async def tokenised(self, told: Told, texts: Sequence[str], *, special: bool) -> list[list[Piece]] | None:  # noqa: ARG002
        """All texts in one request, with a token between them that none of them can hold."""
        between = (await self._tokens([_NEVER_TEXT], special=False))[-1:]
        if not between or any(_NEVER_TEXT in text for text in texts):
            return [await self._tokens([text], special=special) for text in texts]
        parts: list[Any] = []
        for text in texts:
            parts += [text, between[0].token]
        found: list[list[Piece]] = [[]]
        for piece in await self._tokens(parts, special=special):
            if piece.token == between[0].token:
                found.append([])
            else:
                found[-1].append(piece)
        return found[:-1]

    async def _tokens(self, content: Sequence[Any], *, special: bool) -> list[Piece]:
        asked = {**self._named(), "content": list(content), "add_special": False, "parse_special": special, "with_pieces": True}
        return [Piece(each.id, each.data) for each in (await self.transport.ask("/tokenize", _Pieces, asked)).tokens]

    def _named(self) -> dict[str, str]:
        """A server with several models wants to know which is meant."""
        return {"model": self._model} if self._model else {}


def sampling_of(wish: Wish) -> dict[str, Any]:
    """Only the samplers that are wanted: the server's own defaults would penalise repetition, or cut off what is unlikely."""
    how = wish.sampling
    named = {"top_k": how.top_k, "top_p": how.top_p, "min_p": how.min_p}
    given = {name: value for name, value in named.items() if value is not None}
    return {
        "temperature": how.temperature or 0.0,
        "seed": wish.seed,
        "repeat_penalty": 1.0,
        "samplers": [*given, "temperature"],
        **given,
    }


def _reads(event: _Event) -> bool:
    return event.prompt_progress is not None


def _message(error: Any) -> str:
    return str(error.get("message", error) if isinstance(error, dict) else error)[:200]
