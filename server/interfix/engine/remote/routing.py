"""Each role's engine behind one: this machine's, a server, or a server with this machine's as its fallback. Computes nothing."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Self

import msgspec

from interfix import __version__
from interfix.config import paths
from interfix.config.settings import Settings
from interfix.engine.client import local_engine
from interfix.engine.protocol import ChatRequest, Engine, EngineStatus, InfillRequest, ServerStatus
from interfix.engine.remote.engine import RemoteEngine
from interfix.engine.remote.place import Place
from interfix.errors import InterfixError, Unavailable
from interfix.models.choose import chosen
from interfix.models.proofs import Outcome
from interfix.values import Role, StreamEvent

log = logging.getLogger(__name__)


class Routed:
    """The engine of the settings. A role whose settings are wrong fails with their sentence; the other works on."""

    def __init__(self, settings: Settings, local: Engine | None = None) -> None:
        self._settings = settings
        self._local = local or local_engine()
        self._servers: dict[Role, RemoteEngine] = {}
        self._wrong: dict[Role, InterfixError] = {}
        directory: Path | None = None
        for role, serving in settings.serving().items():
            if serving.engine != "local":
                directory = directory or paths.models_dir(settings.models.directory)
                try:
                    self._servers[role] = RemoteEngine(role, serving, directory, override=settings.models.override_roles)
                except InterfixError as error:
                    self._wrong[role] = error

    def infill(self, request: InfillRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        return self._stream(Role.BASE, request)

    def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """See `Engine`."""
        return self._stream(Role.INSTRUCT, request)

    def places(self) -> tuple[Place, ...]:
        """The servers that are asked."""
        return tuple(server.place for server in self._servers.values())

    async def status(self) -> EngineStatus:
        """What serves each role. Starts a host only where a role is computed here."""
        here = any(serving.engine == "local" for serving in self._settings.serving().values())
        found = await self._local.status() if here else EngineStatus(__version__, 0, 0, 0, ())
        return msgspec.structs.replace(found, servers=await self.servers())

    async def servers(self) -> tuple[ServerStatus, ...]:
        """What is known of the servers, each asked at most once; those whose settings are wrong tell that."""
        told = [await server.server_status() for server in self._servers.values()]
        for role, error in self._wrong.items():
            told.append(ServerStatus(role, self._settings.serving()[role].engine, "", True, "", "", "", str(error)))
        return tuple(told)

    async def prove(self) -> dict[Role, Outcome]:
        """Whether each server's model can do its role. Raises what the server's questions raise."""
        return {role: await server.prove() for role, server in self._servers.items()}

    async def close(self) -> None:
        """See `Engine`."""
        await self.hang_up()
        await self._local.close()

    async def hang_up(self) -> None:
        """Close what leads to servers; the local engine stays."""
        for server in self._servers.values():
            await server.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _stream(self, role: Role, request: InfillRequest | ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        if role in self._wrong:
            raise self._wrong[role]
        server = self._servers.get(role)
        begun = False
        try:
            async with aclosing(_asked(server or self._local, request)) as events:
                async for event in events:
                    begun = True
                    yield event
            return
        except Unavailable as error:
            if begun or server is None or not self._settings.serving()[role].fallback:
                raise
            log.info("the local engine answers instead: %s", error)
        async with aclosing(_asked(self._local, self._for_here(role, request))) as events:
            async for event in events:
                yield event

    def _for_here(self, role: Role, request: InfillRequest | ChatRequest) -> InfillRequest | ChatRequest:
        """The request for the local model of its role. Raises `Unavailable` where there is none."""
        here = chosen(self._settings.models)
        model = here.base if role is Role.BASE else here.instruct
        if model is None:
            raise Unavailable("There is no local model to fall back to; `interfix models pull` gets one.")
        return msgspec.structs.replace(request, model=model)


def _asked(engine: Engine, request: InfillRequest | ChatRequest) -> AsyncGenerator[StreamEvent, None]:
    return engine.infill(request) if isinstance(request, InfillRequest) else engine.chat(request)
