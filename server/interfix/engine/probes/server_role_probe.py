"""What a server does with a raw prompt, and whether its model can do its role: run once a model and server, and remembered.

Counting shows what no reading of answers can: a server that puts its chat template around raw prompts makes many tokens of few, one
that takes markers for plain text makes several of each, one that strips them none.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from interfix import __version__
from interfix.engine.probes.role_probe_cases import ANSWER_TOKENS, HOLE_TOKENS, HOLES, QUESTION, ProbeRun, judge_chat, judge_infill
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.remote.backend import Backend
from interfix.engine.remote.control_token_text import spell_control
from interfix.engine.remote.model_and_tokenizer_detection import DetectedModel
from interfix.inference_types import ChatMessage, GeneratedToken, GenerationEnd, GenerationEvent, Role, Sampling
from interfix.masking import mask
from interfix.models.probe_store import ProbeStore
from interfix.models.role_check import make_remote_base, make_remote_instruct
from interfix.models.role_probe_store import RoleOutcome

MARKER_REPEATS = 8
"""So often is a marker repeated to be counted."""
MAX_PLAIN_TOKENS = 12
"""A prompt of four tokens that is counted as more than so many has something around it."""
PASSED_TTL_SECONDS = 7 * 86400.0
"""How long a proof holds; a model on a server may be another tomorrow under the same name."""
FAILED_TTL_SECONDS = 600.0
"""How long a failed one holds: the server may have been mended."""
_TEXT = "x = 1"

GenerationEvents = AsyncGenerator[GenerationEvent, None]


async def find_prompt_mangling(backend: Backend, server_model: DetectedModel) -> str:
    """What the server does to raw prompts that it should not: a clause; empty where they reach the model as they are.

    Raises what the server's questions raise.
    """
    marker = spell_control(server_model.family.fim_markers[0]).strip() if server_model.family.fim_markers else ""
    text_tokens = await backend.count_prompt_tokens(server_model.info, _TEXT)
    marked = await backend.count_prompt_tokens(server_model.info, marker * MARKER_REPEATS + _TEXT)
    if not text_tokens or not marked:
        return ""
    if text_tokens > MAX_PLAIN_TOKENS:
        return f"puts {text_tokens - 4} tokens of its own, such as a chat template, around a raw prompt"
    if marked - text_tokens < MARKER_REPEATS // 2:
        return f"takes the control tokens ({marker} …) out of a raw prompt"
    if marked - text_tokens > 2 * MARKER_REPEATS:
        return f"reads the control tokens ({marker} …) of a raw prompt as plain text"
    return ""


async def probe_infill(
    backend: Backend, server_model: DetectedModel, stream_infill: Callable[[InfillRequest], GenerationEvents]
) -> RoleOutcome:
    """Whether raw prompts reach the model, and it fills holes. Raises what the server's questions raise."""
    if says := await find_prompt_mangling(backend, server_model):
        return RoleOutcome(False, f"it turned out that the server {says}")
    model = make_remote_base(server_model.info.name, "")
    requests = [InfillRequest(model, "", hole.make_segments(), 512, HOLE_TOKENS) for hole in HOLES]
    return judge_infill(
        [await _collect_run(stream_infill(request)) for request in requests]
    )  # in turn: a small server has one slot


async def probe_chat(server_model: DetectedModel, stream_chat: Callable[[ChatRequest], GenerationEvents]) -> RoleOutcome:
    """Whether the model answers a question and ends by itself. Raises what the server's questions raise."""
    model = make_remote_instruct(server_model.info.name, "")
    request = ChatRequest(model, (ChatMessage("user", mask(QUESTION)),), ANSWER_TOKENS, Sampling(temperature=0.0))
    return judge_chat(await _collect_run(stream_chat(request)))


class ServerProbeStore:
    """What probes have shown of one server's model, kept in the user's state folder."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._store: ProbeStore[RoleOutcome] = ProbeStore("servers", RoleOutcome, __version__, clock=clock)

    def find(self, address: str, server_model: DetectedModel, role: Role) -> RoleOutcome | None:
        """What is known of the model in a role; None where it has to be probed."""
        return self._store.find(
            _make_key(address, server_model, role),
            lambda outcome: PASSED_TTL_SECONDS if outcome.passed else FAILED_TTL_SECONDS,
        )

    def remember(self, address: str, server_model: DetectedModel, role: Role, outcome: RoleOutcome) -> None:
        """Keep what a probe has shown."""
        self._store.remember(_make_key(address, server_model, role), outcome)


async def _collect_run(events: GenerationEvents) -> ProbeRun:
    text, finished = "", GenerationEnd("length", 0, 0.0, 0.0)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, GeneratedToken):
                text += event.text
            elif isinstance(event, GenerationEnd):
                finished = event
    return ProbeRun(text, finished)


def _make_key(address: str, server_model: DetectedModel, role: Role) -> str:
    return "|".join((role, address, server_model.info.name, server_model.info.fingerprint))
