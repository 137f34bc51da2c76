"""What every engine, local or remote, can do."""

from collections.abc import AsyncGenerator
from enum import StrEnum
from typing import Protocol

import msgspec

from interfix.engine.runtime_config import RuntimeConfig
from interfix.guided_decoding_names import NameGuide
from interfix.inference_types import ChatMessage, GenerationEvent, Role, Sampling, Segment, StartToken
from interfix.masking import NO_TEXT, MaskedText
from interfix.models.role_check import BaseModel, InstructModel, NextEditModel
from interfix.prompt.families.next_edit_format import EditPromptParts


class KvReuse(StrEnum):
    """What of a document's KV cache a request may use; anything but `SPLICE` is there to be measured against it."""

    SPLICE = "splice"
    """The prefix as far as it is the same, and the suffix's cells behind a prefix that has changed."""
    PREFIX = "prefix"
    """The longest common beginning of the prompt."""
    NONE = "none"
    """Nothing."""


class InfillRequest(msgspec.Struct, frozen=True, tag="infill"):
    """Fill the hole between the prefix and suffix segments."""

    model: BaseModel
    """Who answers."""
    document: str
    """The document's URI, under which its KV cache is kept; empty: nothing is to be kept of this request for another."""
    segments: tuple[Segment, ...]
    """What to show the model, in prompt order."""
    prompt_budget: int
    """The laid-out prompt never exceeds this many tokens; 0: the engine's own choice for the model and this machine."""
    max_tokens: int
    """At most this many tokens are generated."""
    sampling: Sampling = Sampling()
    """How tokens are drawn; what it leaves open is as the model's family has it, which is greedy."""
    seed: int = 0
    """Above temperature 0, another seed draws other tokens."""
    start_rank: int = 0
    """0: the answer begins as the model would have it. n: it begins with the n-th likeliest of the tokens that do not end it, and
    goes on as the model would; the prompt's KV cache is used again. A server, which cannot be told, draws it with this seed."""
    start: tuple[StartToken, ...] = ()
    """The answer begins with these tokens, as another answer to the same prompt did or nearly did; they are told first. Of a server
    no tokens are known."""
    tell_runners_up: bool = False
    """Tell of each token its id and the second likeliest in its place; a server does not."""
    reuse: KvReuse = KvReuse.SPLICE
    """What may be reused."""
    max_prefill_ms: int = 0
    """Where the prompt would take longer than this to decode, a shorter one is answered, and the whole one is decoded while nobody
    waits. 0: the whole prompt, however long it takes."""
    is_asked: bool = False
    """Somebody asked for it, and waits for a prompt that is worth answering."""
    is_ahead: bool = False
    """Nobody asked for it: the prompt of a file that is likely to be completed in is read while nobody waits, as far as that does
    not take long, and nothing is answered. No document that was completed in loses its KV cache for it."""
    exact_suffix: bool = True
    """Decode a suffix that typing has left behind anew before a close call is made, though that takes a while. Where it takes no
    longer than `max_prefill_ms`, it is done anyway."""
    alternatives: int = 0
    """With each token so many of the likeliest at its place are told, the chosen one among them or not."""
    scored_text: MaskedText = NO_TEXT
    """How likely this text is in the hole is told before the answer, as a `TextScore`; empty: nothing is. A server and a model with
    a recurrent state do not tell, nor is a text scored that has more than `max_tokens`."""
    prompt_lookup: bool = False
    """Whether to guess ahead where the answer copies the prompt, as that of a `ChatRequest`."""
    is_next_edit: bool = False
    """It is for a next edit: completions are answered before it."""
    guide: NameGuide | None = None
    """Which names exist, as far as that is known; a server, which cannot be told, writes what it likes."""
    dry_run: bool = False
    """Only lay the prompt out: `GenerationStart` tells it word for word, `GenerationEnd` follows at once; nothing is decoded or
    forgotten."""


class ChatRequest(msgspec.Struct, frozen=True, tag="chat"):
    """Answer the last user turn."""

    model: InstructModel
    """Who answers."""
    messages: tuple[ChatMessage, ...]
    """The turns so far; the last is the user's."""
    max_tokens: int
    """At most this many tokens are generated."""
    sampling: Sampling = Sampling()
    """How tokens are drawn; what it leaves open is as the model's family has it."""
    seed: int = 0
    """Above temperature 0, another seed draws other tokens."""
    alternatives: int = 0
    """With each token so many of the likeliest at its place are told, as of an `InfillRequest`."""
    prompt_lookup: bool = True
    """Whether to guess ahead where the answer copies the prompt; off is there to be measured against."""
    dry_run: bool = False
    """Only lay the prompt out, as of an `InfillRequest`."""


class NextEditRequest(msgspec.Struct, frozen=True, tag="next-edit"):
    """Rewrite a region as the edits before suggest. The stream is the model's answer in its own format (`next_edit_answer.py`)."""

    model: NextEditModel
    """Who answers."""
    parts: EditPromptParts
    """What to show the model."""
    extra_tokens: int = 96
    """At most this many more tokens are generated than the region has."""
    prompt_budget: int = 0
    """The laid-out prompt never exceeds this many tokens; 0: as many as the context has room for."""
    prompt_lookup: bool = True
    """Whether to guess ahead where the answer copies the prompt, as most of it does; off is there to be measured against."""
    dry_run: bool = False
    """Only lay the prompt out, as of an `InfillRequest`."""


EngineRequest = InfillRequest | ChatRequest | NextEditRequest
"""All that an engine can be asked for."""


class ModelStatus(msgspec.Struct, frozen=True):
    """A model file the engine holds."""

    name: str
    """Its name."""
    path: str
    """Its file."""
    roles: tuple[str, ...]
    """The roles that have a context now."""
    memory_bytes: int
    """Bytes of weights."""
    setup: RuntimeConfig = RuntimeConfig()
    """How it is run."""
    prompt_tokens: int = 0
    """Length of its prompts where nobody has set one, tokens."""


class ServerStatus(msgspec.Struct, frozen=True):
    """A server that computes for a role in the engine's place."""

    role: Role
    """The role."""
    engine: str
    """Its kind, as in the settings."""
    host: str
    """Its host's name."""
    leaves: bool
    """Whether code leaves this machine."""
    model: str
    """Its model; empty while it is not known."""
    family: str
    """The model's family; empty while it is not known."""
    counted: str
    """How the tokens of a prompt are counted."""
    problem: str = ""
    """What is wrong with it, or that it is left alone for a while: a sentence; empty where nothing is."""


class EngineStatus(msgspec.Struct, frozen=True):
    """What `interfix status` tells."""

    version: str
    """Version of Interfix that the engine runs."""
    pid: int
    """Process id of the engine host; 0 where there is none, for servers compute."""
    memory_bytes: int
    """Resident memory of the host, bytes."""
    clients: int
    """Connections open now, the asking one included."""
    models: tuple[ModelStatus, ...]
    """Models in memory."""
    notes: tuple[str, ...] = ()
    """Sentences a user should know, such as a fallback that costs speed."""
    servers: tuple[ServerStatus, ...] = ()
    """Servers that compute for a role."""


class Engine(Protocol):
    """A stream is cancelled by closing it (`aclose`), whatever the engine: it stops computing at once. Nothing else ends one early:
    whether a newer request ends an older one is for who asks to decide.

    Streams raise `UnavailableError` where the model or the engine cannot be had or is lost on the way, `RoleMismatchError` where
    the model proves unable to do its role, and end without `GenerationEnd` where the engine itself is stopped.
    """

    def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        """Stream one `GenerationStart`, tokens, one `GenerationEnd`."""
        ...

    def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        """Stream one `GenerationStart`, tokens, one `GenerationEnd`."""
        ...

    def next_edit(self, request: NextEditRequest) -> AsyncGenerator[GenerationEvent, None]:
        """Stream one `GenerationStart`, tokens, one `GenerationEnd`."""
        ...

    async def status(self) -> EngineStatus:
        """What the engine holds now."""
        ...

    async def close(self) -> None:
        """Let go of the engine; a shared host lives on for its other clients."""
        ...
