"""Whether a llama.cpp library is what its declarations say: the bytes of its structs, its tokens, and what a small model writes.

A library of another version may have its fields elsewhere and decode all the same, wrongly. `tests/abi_model_writer.py` writes
the model.
"""

import ctypes
import os
from collections.abc import Sequence
from importlib import resources
from typing import Any

import msgspec

from interfix.engine.llamacpp.library_loading import NativeLibraries, has_function


class AbiMismatchError(Exception):
    """The library is not the one that was declared: a clause that says in what it differs."""


class AbiCheckResult(msgspec.Struct, frozen=True):
    """What a library has shown to be able to do."""

    offloaded_layers: int
    """Layers of the small model that a GPU took, the output layer included."""
    gpus: tuple[str, ...]
    """The GPUs it computes with."""


EXPECTED_DEFAULTS: dict[str, dict[str, int | float]] = {
    "llama_model_default_params": {
        "n_gpu_layers": -1,
        "split_mode": 1,
        "load_mode": -1,
        "lazy_mode": 1,
        "main_gpu": 0,
        "vocab_only": 0,
        "check_tensors": 0,
        "use_extra_bufts": 1,
        "no_host": 0,
        "no_alloc": 0,
        "load_mtp": 0,
    },
    "llama_context_default_params": {
        "n_ctx": 512,
        "n_batch": 2048,
        "n_ubatch": 512,
        "n_seq_max": 1,
        "n_rs_seq": 0,
        "n_outputs_max": 0,
        "n_outputs_max_per_seq": 1,
        "n_threads": 4,
        "n_threads_batch": 4,
        "ctx_type": 0,
        "rope_scaling_type": -1,
        "pooling_type": -1,
        "attention_type": -1,
        "flash_attn_type": -1,
        "rope_freq_base": 0.0,
        "rope_freq_scale": 0.0,
        "yarn_ext_factor": -1.0,
        "yarn_attn_factor": -1.0,
        "yarn_beta_fast": -1.0,
        "yarn_beta_slow": -1.0,
        "yarn_orig_ctx": 0,
        "defrag_thold": -1.0,
        "type_k": 1,
        "type_v": 1,
        "embeddings": 0,
        "offload_kqv": 1,
        "no_perf": 1,
        "op_offload": 1,
        "swa_full": 1,
        "kv_unified": 0,
        "n_samplers": 0,
    },
    "llama_model_quantize_default_params": {
        "nthread": 0,
        "ftype": 7,
        "output_tensor_type": 43,
        "token_embedding_type": 43,
        "allow_requantize": 0,
        "quantize_output_tensor": 1,
        "only_copy": 0,
        "pure": 0,
        "keep_split": 0,
        "dry_run": 0,
        "max_buf_size": 8 << 30,
    },
}
"""The numbers in the structs of default parameters, as llama.cpp v0.4.0 to v0.5.0 sets them. All other fields are null pointers."""

USED_FUNCTIONS = (
    "llama_backend_init",
    "llama_batch_free",
    "llama_batch_init",
    "llama_context_default_params",
    "llama_decode",
    "llama_free",
    "llama_get_logits_ith",
    "llama_get_memory",
    "llama_get_model",
    "llama_init_from_model",
    "llama_log_set",
    "llama_memory_can_shift",
    "llama_memory_seq_add",
    "llama_memory_seq_cp",
    "llama_memory_seq_pos_max",
    "llama_memory_seq_rm",
    "llama_model_chat_template",
    "llama_model_default_params",
    "llama_model_free",
    "llama_model_get_vocab",
    "llama_model_is_hybrid",
    "llama_model_is_recurrent",
    "llama_model_load_from_file",
    "llama_model_meta_val_str",
    "llama_model_n_ctx_train",
    "llama_model_n_swa",
    "llama_model_quantize",
    "llama_model_quantize_default_params",
    "llama_model_size",
    "llama_n_seq_max",
    "llama_print_system_info",
    "llama_set_abort_callback",
    "llama_set_n_threads",
    "llama_supports_gpu_offload",
    "llama_synchronize",
    "llama_token_to_piece",
    "llama_tokenize",
    "llama_vocab_bos",
    "llama_vocab_eos",
    "llama_vocab_fim_mid",
    "llama_vocab_fim_pad",
    "llama_vocab_fim_pre",
    "llama_vocab_fim_rep",
    "llama_vocab_fim_sep",
    "llama_vocab_fim_suf",
    "llama_vocab_get_add_bos",
    "llama_vocab_get_attr",
    "llama_vocab_get_text",
    "llama_vocab_is_control",
    "llama_vocab_is_eog",
    "llama_vocab_n_tokens",
)
"""The functions of llama.h that Interfix calls."""

TEXT = "def xy(a):\n    return a + 1\n<|end|>"
TOKENS = (258, 32, 265, 40, 97, 41, 58, 10, 256, 32, 264, 32, 97, 32, 43, 32, 49, 10, 60, 124, 101, 110, 100, 124, 62)
CONTROL_TOKENS = (266,)
PROMPT_TOKENS = 18
"""As many of `TOKENS` are the prompt."""
EXPECTED_TOKENS = (48, 20, 118, 258, 21, 197, 182, 108, 80, 20)
"""What the model writes after them. The second likeliest token is never nearer than 0.58, where builds differ by up to 0.02."""
LOGIT, TOLERANCE = 8.99, 0.2
"""Of the first of those tokens."""


def check_library(native: NativeLibraries) -> AbiCheckResult:
    """Try the library. Raises `AbiMismatchError`; whoever calls this expects that the process may die of it."""
    if missing := [name for name in USED_FUNCTIONS if not has_function(native.llama, name)]:
        raise AbiMismatchError(f"it has no {', '.join(missing)}")
    for function, expected in EXPECTED_DEFAULTS.items():
        _check_defaults(native, function, expected)
    with resources.as_file(resources.files(__package__).joinpath("abi_model.gguf")) as path:
        return _check_model(native, os.fsencode(path))


def _check_defaults(native: NativeLibraries, function: str, expected: dict[str, int | float]) -> None:
    params = getattr(native.llama, function)()
    for name, type_ in params._fields_:
        value = getattr(params, name)
        offset = getattr(type(params), name).offset
        if name in expected:
            if value != expected[name]:
                raise AbiMismatchError(f"{function} has {value!r} where {name} = {expected[name]} should be")
        elif any(ctypes.string_at(ctypes.addressof(params) + offset, ctypes.sizeof(type_))):
            raise AbiMismatchError(f"{function} has a value where the null pointer {name} should be")


def _check_model(native: NativeLibraries, path: bytes) -> AbiCheckResult:
    llama = native.llama
    offload_log = _OffloadLogReader(llama)
    params = llama.llama_model_default_params()
    model = llama.llama_model_load_from_file(path, params)
    if not model:
        raise AbiMismatchError("it cannot load the model it is tried with")
    try:
        vocabulary = llama.llama_model_get_vocab(model)
        for special, expected in ((False, TOKENS), (True, (*TOKENS[:PROMPT_TOKENS], *CONTROL_TOKENS))):
            if (tokens := _tokenize(llama, vocabulary, special=special)) != tuple(expected):
                raise AbiMismatchError(f"it makes the tokens {tokens} of a text whose tokens are {tuple(expected)}")
        written, logit = _generate(llama, model, vocabulary)
    finally:
        llama.llama_model_free(model)
    if written != EXPECTED_TOKENS or abs(logit - LOGIT) > TOLERANCE:
        raise AbiMismatchError(
            f"the model it is tried with writes {written} ({logit:.2f}) with it, not {EXPECTED_TOKENS} ({LOGIT})"
        )
    return AbiCheckResult(offload_log.offloaded_layers, offload_log.gpus)


def _tokenize(llama: Any, vocabulary: object, *, special: bool) -> tuple[int, ...]:
    data = TEXT.encode()
    room = (llama.llama_token * 64)()
    return tuple(room[: max(0, llama.llama_tokenize(vocabulary, data, len(data), room, 64, False, special))])


def _generate(llama: Any, model: object, vocabulary: object) -> tuple[tuple[int, ...], float]:
    """The greedy tokens after the prompt, and the first one's logit."""
    params = llama.llama_context_default_params()
    params.n_ctx = params.n_batch = 128
    params.n_seq_max = 2
    params.kv_unified = True
    params.n_threads = params.n_threads_batch = 1
    context = llama.llama_init_from_model(model, params)
    if not context:
        raise AbiMismatchError("it has no room for the model it is tried with")
    batch = llama.llama_batch_init(128, 0, 1)
    size = int(llama.llama_vocab_n_tokens(vocabulary))
    written: list[int] = []
    first, position, tokens = 0.0, 0, TOKENS[:PROMPT_TOKENS]
    for _ in EXPECTED_TOKENS:
        _fill(batch, tokens, position)
        if llama.llama_decode(context, batch):
            raise AbiMismatchError("it cannot decode")
        position += len(tokens)
        logits = llama.llama_get_logits_ith(context, -1)[:size]
        likeliest = max(range(size), key=logits.__getitem__)
        first = first or logits[likeliest]
        written.append(likeliest)
        tokens = (likeliest,)
    if llama.llama_memory_seq_pos_max(llama.llama_get_memory(context), 1) + 1 != position:
        raise AbiMismatchError("it does not keep the tokens where they were put")
    llama.llama_batch_free(batch)
    llama.llama_free(context)
    return tuple(written), first


def _fill(batch: Any, tokens: Sequence[int], position: int) -> None:
    """In sequence 1: a batch whose fields lie elsewhere would write to another."""
    batch.n_tokens = len(tokens)
    for i, token in enumerate(tokens):
        batch.token[i] = token
        batch.pos[i] = position + i
        batch.n_seq_id[i] = 1
        batch.seq_id[i][0] = 1
        batch.logits[i] = i == len(tokens) - 1


class _OffloadLogReader:
    """Hears from llama.cpp's log how many layers went to which GPUs: no function tells it."""

    def __init__(self, llama: Any) -> None:
        self.offloaded_layers = 0
        self.gpus: tuple[str, ...] = ()
        callback = llama.llama_log_callback(self._handle_log)
        _kept.append(callback)  # llama.cpp holds its address
        llama.llama_log_set(callback, ctypes.c_void_p(0))

    def _handle_log(self, _level: int, text: bytes, _data: object) -> None:
        words = text.decode("utf-8", "replace").split()
        if "offloaded" in words and "GPU" in words:
            self.offloaded_layers = int(words[words.index("offloaded") + 1].partition("/")[0])
        if "using" in words and "device" in words:
            self.gpus = (*self.gpus, words[words.index("device") + 1])


_kept: list[object] = []
