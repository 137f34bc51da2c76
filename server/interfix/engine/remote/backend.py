"""The interface to a server, whatever its API."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

import msgspec

from interfix.engine.remote.transport import Transport
from interfix.inference_types import ChatMessage, Sampling


class ModelInfo(msgspec.Struct, frozen=True):
    """What a server tells of the model it serves."""

    name: str
    """Its name there, to be sent with every request."""
    aliases: tuple[str, ...] = ()
    """What else it calls the model: file, repository, `general.name` and the like."""
    context_tokens: int = 0
    """Tokens that a prompt and its answer may have together; 0 where it does not tell."""
    chat_template: str = ""
    """The model's chat template (Jinja); empty where it does not tell."""
    vendor: str = ""
    """What the server is, where it tells: vllm, llamacpp …"""
    bos: int = -1
    """The token that every prompt begins with, where prompts are given by ids; -1 where there is none."""
    bos_text: str = ""
    """How the token that begins a text is spelled, for the template."""
    eos_text: str = ""
    """How the token that ends a text is spelled, for the template."""
    fingerprint: str = ""
    """Changes when the model or the server's way to run it does."""


class TokenPiece(msgspec.Struct, frozen=True):
    """One token of the server's vocabulary."""

    token: int
    """Its id."""
    data: bytes
    """What it says, UTF-8; may begin or end inside a character."""


class ServerPrompt(msgspec.Struct, frozen=True):
    """A laid-out prompt in both forms."""

    tokens: tuple[int, ...]
    """By the server's own ids; empty where they are not known."""
    text: str
    """Word for word, control tokens spelled out."""


class GenerationParams(msgspec.Struct, frozen=True):
    """How an answer is to be written."""

    max_tokens: int
    """At most this many tokens."""
    sampling: Sampling
    """How tokens are drawn, with nothing left open that matters."""
    stop_texts: tuple[str, ...] = ()
    """Texts that end it."""
    stop_tokens: frozenset[int] = frozenset()
    """Tokens that end it, by the server's own ids."""
    seed: int = 0
    """Above temperature 0, another seed draws other tokens."""
    ignores_cache: bool = False
    """The prompt is to be read anew, whatever the server has of it in its cache; only some can be told."""


class StreamStart(msgspec.Struct, frozen=True):
    """The server reads the prompt; only some say so."""

    prompt_tokens: int
    """Its length, tokens."""
    reused_tokens: int
    """How many of them it has in its cache."""


class StreamToken(msgspec.Struct, frozen=True):
    """A piece of the answer, one token where the server tells tokens apart."""

    text: str
    """Its text."""
    logprob: float | None = None
    """Natural logarithm of its probability; None where the server does not tell."""
    token: int = -1
    """Its id; -1 where the server does not tell."""


class StreamEnd(msgspec.Struct, frozen=True):
    """The answer is over."""

    reason: str
    """end or length."""
    prompt_tokens: int = 0
    """Tokens of the prompt as the server counted them; 0 where it does not tell."""


BackendStream = AsyncGenerator[StreamStart | StreamToken | StreamEnd, None]


class Backend(Protocol):
    """One kind of server. Every question may raise `UnavailableError`, or `RequestRejected` where the server will not."""

    transport: Transport
    """How it is reached."""
    accepts_token_ids: bool
    """Whether a prompt may be given by ids, so that nothing in somebody's text can be a control token."""
    parses_control_tokens: bool
    """Whether its tokeniser recognises control tokens in any text."""

    async def describe_model(self) -> ModelInfo:
        """Which model it serves, as configured."""
        ...

    def complete(self, info: ModelInfo, prompt: ServerPrompt, params: GenerationParams) -> BackendStream:
        """Continue a prompt, which must reach the model as it is."""
        ...

    def chat(self, info: ModelInfo, messages: Sequence[ChatMessage], params: GenerationParams) -> BackendStream:
        """Answer the last turn, laid out by the server."""
        ...

    async def count_prompt_tokens(self, info: ModelInfo, text: str) -> int:
        """How many tokens the model reads where a raw prompt is this text; 0 where the server does not tell."""
        ...

    async def tokenize(self, info: ModelInfo, texts: Sequence[str], *, special: bool) -> list[list[TokenPiece]] | None:
        """The tokens of each text, control tokens recognised only if `special`; None where the server has no such service."""
        ...
