"""The models in memory: one copy of the weights a file, and a context for each role that was asked for."""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from interfix.config.settings import EngineSettings
from interfix.engine.document_slot_pool import KvSlotPool
from interfix.engine.free_cores import CpuMonitor
from interfix.engine.kv_slot import KvSlot, SlotKey
from interfix.engine.llama_runtime import AbortFlag, Weights
from interfix.engine.prefill_speed import PrefillSpeed
from interfix.engine.probes.repack_crash_check import RepackCheck
from interfix.engine.protocol import ModelStatus
from interfix.engine.runtime_config import RuntimeConfig
from interfix.engine.tuning.tuning_store import DEFAULT_PROMPT_TOKENS, TuningStore
from interfix.inference_types import Role
from interfix.models.memory_estimate import SEQUENCE_COUNT
from interfix.models.speed_measurements import find_speed

log = logging.getLogger(__name__)

MAX_MODELS = 2
"""Models in memory at once, one a role; more only while jobs hold them."""
MAX_DOCUMENT_SLOTS = 5
"""Prompts whose KV is kept for completion at once: one a document, and a brief one for the document that is being warmed up."""
MIN_DOCUMENT_TOKENS = 2048
"""Cells of a document's cache, at least where `engine.context_tokens` allows it."""


class DecodeControl(NamedTuple):
    """What decides over the decodes of all models."""

    cpu_monitor: CpuMonitor
    """How many threads they get."""
    abort: AbortFlag
    """Ends the one under way."""


class LoadedModel:
    """One model file in memory."""

    def __init__(
        self,
        name: str,
        path: str,
        weights: Weights,
        prompt_tokens: int,
        settings: EngineSettings,
        control: DecodeControl,
    ) -> None:
        self.name = name
        self.path = path
        """The model's own file; `weights` may be of one that tuning has made of it."""
        self.weights = weights
        self.prompt_tokens = prompt_tokens
        """Length of its prompts where nobody has set one, tokens."""
        self.prefill_speed = PrefillSpeed()
        """How fast it reads prompts; what was measured before the model was loaded, until it has read any."""
        self._settings = settings
        self._control = control
        self._slots: dict[Role, KvSlotPool] = {}
        self._released_at = dict.fromkeys(Role, time.monotonic())  # when each role was last given back
        self._holders: Counter[Role] = Counter()  # a chat holds its role while completions come first

    def open_infill_slots(self, prompt_tokens: int) -> KvSlotPool:
        """The documents' KV caches, each with room for two prompts of that length: the suffix is decoded anew beside the old."""
        tokens = min(self.context_tokens, max(MIN_DOCUMENT_TOKENS, 2 * prompt_tokens))
        return self._open_slots(Role.BASE, MAX_DOCUMENT_SLOTS, tokens)

    def find_document_slot(self, key: SlotKey) -> KvSlot | None:
        """The slot that holds a document now, if one does."""
        slots = self._slots.get(Role.BASE)
        return slots.find(key) if slots else None

    def open_chat_slots(self) -> KvSlotPool:
        """The chat's KV cache, apart from the documents' so that a completion costs a chat nothing; made at first use."""
        return self._open_slots(Role.INSTRUCT, 1, self.context_tokens)

    def open_next_edit_slots(self) -> KvSlotPool:
        """The KV cache of next edits: one, for their prompts begin the same while the user stays in a file."""
        return self._open_slots(Role.NEXT_EDIT, 1, self.context_tokens)

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
    def hold(self, role: Role) -> Iterator[None]:
        """While a job of this role runs, its cache stays."""
        self._holders[role] += 1
        try:
            yield
        finally:
            self._holders[role] -= 1
            self._released_at[role] = time.monotonic()

    def is_in_use(self) -> bool:
        """Whether any job holds it now."""
        return any(self._holders.values())

    def serves(self, role: Role) -> bool:
        """Whether it holds a cache for the role."""
        return role in self._slots

    def is_idle(self, role: Role, seconds: float) -> bool:
        """Whether no job has used the role for so long."""
        return not self._holders[role] and time.monotonic() - self._released_at[role] >= seconds

    def free_role(self, role: Role) -> None:
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
            setup=self.weights.config,
            prompt_tokens=self.prompt_tokens,
        )

    def list_notes(self) -> list[str]:
        """What a user should know of how it runs."""
        notes = []
        if self.weights.gpu_layers < self.weights.wanted_layers:
            rest = f"{self.weights.gpu_layers} layers" if self.weights.gpu_layers else "nothing"
            notes.append(f"The GPU had room for {rest} of {self.name}. Close what uses the GPU, or choose a smaller model.")
        elif not self.weights.cache_on_gpu:
            notes.append(f"The GPU had no room for the KV cache of {self.name}, which is slower in main memory.")
        if (infill := self._slots.get(Role.BASE)) is not None and not infill.can_shift:
            notes.append(
                f"{self.name} cannot move what its KV cache holds, as recurrent models cannot, so a keystroke decodes the text "
                "after the cursor again."
            )
        return notes

    def close(self) -> None:
        """Free the contexts, then the weights."""
        for role in Role:
            self.free_role(role)
        self.weights.close()

    def _open_slots(self, role: Role, count: int, tokens: int) -> KvSlotPool:
        if role in self._slots and self._slots[role].tokens < tokens:
            self.free_role(role)
        if role not in self._slots:
            make = partial(self.weights.create_context, tokens, SEQUENCE_COUNT, self._control.cpu_monitor, self._control.abort)
            self._slots[role] = KvSlotPool(make, tokens, count, self.prefill_speed, self.remedy)
        return self._slots[role]


class ModelPool:
    """Every model in memory, by file; where there are too many, the one used longest ago makes room."""

    def __init__(self, settings: EngineSettings, repack_check: RepackCheck, tuning_store: TuningStore, abort: AbortFlag) -> None:
        self._settings = settings
        self._repack_check = repack_check
        self._tuning_store = tuning_store
        self._control = DecodeControl(CpuMonitor(settings.threads), abort)
        self._by_path: dict[str, LoadedModel] = {}

    @contextmanager
    def acquire(self, name: str, path: str, role: Role) -> Iterator[LoadedModel]:
        """The model at `path` for a role, loaded if it is not in memory; it stays there until it is given back.

        Raises `UnavailableError` where it cannot be loaded.
        """
        resident = self._by_path.pop(path, None) or self._load(name, path, role)
        self._by_path[path] = resident  # last: used most recently
        with resident.hold(role):
            yield resident

    @contextmanager
    def keep(self, path: str, role: Role) -> Iterator[LoadedModel | None]:
        """The model at `path`, which stays in memory until it is given back; None where it is not there: nothing is loaded."""
        if (resident := self._by_path.get(path)) is None:
            yield None
            return
        with resident.hold(role):
            yield resident

    def unload_idle(self, idle_seconds: float) -> None:
        """Free what nobody has asked for so long: a role's cache, and the weights where no role is left."""
        for path, resident in list(self._by_path.items()):
            idle = [role for role in Role if resident.is_idle(role, idle_seconds)]
            if len(idle) == len(Role):
                log.info("unloading %s, idle for %.0f s", resident.name, idle_seconds)
                self._by_path.pop(path).close()
            else:
                for role in idle:
                    resident.free_role(role)

    def reload(self, path: str) -> None:
        """Load a model anew where it is in memory and no job holds it: its setup is another one now."""
        if (resident := self._by_path.get(path)) is not None and not resident.is_in_use():
            self._by_path.pop(path).close()
            self._by_path[path] = self._load(resident.name, path, Role.BASE)

    def status(self) -> tuple[ModelStatus, ...]:
        """One entry a model in memory."""
        return tuple(resident.status() for resident in list(self._by_path.values()))

    def list_notes(self) -> tuple[str, ...]:
        """What a user should know of how the models run."""
        return tuple(note for resident in list(self._by_path.values()) for note in resident.list_notes())

    def close(self) -> None:
        """Free everything."""
        for resident in self._by_path.values():
            resident.close()
        self._by_path.clear()

    def _count_limit(self, role: Role) -> int:
        """How many models may stay: one more where a third proposes next edits."""
        has_third = role is Role.NEXT_EDIT or any(model.serves(Role.NEXT_EDIT) for model in self._by_path.values())
        return MAX_MODELS + has_third

    def _load(self, name: str, path: str, role: Role) -> LoadedModel:
        idle = [held for held, resident in self._by_path.items() if not resident.is_in_use()]
        for oldest in idle[: max(0, len(self._by_path) - self._count_limit(role) + 1)]:
            log.info("unloading %s to make room for %s", self._by_path[oldest].name, name)
            self._by_path.pop(oldest).close()
        tuning = self._tuning_store.find(path)
        setup = tuning.setup if tuning else RuntimeConfig()
        file = setup.weights or path
        setup = replace(setup, extra_buffers=setup.extra_buffers and self._repack_check.check_extra_buffers(file))
        if self._settings.gpu_layers >= 0:
            setup = replace(setup, gpu_layers=self._settings.gpu_layers)
        log.info("loading %s from %s", name, Path(file).name)
        weights = Weights(file, setup)
        prompt_tokens = tuning.prompt_tokens if tuning else DEFAULT_PROMPT_TOKENS
        model = LoadedModel(name, path, weights, prompt_tokens, self._settings, self._control)
        measured = find_speed(Path(path))
        if measured is not None or tuning is not None:
            model.prefill_speed = PrefillSpeed(tuning.prompt_tokens_s if tuning else measured.prompt_tokens_s if measured else 0.0)
        return model
