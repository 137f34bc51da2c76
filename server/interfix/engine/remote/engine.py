"""A server as an engine: our layout, stops and roles on somebody else's machine.

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
from interfix.config.settings import BackendSettings
from interfix.engine.probes import server_role_probe
from interfix.engine.protocol import ChatRequest, EngineRequest, EngineStatus, InfillRequest, KvReuse, NextEditRequest, ServerStatus
from interfix.engine.remote import prompt_layout
from interfix.engine.remote.backend import Backend, GenerationParams
from interfix.engine.remote.control_token_text import spell_control
from interfix.engine.remote.engine_stream import stream_events
from interfix.engine.remote.estimated_tokenizer import EstimatedTokenizer
from interfix.engine.remote.llama_server import LlamaServerBackend
from interfix.engine.remote.model_and_tokenizer_detection import DetectedModel, detect_model, find_server_refusal
from interfix.engine.remote.next_edit_stream import stream_next_edit
from interfix.engine.remote.ollama import OllamaBackend
from interfix.engine.remote.openai import OpenAIBackend
from interfix.engine.remote.server_address import Endpoint, resolve_endpoint
from interfix.engine.remote.server_tokenizer import ServerTokenizer
from interfix.engine.remote.transport import Timeouts, Transport
from interfix.engine.remote.transport_errors import ModelNotReady, RequestRejected, TransientFailure
from interfix.engine.stop_texts_and_loops import StopDetector
from interfix.errors import InterfixError, RoleMismatchError
from interfix.inference_types import LAYOUT_ONLY_END, GenerationEvent, GenerationStart, Role, Sampling
from interfix.models.role_check import BaseModel, InstructModel, NextEditModel, advise_remote
from interfix.models.role_probe_store import RoleOutcome
from interfix.prompt.few_shot_chat_layout import ANSWER_ENDS
from interfix.prompt.layout_reuse import LayoutChoice

log = logging.getLogger(__name__)

MAX_DOCUMENTS = 64
"""Documents whose last layout is remembered, so that their prompts begin the same and the server finds them in its cache."""
START_TEMPERATURE = 0.8
"""At which another start is drawn: no API says which tokens an answer may begin with."""
LOADING_RETRY_SECONDS = 1.0
"""A server that is loading its model is asked again after so long, seconds."""
_BACKENDS: dict[str, Any] = {"openai": OpenAIBackend, "llama-server": LlamaServerBackend, "ollama": OllamaBackend}


class RemoteEngine:
    """One role on one server. Connects at first use, and again after a failure."""

    def __init__(
        self,
        role: Role,
        role_backend: BackendSettings,
        models_dir: Path,
        *,
        override_roles: bool = False,
        timeouts: Timeouts | None = None,
        probe_store: server_role_probe.ServerProbeStore | None = None,
    ) -> None:
        """`models_dir` is the folder of local model files; `override_roles` lets a model pass that is refused for its role.

        Raises `UsageError` for an address or a token reference that is none, and `UnavailableError` without the token.
        """
        self.endpoint: Endpoint = resolve_endpoint(role, role_backend)
        self._role = role
        self._timeouts = timeouts or Timeouts()
        self._has_fallback = role_backend.fallback
        self._transport = Transport(self.endpoint, role_backend, self._timeouts)
        self._backend: Backend = _BACKENDS[role_backend.engine](self._transport, role_backend.model)
        self._models_dir = models_dir
        self._override_roles = override_roles
        self._probe_store = probe_store or server_role_probe.ServerProbeStore()
        self._detection_task: asyncio.Task[DetectedModel] | None = None
        self._probe_task: asyncio.Task[RoleOutcome] | None = None
        self._layout_choices: OrderedDict[str, LayoutChoice | None] = OrderedDict()

    def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(request)

    async def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        """Stream an answer. Waits for a model that is being loaded, unless there is another engine; an infill has the next key."""
        left = 0.0 if self._has_fallback else self._timeouts.first_event
        while True:
            try:
                async with aclosing(self._stream(request)) as events:
                    async for event in events:
                        yield event
                return
            except ModelNotReady as error:
                if left <= 0:
                    raise
                log.info("%s Asked again.", error)
            await asyncio.sleep(LOADING_RETRY_SECONDS)
            left -= LOADING_RETRY_SECONDS

    def next_edit(self, request: NextEditRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(request)

    async def status(self) -> EngineStatus:
        """What is known of the server, which is asked if it was not yet."""
        return EngineStatus(
            version=__version__, pid=0, memory_bytes=0, clients=0, models=(), servers=(await self.read_server_status(),)
        )

    async def read_server_status(self) -> ServerStatus:
        """The server's part of the status. Never raises: what is wrong is what it tells."""
        detected, problem = None, self._transport.circuit_breaker.open_reason
        try:
            detected = None if problem else await self._detect_model()
            problem = problem or (find_server_refusal(detected, self._role) if detected else "")
        except InterfixError as error:
            problem = str(error)
        return ServerStatus(
            role=self._role,
            engine=self.endpoint.engine,
            host=self.endpoint.host,
            leaves=self.endpoint.is_remote,
            model=detected.info.name if detected else "",
            family=detected.family.name if detected else "",
            counted=detected.counting_method if detected else "",
            problem=problem,
        )

    @property
    def model_name(self) -> str:
        """The name of the server's model; empty while it is not known."""
        task = self._detection_task
        return task.result().info.name if task is not None and task.done() and not _needs_restart(task) else ""

    async def probe_role(self) -> RoleOutcome:
        """Whether the model can do its role, as a probe has shown or shows now. Raises what the server's questions raise."""
        model = await self._detect_model()
        says = find_server_refusal(model, self._role)
        if self._role is Role.NEXT_EDIT:
            return RoleOutcome(not says, says or "its name tells the layout; nothing more is tried")
        return RoleOutcome(False, says) if says else await self._await_probe(model)

    async def close(self) -> None:
        for task in (self._detection_task, self._probe_task):
            if task is not None:
                task.cancel()
        await self._transport.close()

    async def _stream(self, request: EngineRequest) -> AsyncGenerator[GenerationEvent, None]:
        try:
            self._transport.circuit_breaker.check()
            model = await self._require_able_model(request.model)
            async with aclosing(self._stream_answer(model, request)) as events:
                async for event in events:
                    yield event
        except (TransientFailure, ModelNotReady, RequestRejected):
            # It may be another server when it is asked again.
            self._detection_task = self._probe_task = None
            raise

    def _stream_answer(self, model: DetectedModel, request: EngineRequest) -> AsyncGenerator[GenerationEvent, None]:
        if isinstance(request, NextEditRequest):
            return stream_next_edit(self._backend, model, request)
        return self._stream_infill(model, request) if isinstance(request, InfillRequest) else self._stream_chat(model, request)

    async def _require_able_model(self, model: BaseModel | InstructModel | NextEditModel) -> DetectedModel:
        """The server's model, once it is known to be able to do its role. Raises `RoleMismatchError` where it is not."""
        detected = await self._detect_model()
        if isinstance(model, InstructModel) and model.is_forced:
            return detected
        says = find_server_refusal(detected, self._role)
        if not says and self._role is not Role.NEXT_EDIT and not (outcome := await self._await_probe(detected)).passed:
            name = f"{detected.info.name} on {self.endpoint.host}"
            says = f"{name} cannot serve as {self._role} model: when it was probed, {outcome.says}. "
            says += advise_remote(detected.info.name, self._role)
        if says and self._override_roles and (self._role is Role.INSTRUCT or detected.family.can_infill(detected.tokenizer)):
            log.warning("%s is forced into the %s role by models.override_roles, though: %s", detected.info.name, self._role, says)
        elif says:
            raise RoleMismatchError(says)
        return detected

    async def _detect_model(self) -> DetectedModel:
        """Asked once, whoever waits for it and stops waiting; anew after a failure."""
        if _needs_restart(self._detection_task):
            self._detection_task = asyncio.create_task(detect_model(self._backend, self._models_dir))
        assert self._detection_task is not None
        return await asyncio.shield(self._detection_task)

    async def _await_probe(self, server_model: DetectedModel) -> RoleOutcome:
        if _needs_restart(self._probe_task):
            self._probe_task = asyncio.create_task(self._run_probe(server_model))
        assert self._probe_task is not None
        outcome = await asyncio.shield(self._probe_task)
        if not outcome.passed:
            self._probe_task = None  # asked again once the record of the failure has run out
        return outcome

    async def _run_probe(self, server_model: DetectedModel) -> RoleOutcome:
        if (remembered := self._probe_store.find(self.endpoint.url, server_model, self._role)) is not None:
            return remembered
        try:
            if self._role is Role.BASE:
                outcome = await server_role_probe.probe_infill(
                    self._backend, server_model, lambda request: self._stream_infill(server_model, request)
                )
            else:
                outcome = await server_role_probe.probe_chat(server_model, lambda request: self._stream_chat(server_model, request))
        except RoleMismatchError as error:
            outcome = RoleOutcome(False, str(error).rstrip("."))
        log.info("%s at %s: %s", server_model.info.name, self.endpoint.host, outcome.says)
        self._probe_store.remember(self.endpoint.url, server_model, self._role, outcome)
        return outcome

    async def _stream_infill(self, server_model: DetectedModel, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        laid_out = await prompt_layout.prepare_infill(server_model, request, self._layout_choices.get(request.document))
        name, prompt, family = server_model.info.name, laid_out.prompt, server_model.family
        started = GenerationStart(
            name, laid_out.prompt_tokens, 0, laid_out.parts, laid_out.budget, prompt.text if request.dry_run else ""
        )
        if request.dry_run:
            yield started
            yield LAYOUT_ONLY_END
            return
        self._remember_layout(request.document, laid_out.layout_choice)
        ends = tuple(spell_control(text) for text in (*family.fim_markers, *family.infill_stop_tokens))
        requested = Sampling(temperature=START_TEMPERATURE) if request.start_rank else request.sampling
        sampling = requested.with_defaults(family.infill_sampling)
        tokens = (
            family.find_infill_ends(server_model.tokenizer) if isinstance(server_model.tokenizer, ServerTokenizer) else frozenset()
        )
        seed = request.seed or request.start_rank
        wish = GenerationParams(request.max_tokens, sampling, ends, tokens, seed, ignores_cache=request.reuse is KvReuse.NONE)

        def counted(length: int) -> None:
            if isinstance(server_model.tokenizer, EstimatedTokenizer):
                server_model.tokenizer.learn_ratio(laid_out.own_tokens, length)

        answer = self._backend.complete(server_model.info, prompt, wish)
        async with aclosing(stream_events(answer, wish, StopDetector(ends), started, counted)) as events:
            async for event in events:
                yield event

    async def _stream_chat(self, server_model: DetectedModel, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        laid_out = await prompt_layout.prepare_chat(server_model, request)
        info, family = server_model.info, server_model.family
        if request.dry_run:
            text = laid_out.prompt.text if laid_out.prompt else "\n\n".join(turn.content for turn in laid_out.messages)
            yield GenerationStart(
                info.name, laid_out.prompt_tokens, 0, laid_out.parts, laid_out.prompt_tokens + laid_out.max_answer_tokens, text
            )
            yield LAYOUT_ONLY_END
            return
        ends = ANSWER_ENDS if request.model.is_forced else family.answer_end_texts
        tokens = (
            family.find_chat_ends(server_model.tokenizer) if isinstance(server_model.tokenizer, ServerTokenizer) else frozenset()
        )
        sampling = request.sampling.with_defaults(family.chat_sampling)
        wish = GenerationParams(laid_out.max_answer_tokens, sampling, ends, tokens, request.seed)
        if laid_out.prompt is not None:
            answer = self._backend.complete(info, laid_out.prompt, wish)
        else:
            answer = self._backend.chat(info, laid_out.messages, wish)
        prompt_text = "\n".join(message.full_text for message in request.messages)
        started = GenerationStart(info.name, laid_out.prompt_tokens, 0)
        async with aclosing(stream_events(answer, wish, StopDetector(ends, prompt_text), started, lambda _length: None)) as events:
            async for event in events:
                yield event

    def _remember_layout(self, document: str, layout_choice: LayoutChoice | None) -> None:
        if not document:
            return
        self._layout_choices[document] = layout_choice
        self._layout_choices.move_to_end(document)
        if len(self._layout_choices) > MAX_DOCUMENTS:
            self._layout_choices.popitem(last=False)


def _needs_restart(task: "asyncio.Task[Any] | None") -> bool:
    """Whether there is nothing to wait for."""
    return task is None or (task.done() and (task.cancelled() or task.exception() is not None))
