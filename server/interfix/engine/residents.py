"""The models in memory: one copy of the weights a file, and a context for each role that was asked for. Knows no job."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from interfix.config.settings import EngineSettings
from interfix.engine.cores import Cores
from interfix.engine.native import Native
from interfix.engine.protocol import ModelStatus
from interfix.engine.runtime import Abort, Context, Weights
from interfix.engine.slots import EXTRA_SEQUENCES, Slots

log = logging.getLogger(__name__)

MODELS = 2
"""Models in memory at once, one a role; more only while jobs hold them."""
DOCUMENTS = 4
"""Documents whose KV is kept for completion at once."""


class Resident:
    """One model file in memory."""

    def __init__(self, name: str, weights: Weights, settings: EngineSettings, cores: Cores, abort: Abort) -> None:
        self.name = name
        self.weights = weights
        self._settings = settings
        self._cores = cores
        self._abort = abort
        self._infill: Slots | None = None
        self._chat: Slots | None = None
        self.used = time.monotonic()
        """When it was last given back, seconds of the monotonic clock."""
        self.lent = 0
        """Jobs that hold it now; a chat holds it while completions come first."""

    def infill_slots(self) -> Slots:
        """The documents' KV caches; made at first use."""
        if self._infill is None:
            self._infill = Slots(self._context(DOCUMENTS), DOCUMENTS)
        return self._infill

    def chat_slots(self) -> Slots:
        """The chat's KV cache, apart from the documents' so that a completion costs a chat nothing; made at first use."""
        if self._chat is None:
            self._chat = Slots(self._context(1), 1)
        return self._chat

    def status(self) -> ModelStatus:
        """What the engine tells of it."""
        roles = tuple(role for role, slots in (("base", self._infill), ("instruct", self._chat)) if slots is not None)
        return ModelStatus(name=self.name, path=self.weights.path, roles=roles, memory_bytes=self.weights.memory_bytes)

    def close(self) -> None:
        """Free the contexts, then the weights."""
        for slots in (self._infill, self._chat):
            if slots is not None:
                slots.context.close()
        self.weights.close()

    def _context(self, slots: int) -> Context:
        return self.weights.context(self._settings.context_tokens, slots + EXTRA_SEQUENCES, self._cores, self._abort)


class Residents:
    """Every model in memory, by file; where there are too many, the one used longest ago makes room."""

    def __init__(self, settings: EngineSettings, native: Native, abort: Abort) -> None:
        self._settings = settings
        self._native = native
        self._cores = Cores(settings.threads)
        self._abort = abort
        self._by_path: dict[str, Resident] = {}

    @contextmanager
    def lend(self, name: str, path: str) -> Iterator[Resident]:
        """The model at `path`, loaded if it is not in memory; it stays there until it is given back.

        Raises `Unavailable` where it cannot be loaded.
        """
        resident = self._by_path.pop(path, None) or self._loaded(name, path)
        self._by_path[path] = resident  # last: used most recently
        resident.lent += 1
        try:
            yield resident
        finally:
            resident.lent -= 1
            resident.used = time.monotonic()

    def held(self, path: str) -> Resident | None:
        """The model at `path` if it is in memory."""
        return self._by_path.get(path)

    def unload(self, idle_seconds: float) -> None:
        """Free what nobody has asked for so long."""
        now = time.monotonic()
        for path, resident in list(self._by_path.items()):
            if not resident.lent and now - resident.used >= idle_seconds:
                log.info("unloading %s, idle for %.0f s", resident.name, now - resident.used)
                self._by_path.pop(path).close()

    def status(self) -> tuple[ModelStatus, ...]:
        """One entry a model in memory."""
        return tuple(resident.status() for resident in list(self._by_path.values()))

    def close(self) -> None:
        """Free everything."""
        for resident in self._by_path.values():
            resident.close()
        self._by_path.clear()

    def _loaded(self, name: str, path: str) -> Resident:
        idle = [held for held, resident in self._by_path.items() if not resident.lent]
        for oldest in idle[: max(0, len(self._by_path) - MODELS + 1)]:
            log.info("unloading %s to make room for %s", self._by_path[oldest].name, name)
            self._by_path.pop(oldest).close()
        extra_buffers = self._native.extra_buffers_work(path)
        log.info("loading %s", name)
        weights = Weights(path, gpu_layers=self._settings.gpu_layers, extra_buffers=extra_buffers)
        return Resident(name, weights, self._settings, self._cores, self._abort)
