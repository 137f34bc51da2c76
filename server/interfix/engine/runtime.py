"""The only file that touches llama.cpp: weights, a vocabulary, and a context that decodes. Knows no job, role or layout.

Nothing here is thread-safe but `Abort`; one thread owns the rest. Free a context before its weights.
"""

import codecs
import ctypes
import logging
import os
import sys
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import llama_cpp as llama
import msgspec
import numpy as np
import numpy.typing as npt
from llama_cpp._ggml import libggml

from interfix.engine.cores import Cores, physical
from interfix.engine.setup import BATCH_TOKENS, Setup
from interfix.errors import Unavailable
from interfix.models.inspect import read_header
from interfix.prompt.families import Origin
from interfix.prompt.tokenizer import FimIds

log = logging.getLogger(__name__)

ENCODED_TEXTS = 512
"""Texts whose tokens are remembered."""
DEFAULT = Setup()
GGML_TYPE_Q8_0 = 8


class Aborted(Exception):
    """A decode was ended by `Abort.set`; the tokens of finished micro-batches are in the cache."""


class Interrupted(Aborted):
    """A decode was ended by `Abort.interrupt`: its job goes on later, from the tokens that are in the cache."""


class Abort:
    """A flag that ends a decode that is under way. Any thread may set it.

    llama.cpp asks at every graph node; its callback is `strlen` over two bytes, so asking takes neither Python nor its global lock.
    """

    def __init__(self) -> None:
        self.interruptible = False
        """The decode under way is one that can be taken up again: it belongs to a prompt that is being read."""
        self._bytes = ctypes.create_string_buffer(2)
        strlen = (ctypes.CDLL("msvcrt") if sys.platform == "win32" else ctypes.CDLL(None)).strlen
        self._callback = llama.ggml_abort_callback(ctypes.cast(strlen, ctypes.c_void_p).value)

    def set(self) -> None:
        """End the decode under way, and any that begins before `clear`."""
        self._bytes[0] = b"x"

    def interrupt(self) -> None:
        """End the decode under way for now, where its job can go on from what is done of it."""
        if self.interruptible and self._bytes[0] == b"\0":
            self._bytes[0] = b"i"

    @property
    def interrupting(self) -> bool:
        """Whether the flag asks for a pause only."""
        return self._bytes[0] == b"i"

    def clear(self) -> None:
        """Let decodes run again."""
        self._bytes[0] = b"\0"

    def watch(self, context: object) -> None:
        """Have a llama.cpp context ask this flag."""
        llama.llama_set_abort_callback(context, self._callback, ctypes.addressof(self._bytes))

    @staticmethod
    def unwatch(context: object) -> None:
        """Have it ask nobody."""
        llama.llama_set_abort_callback(context, llama.ggml_abort_callback(), None)


class Weights:
    """A model file in memory, with its vocabulary."""

    def __init__(self, path: str, setup: Setup = DEFAULT) -> None:
        """Load the file, with as many layers on a GPU as the setup says or as fit.

        Raises `Unavailable` where llama.cpp cannot load it.
        """
        _start()
        self.path = path
        self.setup = setup
        self.fell_back = False
        """Whether a GPU was to be used and could not be."""
        params = llama.llama_model_default_params()
        params.use_extra_bufts = setup.extra_buffers
        params.n_gpu_layers = _gpu_layers(path, setup) if offload_supported() else 0
        self._model = llama.llama_model_load_from_file(os.fsencode(path), params)
        if not self._model and params.n_gpu_layers:
            log.warning("the GPU could not take %s; it runs on the CPU", Path(path).name)
            self.fell_back = True
            params.n_gpu_layers = 0
            self._model = llama.llama_model_load_from_file(os.fsencode(path), params)
        if not self._model:
            raise Unavailable(f"llama.cpp cannot load {path}. Pull the model again (interfix models pull) or choose another one.")
        self.gpu_layers = int(params.n_gpu_layers)
        """Layers on a GPU, at most."""
        self.memory_bytes = int(llama.llama_model_size(self._model))
        self.vocabulary = Vocabulary(llama.llama_model_get_vocab(self._model))
        template = llama.llama_model_chat_template(self._model, None)
        self.chat_template = template.decode("utf-8", "replace") if template else ""
        self.origin = Origin(" ".join(filter(None, map(self._said, ("general.name", "general.basename", "general.finetune")))))

    def context(self, tokens: int, sequences: int, cores: Cores, abort: Abort) -> "Context":
        """A KV cache of `tokens` cells shared by `sequences` sequences. Raises `Unavailable` where memory does not allow it."""
        setup = self.setup
        params = llama.llama_context_default_params()
        params.n_ctx = tokens
        params.n_batch = BATCH_TOKENS
        params.n_ubatch = setup.micro_batch
        params.n_seq_max = sequences
        params.kv_unified = True
        params.n_threads = params.n_threads_batch = cores.free()
        params.no_perf = True
        if setup.flash_attention is not None or not self.gpu_layers:
            params.flash_attn_type = int(bool(setup.flash_attention))
        if setup.kv_type == "q8_0":
            params.type_k = params.type_v = GGML_TYPE_Q8_0
        pointer = llama.llama_init_from_model(self._model, params)
        if not pointer:
            raise Unavailable(f"There is not enough memory for a context of {tokens} tokens of {Path(self.path).name}.")
        return Context(pointer, tokens, self.vocabulary.size, cores, abort, setup.threads or physical())

    def _said(self, key: str) -> str:
        """A text of the file's metadata; empty where it has none under that key."""
        buffer = ctypes.create_string_buffer(256)
        length = llama.llama_model_meta_val_str(self._model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if length > 0 else ""

    def close(self) -> None:
        """Free the weights; every context on them must be closed before."""
        llama.llama_model_free(self._model)
        self._model = None


class Vocabulary:
    """The model's tokeniser; the `Tokenizer` that prompts are laid out with."""

    def __init__(self, pointer: object) -> None:
        self._vocab = pointer
        self._remembered = lru_cache(ENCODED_TEXTS)(lambda text: tuple(self._unspaced(text, special=False)))
        self.size = int(llama.llama_vocab_n_tokens(pointer))
        self.bos = int(llama.llama_vocab_bos(pointer)) if llama.llama_vocab_get_add_bos(pointer) else -1
        self.fim = FimIds(
            prefix=llama.llama_vocab_fim_pre(pointer),
            suffix=llama.llama_vocab_fim_suf(pointer),
            middle=llama.llama_vocab_fim_mid(pointer),
            repository=llama.llama_vocab_fim_rep(pointer),
            file=llama.llama_vocab_fim_sep(pointer),
            pad=llama.llama_vocab_fim_pad(pointer),
        )

    @cached_property
    def bos_text(self) -> str:
        return self._text(int(llama.llama_vocab_bos(self._vocab)))

    @cached_property
    def eos_text(self) -> str:
        return self._text(int(llama.llama_vocab_eos(self._vocab)))

    def find(self, text: str) -> int:
        return self._controls.get(text, -1)

    def encode(self, text: str) -> list[int]:
        # Most pieces of a prompt are the same from one keystroke to the next.
        return list(self._remembered(text))

    def encode_markup(self, text: str, *, first: bool = False) -> list[int]:
        return self._tokens(text, special=True) if first else self._unspaced(text, special=True)

    def piece(self, token: int) -> bytes:
        size = 64
        buffer = ctypes.create_string_buffer(size)
        length = llama.llama_token_to_piece(self._vocab, token, buffer, size, 0, True)
        if length < 0:
            size = -length
            buffer = ctypes.create_string_buffer(size)
            length = llama.llama_token_to_piece(self._vocab, token, buffer, size, 0, True)
        return buffer.raw[:length]

    def ends(self, token: int) -> bool:
        """Whether the model says with this token that it is done."""
        return bool(llama.llama_vocab_is_eog(self._vocab, token))

    @cached_property
    def _controls(self) -> dict[str, int]:
        """Every token that is spelled as control tokens are, whatever type the file gives it: <…, […, ▁<…"""
        texts = (llama.llama_vocab_get_text(self._vocab, token) for token in range(self.size))
        begin = (b"<", b"[", "▁<".encode())
        return {text.decode("utf-8", "replace"): token for token, text in enumerate(texts) if text.startswith(begin)}

    @cached_property
    def _smile(self) -> list[int]:
        """A character that joins no other, where this vocabulary puts a space before every text (sentencepiece); else nothing."""
        tokens = self._tokens("a", special=False)
        spaced = bool(tokens) and self.piece(tokens[0]).startswith(b" ")
        return self._tokens(_SMILE, special=False) if spaced else []

    def _unspaced(self, text: str, *, special: bool) -> list[int]:
        """The text's tokens without the space that sentencepiece vocabularies put before it: after another text there is none."""
        if not self._smile:
            return self._tokens(text, special=special)
        return self._tokens(_SMILE + text, special=special)[len(self._smile) :]

    def _text(self, token: int) -> str:
        """How a control token is spelled; empty for another, which llama.cpp names where the file says nothing."""
        known = token >= 0 and llama.llama_vocab_is_control(self._vocab, token)
        return llama.llama_vocab_get_text(self._vocab, token).decode("utf-8", "replace") if known else ""

    def _tokens(self, text: str, *, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        tokens = (llama.llama_token * room)()
        count = llama.llama_tokenize(self._vocab, data, len(data), tokens, room, False, special)
        if count < 0:
            room = -count
            tokens = (llama.llama_token * room)()
            count = llama.llama_tokenize(self._vocab, data, len(data), tokens, room, False, special)
        return list(tokens[:count])


_SMILE = "☺"


class Context:
    """One KV cache. Positions within a sequence are consecutive; the caller knows which tokens stand at them."""

    def __init__(self, pointer: object, tokens: int, vocabulary_size: int, cores: Cores, abort: Abort, most_threads: int) -> None:
        self.tokens = tokens
        self._cores = cores
        self._most_threads = most_threads
        self._context = pointer
        self._abort = abort  # llama.cpp holds its address
        abort.watch(pointer)
        self._memory = llama.llama_get_memory(pointer)
        self.can_shift = bool(llama.llama_memory_can_shift(self._memory))
        """Whether tokens can be moved to other positions; recurrent models cannot, nor a cache of a sliding window only."""
        self._shifted = False
        self._batch = llama.llama_batch_init(BATCH_TOKENS, 0, 1)
        self._vocabulary_size = vocabulary_size

    def decode(
        self, tokens: Sequence[int], position: int, sequence: int, *, every: bool = False, interruptible: bool = False
    ) -> None:
        """Append at most `BATCH_TOKENS` tokens at `position`; the logits of the last, or of `every` one, are then there to read.

        Raises `Aborted`, `Interrupted` where it is `interruptible` and something more urgent came, or `Unavailable` where llama.cpp
        fails; `length` tells what is in the cache then.
        """
        batch = self._batch
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = position + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = every
        batch.logits[len(tokens) - 1] = 1
        threads = min(self._cores.free(), self._most_threads)
        llama.llama_set_n_threads(self._context, threads, threads)
        if self._shifted:
            # An abort in the middle of the rotation would leave some layers rotated, and the next decode rotate them once more.
            self._abort.unwatch(self._context)
        self._abort.interruptible = interruptible
        result = llama.llama_decode(self._context, batch)
        self._abort.interruptible = False
        if self._shifted:
            self._shifted = False
            self._abort.watch(self._context)
        if result == 2:
            raise Interrupted if self._abort.interrupting else Aborted
        if result:
            raise Unavailable(f"llama.cpp failed to decode (code {result}); try again.")

    def logits(self, index: int = -1) -> npt.NDArray[np.float32]:
        """The logits after the last decode's token at `index`, shape (vocabulary,); a view that the next decode overwrites."""
        return np.ctypeslib.as_array(llama.llama_get_logits_ith(self._context, index), shape=(self._vocabulary_size,))

    def truncate(self, sequence: int, position: int) -> int:
        """Forget a sequence from `position` on; returns where it now ends: 0 where the model can only forget all of it."""
        if llama.llama_memory_seq_rm(self._memory, sequence, position, -1):
            return position
        llama.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return 0

    def copy(self, source: int, target: int, start: int, end: int) -> None:
        """Let positions `start` to `end` of one sequence be those of another, too; no cell is duplicated."""
        llama.llama_memory_seq_cp(self._memory, source, target, start, end)

    def shift(self, sequence: int, start: int, end: int, by: int) -> None:
        """Move positions `start` to `end` of a sequence; the next decode rotates the K cache for it and cannot be aborted."""
        self._shifted = True
        llama.llama_memory_seq_add(self._memory, sequence, start, end, by)

    def length(self, sequence: int) -> int:
        """The position behind the last token of a sequence."""
        return int(llama.llama_memory_seq_pos_max(self._memory, sequence)) + 1

    def close(self) -> None:
        """Free the cache."""
        llama.llama_batch_free(self._batch)
        llama.llama_free(self._context)


class Decoder:
    """Bytes of tokens to text; a character may span tokens."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def text(self, piece: bytes) -> str:
        """The characters complete by now."""
        return self._decoder.decode(piece)


class Device(msgspec.Struct, frozen=True):
    """A processor that this build of llama.cpp can compute with."""

    name: str
    """llama.cpp's name for it, such as CUDA0."""
    description: str
    """What it is."""
    gpu: bool
    """Whether it is one beside the CPU."""
    free_bytes: int
    """Memory that is free now; 0 where it is not known."""
    total_bytes: int
    """Memory in all; 0 where it is not known."""


def devices() -> tuple[Device, ...]:
    """Every device, the CPU included, as ggml's registry lists them (ggml-backend.h)."""
    _start()
    return tuple(_device(ctypes.c_void_p(_ggml("ggml_backend_dev_get", ctypes.c_size_t(i)))) for i in range(_devices()))


def requantise(source: str, target: str, quantisation: str) -> None:
    """Write the weights of a model file anew as `quantisation`, Q8_0 or Q4_0: seconds for half a gigabyte.

    Raises `Unavailable` where llama.cpp cannot.
    """
    _start()
    params = llama.llama_model_quantize_default_params()
    params.ftype = FILE_TYPES[quantisation]
    params.allow_requantize = True
    params.nthread = physical()
    if llama.llama_model_quantize(os.fsencode(source), os.fsencode(target), params):
        raise Unavailable(f"llama.cpp cannot store {Path(source).name} as {quantisation}.")


FILE_TYPES = {"Q8_0": llama.LLAMA_FTYPE_MOSTLY_Q8_0, "Q4_0": llama.LLAMA_FTYPE_MOSTLY_Q4_0}
"""What weights can be stored as anew, by llama.cpp's numbers."""


def offload_supported() -> bool:
    """Whether this build of llama.cpp can use a GPU."""
    return bool(llama.llama_supports_gpu_offload())


def layers_that_fit(free_bytes: int, file_bytes: int, layers: int) -> int:
    """How many of a model's layers a GPU with so much free memory can take, its share of KV cache and buffers allowed for.

    The output layer counts as one more. All of them where the free memory is not known: llama.cpp then finds out.
    """
    if not free_bytes or not layers:
        return layers + 1
    each = file_bytes / (layers + 1) * (1 + GPU_CACHE_SHARE)
    return max(0, min(layers + 1, int((free_bytes - GPU_RESERVE_BYTES) / each)))


GPU_RESERVE_BYTES = 600 * 2**20
"""Left free on a GPU for the compute buffers and whatever draws the screen."""
GPU_CACHE_SHARE = 0.15
"""Room for a layer's KV cache and for both roles' contexts, as a share of its weights."""


def build() -> str:
    """What tells one native build from another: version, file size and time of the library."""
    library = next(Path(llama.__file__).parent.glob("lib/*llama*"))
    status = library.stat()
    return f"{llama.__version__}-{status.st_size}-{int(status.st_mtime)}"


def version() -> str:
    """Version of the binding, which pins that of llama.cpp."""
    return f"llama-cpp-python {llama.__version__}"


def features() -> str:
    """The processor features and backends that the build uses here, as llama.cpp names them."""
    _start()
    told = llama.llama_print_system_info().decode("utf-8", "replace")
    return " ".join(
        name.split(":")[-1].strip() for name, _, used in (item.partition(" = ") for item in told.split("|")) if used.strip() == "1"
    )


_SERIOUS = (3, 4)  # ggml's levels: warning and error


@llama.llama_log_callback  # type: ignore[untyped-decorator]
def _to_log(level: int, text: bytes, _data: object) -> None:
    if level in _SERIOUS:
        log.debug("llama.cpp: %s", text.decode("utf-8", "replace").rstrip())


def _gpu_layers(path: str, setup: Setup) -> int:
    if setup.gpu_layers >= 0:
        return setup.gpu_layers
    free = sum(device.free_bytes for device in devices() if device.gpu)
    header = read_header(Path(path))
    return layers_that_fit(free, header.bytes, header.attention.layers)


def _ggml(name: str, *arguments: object, result: type = ctypes.c_void_p) -> Any:
    function = getattr(libggml, name)
    function.restype = result
    return function(*arguments)


def _devices() -> int:
    return int(_ggml("ggml_backend_dev_count", result=ctypes.c_size_t))


def _device(pointer: ctypes.c_void_p) -> Device:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    _ggml("ggml_backend_dev_memory", pointer, ctypes.byref(free), ctypes.byref(total), result=None)  # type: ignore[arg-type]
    name, description = (
        (_ggml(f"ggml_backend_dev_{part}", pointer, result=ctypes.c_char_p) or b"").decode("utf-8", "replace")
        for part in ("name", "description")
    )
    kind = _ggml("ggml_backend_dev_type", pointer, result=ctypes.c_int)
    return Device(name, description, kind in _GPU_KINDS, free.value, total.value)


_GPU_KINDS = (1, 2)  # ggml-backend.h: GGML_BACKEND_DEVICE_TYPE_GPU and _IGPU
_started = False


def _start() -> None:
    global _started
    if not _started:
        llama.llama_log_set(_to_log, ctypes.c_void_p(0))
        llama.llama_backend_init()
        _started = True
