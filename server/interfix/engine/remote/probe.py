"""What a server does with a raw prompt, and whether its model can do its role: run once a model and server, and remembered.

Counting shows what no reading of answers can: a server that puts its chat template around raw prompts makes many tokens of few, one
that takes markers for plain text makes several of each, one that strips them none.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import msgspec

from interfix import __version__
from interfix.config import paths
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.questions import ANSWER_TOKENS, HOLE_TOKENS, HOLES, QUESTION, Run, answered, judged
from interfix.engine.remote.recognition import Recognised
from interfix.engine.remote.server import Server
from interfix.engine.remote.spelling import spelled
from interfix.masking import mask
from interfix.models.proofs import Outcome
from interfix.models.roles import served_base, served_instruct
from interfix.values import Finished, Message, Role, Sampling, StreamEvent, Token

MARKERS = 8
"""So often is a marker repeated to be counted."""
FEW_TOKENS = 12
"""A prompt of four tokens that is counted as more than so many has something around it."""
KEPT_SECONDS = 7 * 86400.0
"""How long a proof holds; a model on a server may be another tomorrow under the same name."""
FAILED_SECONDS = 600.0
"""How long a failed one holds: the server may have been mended."""
_TEXT = "x = 1"

Stream = AsyncGenerator[StreamEvent, None]


async def mangled(server: Server, found: Recognised) -> str:
    """What the server does to raw prompts that it should not: a clause; empty where they reach the model as they are.

    Raises what the server's questions raise.
    """
    marker = spelled(found.family.markers[0]).strip() if found.family.markers else ""
    plain = await server.measured(found.told, _TEXT)
    marked = await server.measured(found.told, marker * MARKERS + _TEXT)
    if not plain or not marked:
        return ""
    if plain > FEW_TOKENS:
        return f"puts {plain - 4} tokens of its own, such as a chat template, around a raw prompt"
    if marked - plain < MARKERS // 2:
        return f"takes the control tokens ({marker} …) out of a raw prompt"
    if marked - plain > 2 * MARKERS:
        return f"reads the control tokens ({marker} …) of a raw prompt as plain text"
    return ""


async def of_infill(server: Server, found: Recognised, fill: Callable[[InfillRequest], Stream]) -> Outcome:
    """Whether raw prompts reach the model, and it fills holes. Raises what the server's questions raise."""
    if says := await mangled(server, found):
        return Outcome(False, f"it turned out that the server {says}")
    model = served_base(found.told.model, "")
    requests = [InfillRequest(model, f"probe:{i}", hole.segments(), 512, HOLE_TOKENS) for i, hole in enumerate(HOLES)]
    return judged([await _run(fill(request)) for request in requests])  # in turn: a small server has one slot


async def of_chat(found: Recognised, reply: Callable[[ChatRequest], Stream]) -> Outcome:
    """Whether the model answers a question and ends by itself. Raises what the server's questions raise."""
    model = served_instruct(found.told.model, "")
    request = ChatRequest(model, (Message("user", mask(QUESTION)),), ANSWER_TOKENS, Sampling(temperature=0.0))
    return answered(await _run(reply(request)))


class Proofs:
    """What probes have shown of one server's model, kept in the user's state folder."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._file = paths.state_dir() / "servers.json"

    def known(self, address: str, found: Recognised, role: Role) -> Outcome | None:
        """What is known of the model in a role; None where it has to be probed."""
        entry = self._read().get(_key(address, found, role))
        if entry is None:
            return None
        kept = KEPT_SECONDS if entry.outcome.passed else FAILED_SECONDS
        return entry.outcome if self._clock() - entry.at < kept else None

    def remember(self, address: str, found: Recognised, role: Role, outcome: Outcome) -> None:
        """Keep what a probe has shown."""
        from filelock import FileLock

        with FileLock(f"{self._file}.lock"):
            kept = {key: entry for key, entry in self._read().items() if self._clock() - entry.at < KEPT_SECONDS}
            kept[_key(address, found, role)] = _Entry(outcome, self._clock())
            self._file.write_bytes(msgspec.json.encode(kept))

    def _read(self) -> dict[str, "_Entry"]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, _Entry])
        except (OSError, msgspec.MsgspecError):
            return {}


async def _run(events: Stream) -> Run:
    text, finished = "", Finished("length", 0, 0.0, 0.0)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Token):
                text += event.text
            elif isinstance(event, Finished):
                finished = event
    return Run(text, finished)


class _Entry(msgspec.Struct, frozen=True):
    outcome: Outcome
    at: float


def _key(address: str, found: Recognised, role: Role) -> str:
    return "|".join((__version__, role, address, found.told.model, found.told.build))
