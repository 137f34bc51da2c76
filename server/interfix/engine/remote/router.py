"""Each role's engine behind one: this machine's, a server, or a server with this machine's as its fallback."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Self

import msgspec

from interfix import __version__
from interfix.config import paths
from interfix.config.settings import Settings
from interfix.engine.client import create_local_engine
from interfix.engine.protocol import ChatRequest, Engine, EngineRequest, EngineStatus, InfillRequest, NextEditRequest, ServerStatus
from interfix.engine.remote.engine import RemoteEngine
from interfix.engine.remote.server_address import Endpoint
from interfix.errors import InterfixError, UnavailableError
from interfix.inference_types import GenerationEvent, Role
from interfix.models.model_selection import select_models
from interfix.models.role_probe_store import RoleOutcome

log = logging.getLogger(__name__)


class EngineRouter:
    """The engine of the settings. A role whose settings are wrong fails with their sentence; the other works on."""

    def __init__(self, settings: Settings, local: Engine | None = None) -> None:
        self._settings = settings
        self._local = local or create_local_engine()
        self._remote_engines: dict[Role, RemoteEngine] = {}
        self._setting_errors: dict[Role, InterfixError] = {}
        directory: Path | None = None
        for role, serving in settings.get_backends().items():
            if serving.engine != "local":
                directory = directory or paths.models_dir(settings.models.directory)
                try:
                    self._remote_engines[role] = RemoteEngine(
                        role, serving, directory, override_roles=settings.models.override_roles
                    )
                except InterfixError as error:
                    self._setting_errors[role] = error

    def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(Role.BASE, request)

    def chat(self, request: ChatRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(Role.INSTRUCT, request)

    def next_edit(self, request: NextEditRequest) -> AsyncGenerator[GenerationEvent, None]:
        return self._stream(Role.NEXT_EDIT, request)

    def list_endpoints(self) -> tuple[Endpoint, ...]:
        """The servers that are asked."""
        return tuple(server.endpoint for server in self._remote_engines.values())

    async def status(self) -> EngineStatus:
        """What serves each role. Starts a host only where a role is computed here."""
        here = any(serving.engine == "local" for serving in self._settings.get_backends().values())
        local_status = await self._local.status() if here else EngineStatus(__version__, 0, 0, 0, ())
        return msgspec.structs.replace(local_status, servers=await self.read_server_statuses())

    async def read_server_statuses(self) -> tuple[ServerStatus, ...]:
        """What is known of the servers, each asked at most once; those whose settings are wrong tell that."""
        statuses = [await server.read_server_status() for server in self._remote_engines.values()]
        for role, error in self._setting_errors.items():
            statuses.append(ServerStatus(role, self._settings.get_backends()[role].engine, "", True, "", "", "", str(error)))
        return tuple(statuses)

    async def probe_roles(self) -> dict[Role, RoleOutcome]:
        """Whether each server's model can do its role. Raises what the server's questions raise."""
        return {role: await server.probe_role() for role, server in self._remote_engines.items()}

    async def close(self) -> None:
        await self.close_servers()
        await self._local.close()

    async def close_servers(self) -> None:
        """Close what leads to servers; the local engine stays."""
        for server in self._remote_engines.values():
            await server.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _stream(self, role: Role, request: EngineRequest) -> AsyncGenerator[GenerationEvent, None]:
        if role in self._setting_errors:
            raise self._setting_errors[role]
        server = self._remote_engines.get(role)
        begun = False
        try:
            async with aclosing(_start_stream(server or self._local, request)) as events:
                async for event in events:
                    begun = True
                    yield event
            return
        except UnavailableError as error:
            if begun or server is None or not self._settings.get_backends()[role].fallback:
                raise
            log.info("the local engine answers instead: %s", error)
        async with aclosing(_start_stream(self._local, self._redirect_to_local(role, request))) as events:
            async for event in events:
                yield event

    def _redirect_to_local(self, role: Role, request: EngineRequest) -> EngineRequest:
        """The request for the local model of its role. Raises `UnavailableError` where there is none."""
        here = select_models(self._settings.models)
        model = {Role.BASE: here.base, Role.INSTRUCT: here.instruct, Role.NEXT_EDIT: here.next_edit}[role]
        if model is None:
            raise UnavailableError("There is no local model to fall back to; `interfix models pull` gets one.")
        return msgspec.structs.replace(request, model=model)


def _start_stream(engine: Engine, request: EngineRequest) -> AsyncGenerator[GenerationEvent, None]:
    if isinstance(request, NextEditRequest):
        return engine.next_edit(request)
    return engine.infill(request) if isinstance(request, InfillRequest) else engine.chat(request)
