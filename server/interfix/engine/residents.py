"""The models in memory: one copy of the weights a file, and a context for each role that was asked for. Knows no job."""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from interfix.config.settings import EngineSettings
from interfix.engine.cores import Cores
from interfix.engine.native import Native
from interfix.engine.pace import Pace
from interfix.engine.protocol import ModelStatus
from interfix.engine.runtime import Abort, Weights
from interfix.engine.setup import Setup
from interfix.engine.slot import SEQUENCES, Slot
from interfix.engine.slots import Slots
from interfix.engine.tuning.record import Tunings
from interfix.values import Role

log = logging.getLogger(__name__)

MODELS = 2
"""Models in memory at once, one a role; more only while jobs hold them."""
PROMPT_TOKENS = 1024
"""Length of an infill prompt where nothing was tuned and nobody has set one, tokens."""
DOCUMENTS = 5
"""Prompts whose KV is kept for completion at once: one a document, and a brief one for the document that is being warmed up."""
LEAST_DOCUMENT_TOKENS = 2048
"""Cells of a document's cache, at least where `engine.context_tokens` allows it."""


class Resident:
    """One model file in memory."""

    def __init__(
        self, name: str, path: str, weights: Weights, prompt_tokens: int, settings: EngineSettings, cores: Cores, abort: Abort
    ) -> None:
        self.name = name
        self.path = path
        """The model's own file; `weights` may be of one that tuning has made of it."""
        self.weights = weights
        self.prompt_tokens = prompt_tokens
        """Length of its prompts where nobody has set one, tokens."""
        self.pace = Pace()
        """How fast it reads prompts."""
        self._settings = settings
        self._cores = cores
        self._abort = abort
        self._slots: dict[Role, Slots] = {}
        self._used = dict.fromkeys(Role, time.monotonic())  # when each role was last given back
        self._lent: Counter[Role] = Counter()  # a chat holds its role while completions come first

    def infill_slots(self, prompt_tokens: int) -> Slots:
        """The documents' KV caches, each with room for two prompts of that length: the suffix is decoded anew beside the old."""
        tokens = min(self.context_tokens, max(LEAST_DOCUMENT_TOKENS, 2 * prompt_tokens))
        return self._made(Role.BASE, DOCUMENTS, tokens)

    def document(self, key: str) -> Slot | None:
        """The slot that holds a document now, if one does."""
        slots = self._slots.get(Role.BASE)
        return slots.find(key) if slots else None

    def chat_slots(self) -> Slots:
        """The chat's KV cache, apart from the documents' so that a completion costs a chat nothing; made at first use."""
        return self._made(Role.INSTRUCT, 1, self.context_tokens)

    @property
    def context_tokens(self) -> int:
        """Most tokens in a context: as the settings have it, and never more than the model was trained on."""
        return min(self._settings.context_tokens, self.weights.trained_tokens or self._settings.context_tokens)

    @property
    def remedy(self) -> str:
        """What to do where something does not fit into its context: a sentence."""
        if self.context_tokens < self._settings.context_tokens:
            return f"Select less, or choose a model with a larger context: {self.name} was trained on {self.context_tokens} tokens."
        return "Select less, or raise engine.context_tokens."

    @contextmanager
    def held_for(self, role: Role) -> Iterator[None]:
        """While a job of this role runs, its cache stays."""
        self._lent[role] += 1
        try:
            yield
        finally:
            self._lent[role] -= 1
            self._used[role] = time.monotonic()

    def in_use(self) -> bool:
        """Whether any job holds it now."""
        return any(self._lent.values())

    def idle(self, role: Role, seconds: float) -> bool:
        """Whether no job has used the role for so long."""
        return not self._lent[role] and time.monotonic() - self._used[role] >= seconds

    def forget(self, role: Role) -> None:
        """Free what a role has cached; it is made again when it is needed."""
        if (slots := self._slots.pop(role, None)) is not None:
            slots.close()

    def status(self) -> ModelStatus:
        """What the engine tells of it."""
        return ModelStatus(
            name=self.name,
            path=self.path,
            roles=tuple(sorted(self._slots)),
            memory_bytes=self.weights.memory_bytes,
            setup=self.weights.setup,
            prompt_tokens=self.prompt_tokens,
        )

    def notes(self) -> list[str]:
        """What a user should know of how it runs."""
        notes = []
        if self.weights.fell_back:
            notes.append(
                f"The GPU could not take {self.name}, so it runs on the CPU. Close what uses the GPU, or choose a smaller model."
            )
        if (infill := self._slots.get(Role.BASE)) is not None and not infill.can_shift:
            notes.append(
                f"{self.name} cannot move what its KV cache holds, as recurrent models cannot, so a keystroke decodes the text "
                "after the cursor again."
            )
        return notes

    def close(self) -> None:
        """Free the contexts, then the weights."""
        for role in Role:
            self.forget(role)
        self.weights.close()

    def _made(self, role: Role, count: int, tokens: int) -> Slots:
        if role in self._slots and self._slots[role].tokens < tokens:
            self.forget(role)
        if role not in self._slots:
            make = partial(self.weights.context, tokens, SEQUENCES, self._cores, self._abort)
            self._slots[role] = Slots(make, tokens, count, self.pace, self.remedy)
        return self._slots[role]


class Residents:
    """Every model in memory, by file; where there are too many, the one used longest ago makes room."""

    def __init__(self, settings: EngineSettings, native: Native, tunings: Tunings, abort: Abort) -> None:
        self._settings = settings
        self._native = native
        self._tunings = tunings
        self._cores = Cores(settings.threads)
        self._abort = abort
        self._by_path: dict[str, Resident] = {}

    @contextmanager
    def lend(self, name: str, path: str, role: Role) -> Iterator[Resident]:
        """The model at `path` for a role, loaded if it is not in memory; it stays there until it is given back.

        Raises `Unavailable` where it cannot be loaded.
        """
        resident = self._by_path.pop(path, None) or self._loaded(name, path)
        self._by_path[path] = resident  # last: used most recently
        with resident.held_for(role):
            yield resident

    @contextmanager
    def keep(self, path: str, role: Role) -> Iterator[Resident | None]:
        """The model at `path`, which stays in memory until it is given back; None where it is not there: nothing is loaded."""
        if (resident := self._by_path.get(path)) is None:
            yield None
            return
        with resident.held_for(role):
            yield resident

    def unload(self, idle_seconds: float) -> None:
        """Free what nobody has asked for so long: a role's cache, and the weights where no role is left."""
        for path, resident in list(self._by_path.items()):
            idle = [role for role in Role if resident.idle(role, idle_seconds)]
            if len(idle) == len(Role):
                log.info("unloading %s, idle for %.0f s", resident.name, idle_seconds)
                self._by_path.pop(path).close()
            else:
                for role in idle:
                    resident.forget(role)

    def status(self) -> tuple[ModelStatus, ...]:
        """One entry a model in memory."""
        return tuple(resident.status() for resident in list(self._by_path.values()))

    def notes(self) -> tuple[str, ...]:
        """What a user should know of how the models run."""
        return tuple(note for resident in list(self._by_path.values()) for note in resident.notes())

    def close(self) -> None:
        """Free everything."""
        for resident in self._by_path.values():
            resident.close()
        self._by_path.clear()

    def _loaded(self, name: str, path: str) -> Resident:
        idle = [held for held, resident in self._by_path.items() if not resident.in_use()]
        for oldest in idle[: max(0, len(self._by_path) - MODELS + 1)]:
            log.info("unloading %s to make room for %s", self._by_path[oldest].name, name)
            self._by_path.pop(oldest).close()
        tuning = self._tunings.find(path)
        setup = tuning.setup if tuning else Setup()
        file = setup.weights or path
        setup = replace(setup, extra_buffers=setup.extra_buffers and self._native.extra_buffers_work(file))
        if self._settings.gpu_layers >= 0:
            setup = replace(setup, gpu_layers=self._settings.gpu_layers)
        log.info("loading %s from %s", name, Path(file).name)
        weights = Weights(file, setup)
        prompt_tokens = tuning.prompt_tokens if tuning else PROMPT_TOKENS
        return Resident(name, path, weights, prompt_tokens, self._settings, self._cores, self._abort)
