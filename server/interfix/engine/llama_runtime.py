"""Weights in memory and a context that decodes, by llama.cpp.

Nothing here is thread-safe but `AbortFlag`; one thread owns the rest. Free a context before its weights.
"""

import ctypes
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from interfix.engine import compute_devices
from interfix.engine.free_cores import CpuMonitor, count_physical_cores
from interfix.engine.llamacpp.loaded_library import llama
from interfix.engine.runtime_config import BATCH_TOKENS, OUTPUT_TOKENS, RuntimeConfig
from interfix.engine.vocabulary import Vocabulary
from interfix.errors import UnavailableError
from interfix.models.memory_estimate import estimate_offload
from interfix.models.model_header import read_header
from interfix.prompt.families import ModelIdentity

log = logging.getLogger(__name__)

DEFAULT_CONFIG = RuntimeConfig()
GGML_TYPE_Q8_0 = 8
GPU_STEP_TOKENS = 128
"""Tokens of one call where a GPU computes: between two calls it can be told to end."""
GPU_CELLS, GPU_CONTEXTS = 10_240, 6
"""Room left for on a GPU: a chat's cells and three documents', and the compute buffers of all contexts that a model may have."""


class DecodeAborted(Exception):
    """A decode was ended by `AbortFlag.set`; the tokens of finished micro-batches are in the cache."""


class DecodeInterrupted(DecodeAborted):
    """A decode was ended by `AbortFlag.interrupt`: its job goes on later, from the tokens that are in the cache."""


class AbortFlag:
    """A flag that ends a decode that is under way. Any thread may set it.

    llama.cpp asks at every graph node; its callback is `strlen` over two bytes, so asking takes neither Python nor its global lock.
    """

    def __init__(self) -> None:
        self.is_interruptible = False
        """The decode under way is one that can be taken up again: it belongs to a prompt that is being read."""
        self._bytes = ctypes.create_string_buffer(2)
        strlen = (ctypes.CDLL("msvcrt") if sys.platform == "win32" else ctypes.CDLL(None)).strlen
        self._callback = llama.ggml_abort_callback(ctypes.cast(strlen, ctypes.c_void_p).value)

    def set(self) -> None:
        """End the decode under way, and any that begins before `clear`."""
        self._bytes[0] = b"x"

    def interrupt(self) -> None:
        """End the decode under way for now, where its job can go on from what is done of it."""
        if self.is_interruptible and self._bytes[0] == b"\0":
            self._bytes[0] = b"i"

    @property
    def is_set(self) -> bool:
        """Whether the flag asks for an end or a pause."""
        return self._bytes[0] != b"\0"

    @property
    def is_interrupt(self) -> bool:
        """Whether the flag asks for a pause only."""
        return self._bytes[0] == b"i"

    def clear(self) -> None:
        """Let decodes run again."""
        self._bytes[0] = b"\0"

    def attach(self, context: object) -> None:
        """Have a llama.cpp context ask this flag."""
        llama.llama_set_abort_callback(context, self._callback, ctypes.addressof(self._bytes))

    @staticmethod
    def detach(context: object) -> None:
        """Have it ask nobody."""
        llama.llama_set_abort_callback(context, llama.ggml_abort_callback(), None)


class Weights:
    """A model file in memory, with its vocabulary."""

    def __init__(self, path: str, config: RuntimeConfig = DEFAULT_CONFIG) -> None:
        """Load the file, with as many layers on a GPU as the setup says or as fit.

        Raises `UnavailableError` where llama.cpp cannot load it.
        """
        self.path = path
        self.config = config
        self.wanted_layers = _choose_gpu_layers(path, config) if compute_devices.supports_gpu_offload() else 0
        """Layers that the GPU was to take, the output layer included."""
        self.gpu_layers = self.wanted_layers
        """Layers that it took."""
        self.cache_on_gpu = True
        """Whether the KV caches are beside the layers; else they are in main memory, since the GPU had no room for one."""
        self._contexts: list[LlamaContext] = []
        self._load()
        self.memory_bytes = int(llama.llama_model_size(self._model))
        self.trained_tokens = int(llama.llama_model_n_ctx_train(self._model))
        """Positions that the model was trained on; 0 where its file does not say."""
        self.vocabulary = Vocabulary(llama.llama_model_get_vocab(self._model))
        template = llama.llama_model_chat_template(self._model, None)
        self.chat_template = template.decode("utf-8", "replace") if template else ""
        self.origin = ModelIdentity(
            " ".join(filter(None, map(self._read_metadata, ("general.name", "general.basename", "general.finetune"))))
        )

    def _load(self) -> None:
        """Load the file with `gpu_layers` on the GPU, or half as many as often as it has no room for them."""
        params = llama.llama_model_default_params()
        params.use_extra_bufts = self.config.extra_buffers
        while True:
            params.n_gpu_layers = self.gpu_layers
            self._model = llama.llama_model_load_from_file(os.fsencode(self.path), params)
            if self._model or not self.gpu_layers:
                break
            self.gpu_layers //= 2
            log.warning("the GPU could not take %s; trying %d layers", Path(self.path).name, self.gpu_layers)
        if not self._model:
            raise UnavailableError(
                f"llama.cpp cannot load {self.path}. Pull the model again (interfix models pull) or choose another one."
            )

    def create_context(self, tokens: int, sequences: int, cpu_monitor: CpuMonitor, abort: AbortFlag) -> "LlamaContext":
        """A KV cache of `tokens` cells shared by `sequences` sequences.

        Where a GPU has no room for it, it is put into main memory; where there is not even room for its compute buffer, the model
        is loaded anew with fewer layers there, as long as no other context is open. Raises `UnavailableError` without memory left.
        """
        self._contexts = [context for context in self._contexts if not context.closed]
        pointer = self._create(tokens, sequences, cpu_monitor)
        if not pointer and self.gpu_layers and self.cache_on_gpu:
            log.warning("the GPU has no room for %d tokens of %s; they are kept in main memory", tokens, Path(self.path).name)
            self.cache_on_gpu = False
            pointer = self._create(tokens, sequences, cpu_monitor)
        while not pointer and self.gpu_layers and not self._contexts:
            llama.llama_model_free(self._model)
            self.gpu_layers //= 2
            log.warning("the GPU has no room to compute with %s; trying %d layers", Path(self.path).name, self.gpu_layers)
            self._load()
            self.vocabulary.move(llama.llama_model_get_vocab(self._model))
            pointer = self._create(tokens, sequences, cpu_monitor)
        if not pointer:
            raise UnavailableError(f"There is not enough memory for a context of {tokens} tokens of {Path(self.path).name}.")
        context = LlamaContext(self, pointer, tokens, cpu_monitor, abort)
        self._contexts.append(context)
        return context

    def _create(self, tokens: int, sequences: int, cores: CpuMonitor) -> object:
        """llama.cpp's context; null where there is no room for it."""
        setup = self.config
        params = llama.llama_context_default_params()
        params.n_ctx = tokens
        params.n_batch = BATCH_TOKENS
        params.n_ubatch = setup.micro_batch
        params.n_outputs_max = OUTPUT_TOKENS
        params.n_seq_max = sequences + _overwrites(self._model, tokens)  # one more, that keeps the window's cells
        params.kv_unified = True
        params.n_threads = params.n_threads_batch = cores.pick_thread_count()
        params.no_perf = True
        if setup.flash_attention is not None or not self.gpu_layers:
            params.flash_attn_type = int(bool(setup.flash_attention))
        if setup.kv_type == "q8_0":
            params.type_k = params.type_v = GGML_TYPE_Q8_0
        params.offload_kqv = self.cache_on_gpu and self.gpu_layers > 0
        params.op_offload = self.gpu_layers > 0
        return llama.llama_init_from_model(self._model, params)

    def _read_metadata(self, key: str) -> str:
        """A text of the file's metadata; empty where it has none under that key."""
        buffer = ctypes.create_string_buffer(256)
        length = llama.llama_model_meta_val_str(self._model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if length > 0 else ""

    def close(self) -> None:
        """Free the weights; every context on them must be closed before."""
        llama.llama_model_free(self._model)
        self._model = None


class LlamaContext:
    """One KV cache. Positions within a sequence are consecutive; the caller knows which tokens stand at them."""

    def __init__(self, weights: Weights, pointer: object, tokens: int, cpu_monitor: CpuMonitor, abort: AbortFlag) -> None:
        self.tokens = tokens
        self.closed = False
        self._cpu_monitor = cpu_monitor
        self._max_threads = weights.config.threads or count_physical_cores()
        self._step = GPU_STEP_TOKENS if weights.gpu_layers else BATCH_TOKENS
        self._context = pointer
        self._abort = abort  # llama.cpp holds its address
        abort.attach(pointer)
        self._memory = llama.llama_get_memory(pointer)
        model = llama.llama_get_model(pointer)
        self.can_truncate = not (llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model))
        """Whether a sequence can be cut where one likes; of a recurrent state there is only the whole."""
        # llama.cpp says of recurrent and hybrid models that they can shift: it moves the position and leaves the state as it is.
        self.can_shift = self.can_truncate and bool(llama.llama_memory_can_shift(self._memory))
        """Whether tokens can be moved to other positions."""
        self._guard = int(llama.llama_n_seq_max(pointer)) - 1 if _overwrites(model, tokens) else 0
        self._guarded = False
        self._needs_rotation = False
        self._batch = llama.llama_batch_init(BATCH_TOKENS, 0, 1)
        self._vocabulary_size = weights.vocabulary.size

    def decode(
        self, tokens: Sequence[int], position: int, sequence: int, *, all_logits: bool = False, interruptible: bool = False
    ) -> None:
        """Append at most `BATCH_TOKENS` tokens at `position`; the logits of the last, or with `all_logits` of every one, are then
        there to read.

        Of at most `OUTPUT_TOKENS` all can be read. Raises `DecodeAborted`, `DecodeInterrupted` where it is `interruptible` and
        something more urgent came, or `UnavailableError` where llama.cpp fails; `length` tells what is in the cache then.
        """
        assert not all_logits or len(tokens) <= OUTPUT_TOKENS
        step = len(tokens) if all_logits else self._step
        self._abort.is_interruptible = interruptible
        try:
            for start in range(0, len(tokens), step):
                self._decode(tokens[start : start + step], position + start, sequence, every=all_logits)
        finally:
            self._abort.is_interruptible = False

    def _decode(self, tokens: Sequence[int], position: int, sequence: int, *, every: bool) -> None:
        """One call to llama.cpp, which asks the flag at each node on a CPU and never on most GPUs: there it is asked before."""
        if self._step < BATCH_TOKENS and self._abort.is_set:
            raise DecodeInterrupted if self._abort.is_interrupt else DecodeAborted
        batch = self._batch
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = position + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = every
        batch.logits[len(tokens) - 1] = 1
        if self._guard and not self._guarded:
            self._keep_window()
        threads = min(self._cpu_monitor.pick_thread_count(), self._max_threads)
        llama.llama_set_n_threads(self._context, threads, threads)
        if self._needs_rotation:
            # An abort in the middle of the rotation would leave some layers rotated, and the next decode rotate them once more.
            self._abort.detach(self._context)
        result = llama.llama_decode(self._context, batch)
        # A GPU computes on when this has returned: what follows, times and aborts included, is about a decode that is done.
        llama.llama_synchronize(self._context)
        if self._needs_rotation:
            self._needs_rotation = False
            self._abort.attach(self._context)
        if self._guard:
            self._guarded = not result
            llama.llama_memory_seq_cp(self._memory, sequence, self._guard, position, position + len(tokens))
        if result == 2:
            raise DecodeInterrupted if self._abort.is_interrupt else DecodeAborted
        if result:
            raise UnavailableError(f"llama.cpp failed to decode (code {result}); try again.")

    def read_logits(self, index: int = -1) -> npt.NDArray[np.float32]:
        """The logits after the last decode's token at `index`, shape (vocabulary,); a view that the next decode overwrites."""
        return np.ctypeslib.as_array(llama.llama_get_logits_ith(self._context, index), shape=(self._vocabulary_size,))

    def truncate(self, sequence: int, position: int) -> int:
        """Forget a sequence from `position` on; returns where it now ends: 0 where the model can only forget all of it."""
        self._guarded = False
        if llama.llama_memory_seq_rm(self._memory, sequence, position, -1):
            return position
        llama.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return 0

    def _keep_window(self) -> None:
        """Have every cell that a sequence holds be held by one more.

        llama.cpp puts new tokens into cells of one sequence that its sliding window has left behind, and forgets all before them: a
        prompt that is cut there later, or whose suffix comes back from another sequence, would lack its window.
        """
        llama.llama_memory_seq_rm(self._memory, self._guard, -1, -1)
        for sequence in range(self._guard):
            llama.llama_memory_seq_cp(self._memory, sequence, self._guard, -1, -1)
        self._guarded = True

    def copy_range(self, source: int, target: int, start: int, end: int) -> None:
        """Let positions `start` to `end` of one sequence be those of another, too; no cell is duplicated."""
        llama.llama_memory_seq_cp(self._memory, source, target, start, end)

    def shift_range(self, sequence: int, start: int, end: int, by: int) -> None:
        """Move positions `start` to `end` of a sequence; the next decode rotates the K cache for it and cannot be aborted."""
        self._needs_rotation = True
        llama.llama_memory_seq_add(self._memory, sequence, start, end, by)

    def find_end(self, sequence: int) -> int:
        """The position behind the last token of a sequence."""
        return int(llama.llama_memory_seq_pos_max(self._memory, sequence)) + 1

    def close(self) -> None:
        """Free the cache."""
        self.closed = True
        llama.llama_batch_free(self._batch)
        llama.llama_free(self._context)


def _overwrites(model: object, tokens: int) -> bool:
    """Whether llama.cpp writes over cells of the model that its sliding window has left behind, in a context of so many tokens."""
    state = llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model)
    return not state and 0 < llama.llama_model_n_swa(model) < tokens


def _choose_gpu_layers(path: str, config: RuntimeConfig) -> int:
    if config.gpu_layers >= 0:
        return config.gpu_layers
    need = estimate_offload(read_header(Path(path)), GPU_CELLS, GPU_CONTEXTS)
    return need.count_fitting_layers(compute_devices.count_free_gpu_memory(compute_devices.list_devices()))
