"""The models in memory: one copy of the weights a file, and a context for each role that was asked for. Knows no job."""

import logging

from interfix.config.settings import EngineSettings
from interfix.engine.native import Native
from interfix.engine.protocol import ModelStatus
from interfix.engine.runtime import Abort, Context, Weights, threads
from interfix.engine.slots import Slots

log = logging.getLogger(__name__)

DOCUMENTS = 4
"""Documents whose KV is kept for completion at once."""


class Resident:
    """One model file in memory."""

    def __init__(self, name: str, weights: Weights, settings: EngineSettings, abort: Abort) -> None:
        self.name = name
        self.weights = weights
        self._settings = settings
        self._abort = abort
        self._infill: Slots | None = None
        self._chat: Slots | None = None

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
        return self.weights.context(self._settings.context_tokens, slots + 1, threads(self._settings.threads), self._abort)


class Residents:
    """Every model in memory, by file. At most two: one a role; the one used longest ago makes room."""

    def __init__(self, settings: EngineSettings, native: Native, abort: Abort) -> None:
        self._settings = settings
        self._native = native
        self._abort = abort
        self._by_path: dict[str, Resident] = {}

    def get(self, name: str, path: str) -> Resident:
        """The model at `path`, loaded if it is not in memory. Raises `Unavailable` where it cannot be."""
        resident = self._by_path.pop(path, None)
        if resident is None:
            while len(self._by_path) >= 2:
                oldest = next(iter(self._by_path))
                log.info("unloading %s", self._by_path[oldest].name)
                self._by_path.pop(oldest).close()
            extra_buffers = self._native.extra_buffers_work(path)
            log.info("loading %s", name)
            weights = Weights(path, gpu_layers=self._settings.gpu_layers, extra_buffers=extra_buffers)
            resident = Resident(name, weights, self._settings, self._abort)
        self._by_path[path] = resident
        return resident

    def status(self) -> tuple[ModelStatus, ...]:
        """One entry a model in memory."""
        return tuple(resident.status() for resident in list(self._by_path.values()))

    def close(self) -> None:
        """Free everything."""
        for resident in self._by_path.values():
            resident.close()
        self._by_path.clear()
