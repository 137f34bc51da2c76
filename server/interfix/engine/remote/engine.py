"""A server as an engine: our layout, stops and roles on somebody else's machine. Knows no API and no socket.

What the host does for a local model holds here, too: a base model is no instruct model, a prompt stays within its budget, nothing
in somebody's text is a control token, an answer ends at its family's tokens or where it goes round in circles.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from interfix import __version__
from interfix.config.settings import Serving
from interfix.engine.answer import Answer
from interfix.engine.protocol import ChatRequest, EngineStatus, InfillRequest, Reuse, ServerStatus
from interfix.engine.remote import laying, probe
from interfix.engine.remote.asked import Asked
from interfix.engine.remote.estimate import Estimate
from interfix.engine.remote.llama_server import LlamaServer
from interfix.engine.remote.ollama import Ollama
from interfix.engine.remote.openai import OpenAI
from interfix.engine.remote.place import Place, place_of
from interfix.engine.remote.recognition import Recognised, recognise, refusal
from interfix.engine.remote.server import Server, Wish
from interfix.engine.remote.spelling import spelled
from interfix.engine.remote.stream import streamed, until
from interfix.engine.remote.transport import Loading, Passing, Patience, Rejected, Transport
from interfix.errors import InterfixError, RoleRefused
from interfix.models.proofs import Outcome
from interfix.models.roles import BaseModel, InstructModel, served_advice
from interfix.prompt.again import Choice
from interfix.prompt.examples import ENDS
from interfix.values import LAID_OUT, Role, Sampling, Started, StreamEvent

log = logging.getLogger(__name__)

DOCUMENTS = 64
"""Documents whose last layout is remembered, so that their prompts begin the same and the server finds them in its cache."""
LOADING_PAUSE = 1.0
"""A server that is loading its model is asked again after so long, seconds."""
_KINDS: dict[str, Any] = {"openai": OpenAI, "llama-server": LlamaServer, "ollama": Ollama}


class RemoteEngine:
    """One role on one server. Connects at first use, and again after a failure."""

    def __init__(
        self,
        role: Role,
        serving: Serving,
        models: Path,
        *,
        override: bool = False,
        patience: Patience | None = None,
        proofs: probe.Proofs | None = None,
    ) -> None:
        """`models` is the folder of local model files; `override` lets a model pass that is refused for its role.

        Raises `BadUsage` for an address or a token reference that is none, and `Unavailable` without the token.
        """
        self.place: Place = place_of(role, serving)
        self._role = role
        self._patience = patience or Patience()
        self._falls_back = serving.fallback
        self._transport = Transport(self.place, serving, self._patience)
        self._server: Server = _KINDS[serving.engine](self._transport, serving.model)
        self._models = models
        self._override = override
        self._proofs = proofs or probe.Proofs()
        self._recognising: asyncio.Task[Recognised] | None = None
        self._proving: asyncio.Task[Outcome] | None = None
        self._choices: OrderedDict[str, Choice | None] = OrderedDict()
        self._under_way: dict[str, asyncio.Event] = {}

    async def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        over = asyncio.Event()
        if not request.dry:
            if (older := self._under_way.get(request.document)) is not None:
                older.set()
            self._under_way[request.document] = over
        try:
            async with aclosing(until(over, self._stream(request))) as events:
                async for event in events:
                    yield event
        finally:
            if self._under_way.get(request.document) is over:
                del self._under_way[request.document]

    async def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`. Waits for a model that is being loaded, unless there is another engine; an infill has the next key."""
        left = 0.0 if self._falls_back else self._patience.first
        while True:
            try:
                async with aclosing(self._stream(request)) as events:
                    async for event in events:
                        yield event
                return
            except Loading as error:
                if left <= 0:
                    raise
                log.info("%s Asked again.", error)
            await asyncio.sleep(LOADING_PAUSE)
            left -= LOADING_PAUSE

    async def status(self) -> EngineStatus:
        """What is known of the server, which is asked if it was not yet."""
        return EngineStatus(version=__version__, pid=0, memory_bytes=0, clients=0, models=(), servers=(await self.server_status(),))

    async def server_status(self) -> ServerStatus:
        """The server's part of the status. Never raises: what is wrong is what it tells."""
        found, problem = None, self._transport.breaker.state
        try:
            found = None if problem else await self._recognised()
            problem = problem or (refusal(found, self._role) if found else "")
        except InterfixError as error:
            problem = str(error)
        return ServerStatus(
            role=self._role,
            engine=self.place.engine,
            host=self.place.host,
            leaves=self.place.leaves,
            model=found.told.model if found else "",
            family=found.family.name if found else "",
            counted=found.counted if found else "",
            problem=problem,
        )

    @property
    def model(self) -> str:
        """The name of the server's model; empty while it is not known."""
        known = self._recognising
        return known.result().told.model if known is not None and known.done() and not _failed(known) else ""

    async def prove(self) -> Outcome:
        """Whether the model can do its role, as a probe has shown or shows now. Raises what the server's questions raise."""
        found = await self._recognised()
        says = refusal(found, self._role)
        return Outcome(False, says) if says else await self._proven(found)

    async def close(self) -> None:
        """See `Engine`."""
        for task in (self._recognising, self._proving):
            if task is not None:
                task.cancel()
        await self._transport.close()

    async def _stream(self, request: InfillRequest | ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        try:
            self._transport.breaker.check()
            found = await self._able(request.model)
            events = self._fill(found, request) if isinstance(request, InfillRequest) else self._reply(found, request)
            async with aclosing(events):
                async for event in events:
                    yield event
        except (Passing, Loading, Rejected):
            # It may be another server when it is asked again.
            self._recognising = self._proving = None
            raise

    async def _able(self, model: BaseModel | InstructModel) -> Recognised:
        """The server's model, once it is known to be able to do its role. Raises `RoleRefused` where it is not."""
        found = await self._recognised()
        if isinstance(model, InstructModel) and model.forced:
            return found
        says = refusal(found, self._role)
        if not says and not (outcome := await self._proven(found)).passed:
            name = f"{found.told.model} on {self.place.host}"
            says = f"{name} cannot serve as {self._role} model: when it was probed, {outcome.says}. "
            says += served_advice(found.told.model, self._role)
        if says and self._override and (self._role is Role.INSTRUCT or found.family.can_infill(found.tokenizer)):
            log.warning("%s is forced into the %s role by models.override_roles, though: %s", found.told.model, self._role, says)
        elif says:
            raise RoleRefused(says)
        return found

    async def _recognised(self) -> Recognised:
        """Asked once, whoever waits for it and stops waiting; anew after a failure."""
        if _failed(self._recognising):
            self._recognising = asyncio.create_task(recognise(self._server, self._models))
        assert self._recognising is not None
        return await asyncio.shield(self._recognising)

    async def _proven(self, found: Recognised) -> Outcome:
        if _failed(self._proving):
            self._proving = asyncio.create_task(self._proof(found))
        assert self._proving is not None
        outcome = await asyncio.shield(self._proving)
        if not outcome.passed:
            self._proving = None  # asked again once the record of the failure has run out
        return outcome

    async def _proof(self, found: Recognised) -> Outcome:
        if (known := self._proofs.known(self.place.url, found, self._role)) is not None:
            return known
        try:
            if self._role is Role.BASE:
                outcome = await probe.of_infill(self._server, found, lambda request: self._fill(found, request))
            else:
                outcome = await probe.of_chat(found, lambda request: self._reply(found, request))
        except RoleRefused as error:
            outcome = Outcome(False, str(error).rstrip("."))
        log.info("%s at %s: %s", found.told.model, self.place.host, outcome.says)
        self._proofs.remember(self.place.url, found, self._role, outcome)
        return outcome

    async def _fill(self, found: Recognised, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        laid_out = await laying.infill(found, request, self._choices.get(request.document))
        name, prompt, family = found.told.model, laid_out.prompt, found.family
        started = Started(name, laid_out.tokens, 0, laid_out.parts, laid_out.budget, prompt.text if request.dry else "")
        if request.dry:
            yield started
            yield LAID_OUT
            return
        self._remember(request.document, laid_out.choice)
        ends = tuple(spelled(text) for text in (*family.markers, *family.stops))
        sampling = Sampling(temperature=request.temperature).over(family.infill)
        tokens = family.infill_ends(found.tokenizer) if isinstance(found.tokenizer, Asked) else frozenset()
        wish = Wish(request.max_tokens, sampling, ends, tokens, request.seed, whole=request.reuse is Reuse.NONE)

        def counted(length: int) -> None:
            if isinstance(found.tokenizer, Estimate):
                found.tokenizer.learn(laid_out.own, length)

        answer = self._server.complete(found.told, prompt, wish)
        async with aclosing(streamed(answer, wish, Answer(ends), started, counted)) as events:
            async for event in events:
                yield event

    async def _reply(self, found: Recognised, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        laid_out = await laying.chat(found, request)
        told, family = found.told, found.family
        if request.dry:
            text = laid_out.prompt.text if laid_out.prompt else "\n\n".join(turn.content for turn in laid_out.turns)
            yield Started(told.model, laid_out.tokens, 0, laid_out.parts, laid_out.tokens + laid_out.limit, text)
            yield LAID_OUT
            return
        ends = ENDS if request.model.forced else family.answer_ends
        tokens = family.chat_ends(found.tokenizer) if isinstance(found.tokenizer, Asked) else frozenset()
        wish = Wish(laid_out.limit, request.sampling.over(family.chat), ends, tokens)
        if laid_out.prompt is not None:
            answer = self._server.complete(told, laid_out.prompt, wish)
        else:
            answer = self._server.chat(told, laid_out.turns, wish)
        shown = "\n".join(message.whole for message in request.messages)
        started = Started(told.model, laid_out.tokens, 0)
        async with aclosing(streamed(answer, wish, Answer(ends, shown), started, lambda _length: None)) as events:
            async for event in events:
                yield event

    def _remember(self, document: str, choice: Choice | None) -> None:
        self._choices[document] = choice
        self._choices.move_to_end(document)
        if len(self._choices) > DOCUMENTS:
            self._choices.popitem(last=False)


def _failed(task: "asyncio.Task[Any] | None") -> bool:
    """Whether there is nothing to wait for."""
    return task is None or (task.done() and (task.cancelled() or task.exception() is not None))
