"""How a model is run: what tuning chooses for this machine, and what is used where it has not."""

from typing import Literal

import msgspec

BATCH_TOKENS = 512
"""Most tokens that one call to llama.cpp takes."""
OUTPUT_TOKENS = 64
"""Most tokens of them whose logits can be read: of every one, llama.cpp would keep 300 MB a context for a vocabulary of 150,000."""


class RuntimeConfig(msgspec.Struct, frozen=True):
    """Everything that decides how fast a model computes, and none of what it says, but for the weights."""

    weights: str = ""
    """The file that is loaded, made from the model's own by requantising it; empty: the model's own."""
    quantisation: str = ""
    """How its weights are stored, such as Q4_0; empty where it is the model's own file."""
    threads: int = 0
    """Most threads that compute. 0: one a physical core."""
    micro_batch: int = BATCH_TOKENS
    """Most tokens that llama.cpp computes at once."""
    flash_attention: bool | None = None
    """None: off on a CPU, where a keystroke's few tokens take up to four times as long with it; llama.cpp's choice on a GPU."""
    kv_type: Literal["f16", "q8_0"] = "f16"
    """How the KV cache is stored; q8_0 needs flash attention."""
    extra_buffers: bool = True
    """Repack weights for the processor's matrix kernels."""
    gpu_layers: int = -1
    """Layers on a GPU where the build has one. -1: as many as fit."""
