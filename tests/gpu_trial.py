"""A process that computes on the GPU that the environment names, and prints what came of it as JSON.

Arguments: a model file, how many layers go to the GPU (-1: as many as fit), and how many tokens to write.
"""

import json
import sys
import threading
import time

from interfix.engine import compute_devices
from interfix.engine.free_cores import CpuMonitor
from interfix.engine.llama_runtime import AbortFlag, DecodeAborted, LlamaContext, Weights
from interfix.engine.llamacpp.loaded_library import library as chosen
from interfix.engine.runtime_config import RuntimeConfig

PROMPT = "def probe(value):\n    return value\n"


def generate_tokens(context: LlamaContext, tokens: list[int], count: int) -> list[int]:
    """The greedy tokens after a prompt, in sequence 0."""
    answer: list[int] = []
    for _ in range(count):
        context.decode(tokens, context.find_end(0), 0)
        tokens = [int(context.read_logits().argmax())]
        answer += tokens
    return answer


def main(model: str, layers: str, count: str) -> None:
    """Load, write, cancel, cut and shift."""
    weights, abort = Weights(model, RuntimeConfig(gpu_layers=int(layers))), AbortFlag()
    context = weights.create_context(2048, 2, CpuMonitor(2), abort)
    tokens = weights.vocabulary.encode(PROMPT)
    first = generate_tokens(context, tokens, int(count))
    context.truncate(0, 0)
    threading.Timer(0.05, abort.set).start()
    began, aborted = time.monotonic(), False
    try:
        while context.find_end(0) + 512 < context.tokens and time.monotonic() < began + 60:
            context.decode((tokens * 64)[:512], context.find_end(0), 0)
    except DecodeAborted:
        aborted = True
    end = context.find_end(0)
    abort.set()
    time.sleep(0.1)
    abort.clear()
    context.truncate(0, 0)
    again = generate_tokens(context, tokens, int(count))
    print(
        json.dumps(
            {
                "variant": chosen.variant,
                "gpus": [device.name for device in compute_devices.list_devices() if device.gpu],
                "free": compute_devices.count_free_gpu_memory(compute_devices.list_devices()),
                "layers": weights.gpu_layers,
                "cache_on_gpu": weights.cache_on_gpu,
                "written": first,
                "aborted": aborted,
                "whole_steps": end % 128 == 0,
                "same_after": first == again,
                "passed_over": chosen.passed_over,
            }
        )
    )
    context.close()
    weights.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
