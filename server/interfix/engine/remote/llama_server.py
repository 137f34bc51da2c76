"""llama.cpp's own server: prompts by token ids, its tokeniser, its chat template. Knows no family.

Sources: tools/server/README.md of llama.cpp. `/infill` is not used: it lays out by itself, with a file name and a repository of its
own ("filename", "myproject"), other shares, and no family's order; `/completion` takes our layout token by token.
"""

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import PurePath
from typing import Any

from interfix.engine.remote.server import Answer, Begun, Ended, Piece, Prompt, Told, Wish, Written
from interfix.engine.remote.transport import Rejected, Transport, server_sent
from interfix.values import Message

_NEVER_TEXT = "\x00"
"""Between texts that are tokenised together: its token is in no text without it."""


class LlamaServer:
    """`llama-server` with one model."""

    takes_tokens = True
    sees_controls = False

    def __init__(self, transport: Transport, model: str) -> None:
        self.transport = transport
        self._model = model

    async def told(self) -> Told:
        props = await self.transport.ask("/props" + (f"?model={self._model}" if self._model else ""))
        path = str(props.get("model_path", ""))
        name = self._model or PurePath(path.replace("\\", "/")).name.removesuffix(".gguf")
        template = str(props.get("chat_template", ""))
        empty = await self.transport.ask("/tokenize", {**self._named(), "content": "", "add_special": True})
        return Told(
            model=name,
            says=(PurePath(path).name, str(props.get("model_alias", ""))),
            context=int(props.get("default_generation_settings", {}).get("n_ctx", 0)),
            template=template,
            vendor="llamacpp",
            bos=next(iter(empty["tokens"]), -1),
            bos_text=str(props.get("bos_token", "")),
            eos_text=str(props.get("eos_token", "")),
            build=f"{path}|{props.get('build_info', '')}|{len(template)}",
        )

    async def complete(self, told: Told, prompt: Prompt, wish: Wish) -> Answer:
        body = {
            **self._named(),
            "prompt": prompt.tokens or prompt.text,
            "n_predict": wish.limit,
            "stream": True,
            "cache_prompt": True,
            "return_progress": True,
            "return_tokens": True,
            "n_probs": 1,
            "stop": wish.ends,
            **sampling_of(wish),
        }
        async with aclosing(self.transport.stream("/completion", body, server_sent, _reads)) as events:
            async for event in events:
                if "error" in event:
                    raise Rejected(f"{told.model} stopped: {_message(event)}.")
                if progress := event.get("prompt_progress"):
                    yield Begun(progress["total"], progress["cache"])
                elif event.get("stop"):
                    yield Ended("length" if event.get("stop_type") == "limit" else "end", event.get("tokens_evaluated", 0))
                else:
                    token = next(iter(event.get("tokens", ())), -1)
                    known = event.get("completion_probabilities") or [{}]
                    yield Written(event.get("content", ""), known[0].get("logprob"), token)

    async def chat(self, told: Told, messages: Sequence[Message], wish: Wish) -> Answer:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        laid_out = await self.transport.ask("/apply-template", {**self._named(), "messages": turns})
        async with aclosing(self.complete(told, Prompt((), laid_out["prompt"]), wish)) as events:
            async for event in events:
                yield event

    async def measured(self, told: Told, text: str) -> int:  # noqa: ARG002
        answer = await self.transport.ask("/completion", {**self._named(), "prompt": text, "n_predict": 1, "cache_prompt": False})
        return int(answer.get("tokens_evaluated", 0))

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
        answer = await self.transport.ask("/tokenize", asked)
        return [Piece(each["id"], _data(each["piece"])) for each in answer["tokens"]]

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


def _reads(event: dict[str, Any]) -> bool:
    return "prompt_progress" in event


def _data(piece: str | list[int]) -> bytes:
    return piece.encode() if isinstance(piece, str) else bytes(piece)


def _message(event: dict[str, Any]) -> str:
    error = event["error"]
    return str(error.get("message", error) if isinstance(error, dict) else error)[:200]
